"""What all that speaks to the Hugging Face Hub shares: names, tokens, the client itself.

`huggingface_hub` is imported where it is needed: it takes longer than loading a model, and a local
timeline does without.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from textgen.errors import HubError
from textgen.hub.errors import translate_hub_errors
from textgen.version import __version__

LIBRARY = "textgen"
"""How the Hub's statistics call us."""


def check_repo_id(repo_id: str) -> None:
    """Raise HubError unless `repo_id` has the Hub's form "user/name"."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

    try:
        validate_repo_id(repo_id)
        if repo_id.count("/") != 1:
            raise HFValidationError("one slash is missing")
    except HFValidationError as error:
        raise HubError(
            f"Invalid repository name {repo_id!r}: a name has the form user/name, of letters, "
            "digits, '-', '_' and '.', neither starting nor ending with '-' or '.', without '--' "
            "and '..', not ending in '.git', with at most 96 characters."
        ) from error


def client(token: str | bool | None = None) -> Any:
    """Return a client that is logged in, or asks for it: nothing is published without a token."""
    from huggingface_hub import HfApi

    return HfApi(
        token=True if token is None else token,
        library_name=LIBRARY,
        library_version=__version__,
    )


def check_access(token: str | bool | None = None) -> str:
    """Return the user a token belongs to, so that a long run fails before it starts, not after.

    Raises:
        HubError: there is no token, the Hub refuses it or cannot be reached.
    """
    api = client(token)
    with translate_hub_errors("", None):
        user = api.whoami()
    return str(user["name"])


@contextlib.contextmanager
def progress_bars() -> Iterator[None]:
    """Show the client's progress bars to people only: elsewhere they bury what is said."""
    from huggingface_hub.utils.tqdm import disable_progress_bars

    with contextlib.nullcontext() if sys.stderr.isatty() else disable_progress_bars():
        yield


def card_metadata(**fields: Any) -> str:
    """Return a model card's metadata as YAML; the fields are those of `ModelCardData`.

    `results` may hold metrics as mappings of `EvalResult`'s fields.
    """
    from huggingface_hub import EvalResult, ModelCardData

    results = [EvalResult(**result) for result in fields.pop("results", [])]
    return str(ModelCardData(eval_results=results or None, **fields).to_yaml()).strip()
