"""Creates and configures Spaces on the Hugging Face Hub, whatever app they run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textgen.checks import did_you_mean
from textgen.errors import HubError
from textgen.hub.client import client
from textgen.hub.commits import BranchHead
from textgen.hub.errors import translate_hub_errors

ACCOUNT_HINT = (
    "As of August 2026 a Gradio Space on CPU hardware needs a PRO or Team account; a free account "
    "may have two on ZeroGPU: --hardware zero-a10g."
)
MAX_DESCRIPTION = 60  # the Hub's limit, in characters


def check_hardware(hardware: str | None) -> None:
    """Raise HubError unless this is the name of the Hub's hardware; None leaves it to the Hub."""
    from huggingface_hub import SpaceHardware

    known = [flavor.value for flavor in SpaceHardware]
    if hardware is not None and hardware not in known:
        raise HubError(
            f"Unknown hardware {hardware!r}. Choose one of {', '.join(known)}"
            f"{did_you_mean(hardware, known) or '.'}"
        )


def space_url(space_id: str) -> str:
    """Return the URL of a Space."""
    from huggingface_hub import constants

    return f"{constants.ENDPOINT}/spaces/{space_id}"


def open_space(
    space_id: str,
    *,
    private: bool,
    hardware: str | None,
    app_file: str,
    ours: str,
    token: str | bool | None,
) -> BranchHead:
    """Create a Space or request hardware for an existing one, and return its newest commit.

    Args:
        space_id: "user/name".
        private: True creates a private Space, and refuses an existing public one.
        hardware: the Hub's name of the hardware. None keeps the hardware of an existing Space and
            leaves that of a new one to the Hub.
        app_file: the file that the Space runs.
        ours: a file that every Space of ours has. A Space with `app_file` but without this file
            runs somebody else's app and is refused.
        token: the default is the one that `hf auth login` stored.

    Raises:
        HubError: the Space cannot be created or read, is public, or runs another app.
    """
    api = client(token)
    with translate_hub_errors(space_id, None, account_hint=ACCOUNT_HINT):
        is_new = not api.repo_exists(space_id, repo_type="space")
        if is_new:
            api.create_repo(
                space_id,
                repo_type="space",
                space_sdk="gradio",
                space_hardware=hardware,
                private=private or None,
            )
        info = api.space_info(space_id)
    names = frozenset(file.rfilename for file in info.siblings or ())
    if private and not info.private:
        raise HubError(
            f"The Space {space_id} exists and is public; nothing was sent. Make it private in its "
            "settings on the Hub, or choose another name."
        )
    if app_file in names and ours not in names:
        raise HubError(
            f"The Space {space_id} runs another app; nothing was sent. Choose another name, or "
            f"delete its {app_file} on the Hub."
        )
    if hardware is not None and not is_new:
        with translate_hub_errors(space_id, None, account_hint=ACCOUNT_HINT):
            api.request_space_hardware(space_id, hardware)
    return BranchHead(space_id, str(info.sha), names, repo_type="space")


def set_variable(space_id: str, name: str, value: str, *, token: str | bool | None) -> None:
    """Set a variable of a Space, or delete it if the value is empty.

    A variable that already has the value is not set again, since every change restarts the Space.

    Raises:
        HubError: the Hub refuses or cannot be reached.
    """
    api = client(token)
    with translate_hub_errors(space_id, None):
        variable = api.get_space_variables(space_id).get(name)
        if value and (variable is None or variable.value != value):
            api.add_space_variable(space_id, name, value)
        elif variable is not None and not value:
            api.delete_space_variable(space_id, name)


def needs_token(
    repo_id: str, revision: str | None, *, required: str, token: str | bool | None
) -> bool:
    """Return whether a token is needed to read a model repository.

    Args:
        repo_id: "user/name".
        revision: branch, tag or commit; None for the main branch.
        required: a file that the repository must have.
        token: the default is the one that `hf auth login` stored.

    Raises:
        HubError: there is no such repository, or it lacks the file.
    """
    api = client(token)
    with translate_hub_errors(repo_id, revision):
        info = api.model_info(repo_id, revision=revision)
    if required not in {file.rfilename for file in info.siblings or ()}:
        raise HubError(f"{repo_id} is not a timeline: it has no {required}.")
    return bool(info.private or info.gated)


def space_card(text: str, fields: Mapping[str, Any]) -> bytes:
    """Return a README with these fields set in its front matter; None removes a field.

    Raises:
        HubError: the short description is longer than `MAX_DESCRIPTION` characters.
    """
    from huggingface_hub import SpaceCard

    card: Any = SpaceCard(text)
    description = card.data.get("short_description", "")
    if len(description) > MAX_DESCRIPTION:
        raise HubError(
            f"The short_description of README.md has {len(description)} characters; the Hub "
            f"accepts at most {MAX_DESCRIPTION}. Shorten it."
        )
    for name, value in fields.items():
        setattr(card.data, name, value)
    return str(card).encode()
