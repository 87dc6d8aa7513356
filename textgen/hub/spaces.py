"""Spaces on the Hugging Face Hub: opened, given hardware and variables, whatever they run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textgen.errors import HubError
from textgen.hub.client import client
from textgen.hub.commits import BranchHead
from textgen.hub.errors import translate_hub_errors

ACCOUNT_HINT = (
    "As of August 2026 a Gradio Space on CPU hardware needs a PRO or Team account; a free account "
    "may have two on ZeroGPU: --hardware zero-a10g."
)
MAX_DESCRIPTION = 60  # characters that the Hub takes


def check_hardware(hardware: str | None) -> None:
    """Raise HubError unless the Hub has hardware of this name; None is its choice."""
    from huggingface_hub import SpaceHardware

    known = [flavor.value for flavor in SpaceHardware]
    if hardware is not None and hardware not in known:
        raise HubError(f"Unknown hardware {hardware!r}: choose one of {', '.join(known)}.")


def space_url(space_id: str) -> str:
    """Return the address of a Space's page."""
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
    """Return where a Space stands, created or given its hardware.

    Args:
        space_id: "user/name".
        private: create it private; True also refuses one that exists and is public.
        hardware: the Hub's name of it; None for the present, of a new Space the Hub's choice.
        app_file: what the Space runs.
        ours: a file that tells an app of ours; a Space with an app of somebody else is refused.
        token: default the one `hf auth login` stored.

    Raises:
        HubError: the Space cannot be had, is public, or runs another app.
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
            f"The Space {space_id} holds another app; nothing was sent. Choose another name, or "
            f"delete that {app_file} on the Hub."
        )
    if hardware is not None and not is_new:
        with translate_hub_errors(space_id, None, account_hint=ACCOUNT_HINT):
            api.request_space_hardware(space_id, hardware)
    return BranchHead(space_id, str(info.sha), names, repo_type="space")


def set_variable(space_id: str, name: str, value: str, *, token: str | bool | None) -> None:
    """Give a Space a variable, or take it away where the value is empty.

    One that is right already is left alone: every change restarts the Space.

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
    """Return whether a model repository can be read with a token only.

    Args:
        repo_id: "user/name".
        revision: branch, tag or commit; None for the main branch.
        required: a file without which the repository is not what is looked for.
        token: default the one `hf auth login` stored.

    Raises:
        HubError: there is no such repository, or it lacks the file.
    """
    api = client(token)
    with translate_hub_errors(repo_id, revision):
        info = api.model_info(repo_id, revision=revision)
    if required not in {file.rfilename for file in info.siblings or ()}:
        raise HubError(f"{repo_id} is not a timeline: it holds no {required}.")
    return bool(info.private or info.gated)


def space_card(text: str, fields: Mapping[str, Any]) -> bytes:
    """Return a README whose front matter has these fields; None takes one away."""
    from huggingface_hub import SpaceCard

    card: Any = SpaceCard(text)
    description = card.data.get("short_description", "")
    if len(description) > MAX_DESCRIPTION:
        raise HubError(
            f"The short_description of README.md has {len(description)} characters, and the Hub "
            f"takes {MAX_DESCRIPTION}: shorten it."
        )
    for name, value in fields.items():
        setattr(card.data, name, value)
    return str(card).encode()
