"""Repository names, tokens and the client, for all modules that use the Hugging Face Hub.

Functions import `huggingface_hub` when they need it: the import takes longer than loading a model,
and a local timeline does not need it.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any, Literal

from textgen.errors import HubError
from textgen.hub.errors import translate_hub_errors
from textgen.version import __version__

LIBRARY = "textgen"
"""The name of this library in the Hub's statistics."""


def check_repo_id(repo_id: str, kind: Literal["repository", "Space"] = "repository") -> None:
    """Raise HubError unless `repo_id` has the Hub's form "user/name".

    Args:
        repo_id: the name to check.
        kind: what to call it in the message.
    """
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

    form = "USER/SPACE" if kind == "Space" else "USER/REPO"
    try:
        validate_repo_id(repo_id)
        if repo_id.count("/") != 1:
            raise HFValidationError("it must contain exactly one slash")
    except HFValidationError as error:
        raise HubError(
            f"Invalid {kind} name {repo_id!r}. Give {form}, at most 96 characters: letters, "
            "digits, '-', '_' and '.'. It must not start or end with '-' or '.', contain '--' or "
            "'..', or end with '.git'."
        ) from error


def client(token: str | bool | None = None) -> Any:
    """Return a Hub client that requires a token, since nothing can be published without one.

    Args:
        token: the default is the one that `hf auth login` stored.
    """
    from huggingface_hub import HfApi

    return HfApi(
        token=True if token is None else token,
        library_name=LIBRARY,
        library_version=__version__,
    )


def check_access(token: str | bool | None = None) -> str:
    """Return the user a token belongs to, to find out before a long run whether it works.

    Args:
        token: the default is the one that `hf auth login` stored.

    Raises:
        HubError: there is no token, or the Hub refuses it or cannot be reached.
    """
    api = client(token)
    with translate_hub_errors("", None):
        user = api.whoami()
    return str(user["name"])


@contextlib.contextmanager
def progress_bars() -> Iterator[None]:
    """Show the client's progress bars only on a terminal; in a log they bury the messages."""
    from huggingface_hub.utils.tqdm import disable_progress_bars

    with contextlib.nullcontext() if sys.stderr.isatty() else disable_progress_bars():
        yield


def card_metadata(**fields: Any) -> str:
    """Return the metadata of a model card as YAML.

    Args:
        fields: those of `ModelCardData`; also `results`, a list of mappings with the fields of
            `EvalResult`.
    """
    from huggingface_hub import EvalResult, ModelCardData

    results = [EvalResult(**result) for result in fields.pop("results", [])]
    return str(ModelCardData(eval_results=results or None, **fields).to_yaml()).strip()
