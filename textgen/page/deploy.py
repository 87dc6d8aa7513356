"""Deploys the app to a Hugging Face Space: chooses the files, and writes the Space's settings.

Only files that are listed here and known to git ever leave the clone: no secrets, no drafts.
"""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from textgen.errors import HubError
from textgen.hub.client import check_repo_id
from textgen.hub.commits import push
from textgen.hub.spaces import (
    check_hardware,
    needs_token,
    open_space,
    set_variable,
    space_card,
    space_url,
)
from textgen.manifest.paths import MANIFEST
from textgen.timeline.bundled import BUNDLED, bundled_timelines
from textgen.timeline.timeline import Timeline
from textgen.version import __version__

MODELS = "TEXTGEN_MODELS"
"""The environment variable that lists the models for the app."""

_CLONE = Path(__file__).resolve().parents[2]
_PROJECT = "pyproject.toml"
_README = Path(__file__).with_name("space_readme.md")
_FILES = ("LICENSE", "app.py", "model_card.md", _PROJECT, "train.py")
# A deploy deletes what an earlier one left here. Release 0.1 put textgen/web/ in web/.
_OURS = ("textgen/", "web/", "pretrained/")
_MODEL = re.compile(r"([^@]*)(?:@([^\s,]+))?")  # TEXTGEN_MODELS separates models by commas


@dataclass(frozen=True)
class Deployment:
    """The result of a deploy.

    Args:
        address: the URL of the Space on the Hub.
        commit: the URL of the new commit, or of the latest one if nothing had changed.
        hidden: the private and gated models, which the Space can read only with a token.
    """

    address: str
    commit: str
    hidden: tuple[str, ...]


def deploy(
    space_id: str,
    *,
    models: Sequence[str] = (),
    private: bool = False,
    hardware: str | None = None,
    title: str | None = None,
    token: str | bool | None = None,
) -> Deployment:
    """Deploy the app in this clone to a Space in one commit, and create the Space if needed.

    The commit deletes files under textgen/ and pretrained/ that an earlier deploy left and this
    one does not send. It keeps every other file of the Space's owner.

    Args:
        space_id: "user/name".
        models: timelines on the Hub to show, each "user/name" or "user/name@revision". By default
            the Space shows the timelines in the clone's pretrained/, and the commit includes them.
        private: create the Space as private; if the Space exists and is public, raise an error.
        hardware: the Hub's name for the Space's hardware. By default an existing Space keeps its
            hardware and the Hub chooses for a new one.
        title: the Space's title; default "Watch a network learn to write".
        token: default the token that `hf auth login` stored. It is never sent to the Space.

    Raises:
        HubError: this is not a clone, or its Gradio is not the pinned one; a model or the Space is
            missing or not accessible; the Hub refuses or is unreachable. Nothing is committed.
        TimelineError: a timeline in pretrained/ is damaged.

    Example:
        deploy("USER/watch-it-write", models=["USER/my-book"], hardware="zero-a10g").address
    """
    check_repo_id(space_id, "Space")
    check_hardware(hardware)
    sources = [_parse(model) for model in models]
    files: dict[str, Path | bytes] = dict(_files(bundled=not sources))
    files["README.md"] = _readme(space_id, [repo_id for repo_id, _ in sources], title)
    files["requirements.txt"] = "\n".join([*_dependencies(), ""]).encode()
    hidden = [
        repo_id
        for repo_id, revision in sources
        if needs_token(repo_id, revision, required=MANIFEST, token=token)
    ]
    head = open_space(
        space_id,
        private=private,
        hardware=hardware,
        app_file="app.py",
        ours="textgen/__init__.py",
        token=token,
    )
    set_variable(space_id, MODELS, ",".join(models), token=token)
    commit = push(
        head,
        files,
        delete=_OURS,
        message=f"textgen {__version__}, showing {', '.join(models) or 'pretrained/'}",
        token=token,
    )
    return Deployment(space_url(space_id), commit, tuple(dict.fromkeys(hidden)))


def _parse(model: str) -> tuple[str, str | None]:
    """Split a model's name, as `app.py` accepts it, into repository and revision."""
    match = _MODEL.fullmatch(model)
    if match is None:
        raise HubError(
            f"Invalid model {model!r}. Give user/name or user/name@revision; the revision has no "
            "spaces or commas."
        )
    check_repo_id(match[1])
    return match[1], match[2]


def _files(*, bundled: bool) -> dict[str, Path]:
    """Map paths in the Space to the clone's files, all but the two that are written for the Space.

    Args:
        bundled: whether to include the timelines in pretrained/.
    """
    if not (_CLONE / "app.py").is_file():
        raise HubError(
            f"There is no app.py beside {_CLONE / 'textgen'}. Deploying needs a clone of the "
            "repository; run this command in one."
        )
    files = [_CLONE / name for name in _FILES]
    for package in sorted(_CLONE.glob("textgen/**/__init__.py")):
        files += sorted(package.parent.glob("*.py"))
    for pattern in ("textgen/web/*.css", "textgen/web/*.js"):
        files += sorted(_CLONE.glob(pattern))
    directories = bundled_timelines() if bundled else []
    if bundled and not directories:
        raise HubError(f"There is no timeline in {BUNDLED}; name one with --model.")
    for directory in directories:
        timeline = Timeline.from_pretrained(directory)
        timeline.verify()
        files += timeline.files().values()
    known = _known_to_git()
    for file in files:
        if known is not None and file.relative_to(_CLONE).as_posix() not in known:
            raise HubError(
                f"{file} is not tracked by git, so it may be a draft or a secret and is not sent. "
                "Add it to git, or move it out of the clone."
            )
        if not file.is_file() or file.resolve() != file:
            raise HubError(
                f"{file} is missing or a link. Only plain files in the clone are sent; replace the "
                "link with the file."
            )
    return {file.relative_to(_CLONE).as_posix(): file for file in files}


def _known_to_git() -> set[str] | None:
    """Return the paths that git tracks in the clone; None if the clone has no .git."""
    if not (_CLONE / ".git").exists():
        return None
    try:
        listed = subprocess.run(  # noqa: S603
            ["git", "-C", str(_CLONE), "ls-files", "-z"],  # noqa: S607
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise HubError(f"git cannot list its files in {_CLONE}: {error}") from error
    return set(listed.stdout.decode(errors="surrogateescape").split("\0"))


def _readme(space_id: str, models: Sequence[str], title: str | None) -> bytes:
    """Return the Space's README, with its settings in the front matter."""
    fields = {"sdk_version": _gradio_version(), "models": list(dict.fromkeys(models)) or None}
    if title:
        fields["title"] = title
    text = _README.read_text(encoding="utf-8")
    return space_card(text.replace("SPACE_ID", space_id), fields)


def _dependencies() -> list[str]:
    """Return what the app needs; the Space has no use for what only training needs."""
    project = tomllib.loads((_CLONE / _PROJECT).read_text(encoding="utf-8"))["project"]
    dependencies: list[str] = project["dependencies"]
    return dependencies


def _gradio_version() -> str:
    """Return the Gradio version that is both installed here and pinned for the Space."""
    pins = [name.partition("==")[2] for name in _dependencies() if name.startswith("gradio==")]
    pinned = pins[0] if pins else "no version"
    try:
        installed = version("gradio")
    except PackageNotFoundError:
        installed = "none"
    if installed != pinned:
        raise HubError(
            f"Gradio {installed} is installed here, but {_PROJECT} pins {pinned}, so the Space "
            "would run a version you have not tried. Run 'pip install -e .', or pin the installed "
            "version."
        )
    return installed
