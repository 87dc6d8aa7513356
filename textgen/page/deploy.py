"""The app to a Hugging Face Space: which files are sent there, and what the Space is told.

Only what is listed here, and git knows, ever leaves the clone: no secret, nothing unfinished.
"""

from __future__ import annotations

import re
import subprocess
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
from textgen.timeline.timeline import Timeline
from textgen.version import __version__

MODELS = "TEXTGEN_MODELS"
"""The variable by which the app is told its models."""

_CLONE = Path(__file__).resolve().parents[2]
_README = "README.md"
_REQUIREMENTS = "requirements.txt"
_FILES = (
    "LICENSE",
    "app.py",
    "benchmarks/training.png",  # the README shows it
    "model_card.md",
    "pictures/learning.webp",  # and these
    "pictures/page.png",
    "pictures/phone.png",
    "pyproject.toml",
    _REQUIREMENTS,
    "train.py",
)
# What a deploy deletes where it is no part of it; web/ is where release 0.1 had textgen/web/.
_OURS = ("textgen/", "web/", "pretrained/")
_MODEL = re.compile(r"([^@]*)(?:@([^\s,]+))?")  # TEXTGEN_MODELS separates by commas


@dataclass(frozen=True)
class Deployment:
    """What a deploy did.

    Args:
        address: of the Space's page on the Hub.
        commit: the address of the commit, of the newest where nothing had changed.
        hidden: the models that the Space sees only with a token, private and gated ones.
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
    """Put the page of this clone into a Space, created where it is missing, as one commit.

    Files under textgen/ and pretrained/ that an earlier deploy left and that are no part of
    this one are deleted by the commit; every other file of the Space's owner stays.

    Args:
        space_id: "user/name".
        models: timelines on the Hub that the page shows, "user/name" or "user/name@revision";
            default those in the clone's pretrained/, which then go along.
        private: create the Space private; True also refuses one that exists and is public.
        hardware: the Hub's name of what the Space runs on; default its present one, for a new
            Space the Hub's choice.
        title: of the Space; default the README's.
        token: default the one `hf auth login` stored. It is never sent to the Space.

    Raises:
        HubError: this is no clone, or not as the Space would run it; a model or the Space cannot
            be had; the Hub refuses or cannot be reached. Nothing is committed then.
        TimelineError: a timeline in pretrained/ is not whole.

    Example:
        deploy("USER/watch-it-write", models=["USER/my-book"], hardware="zero-a10g").address
    """
    check_repo_id(space_id)
    check_hardware(hardware)
    sources = [_parse(model) for model in models]
    files: dict[str, Path | bytes] = dict(_files(bundled=not sources))
    files[_README] = _readme([repo_id for repo_id, _ in sources], title)
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
    """Return repository and revision of a name as `app.py` takes it."""
    match = _MODEL.fullmatch(model)
    if match is None:
        raise HubError(
            f"Invalid model {model!r}: a model has the form user/name or user/name@revision, "
            "with no space or comma in the revision."
        )
    check_repo_id(match[1])
    return match[1], match[2]


def _files(*, bundled: bool) -> dict[str, Path]:
    """Return path in the Space → file, of all but the README.

    Args:
        bundled: whether the timelines of pretrained/ go along.
    """
    if not (_CLONE / "app.py").is_file():
        raise HubError(
            f"There is no app.py beside {_CLONE / 'textgen'}: a Space is made from a clone of the "
            "repository; run this command in one."
        )
    files = [_CLONE / name for name in _FILES]
    for package in sorted(_CLONE.glob("textgen/**/__init__.py")):
        files += sorted(package.parent.glob("*.py"))
    for pattern in ("textgen/web/*.css", "textgen/web/*.js"):
        files += sorted(_CLONE.glob(pattern))
    manifests = sorted(_CLONE.glob(f"pretrained/*/{MANIFEST}")) if bundled else []
    if bundled and not manifests:
        raise HubError(f"There is no timeline in {_CLONE / 'pretrained'}: name one by --model.")
    for manifest in manifests:
        timeline = Timeline.from_pretrained(manifest.parent)
        timeline.verify()
        files += timeline.files().values()
    known = _known_to_git()
    for file in files:
        if known is not None and file.relative_to(_CLONE).as_posix() not in known:
            raise HubError(
                f"{file} is unknown to git, and nothing unfinished or secret is sent: add it, or "
                "move it out of the clone."
            )
        if not file.is_file() or file.resolve() != file:
            raise HubError(
                f"{file} is missing or a link, and only plain files of the clone are sent: put "
                "the file itself there."
            )
    return {file.relative_to(_CLONE).as_posix(): file for file in files}


def _known_to_git() -> set[str] | None:
    """Return the paths in the clone that git knows, None where it is a copy without git."""
    if not (_CLONE / ".git").exists():
        return None
    try:
        listed = subprocess.run(  # noqa: S603
            ["git", "-C", str(_CLONE), "ls-files", "-z"],  # noqa: S607
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise HubError(f"git does not tell which files of {_CLONE} it knows: {error}") from error
    return set(listed.stdout.decode(errors="surrogateescape").split("\0"))


def _readme(models: Sequence[str], title: str | None) -> bytes:
    """Return the README with the Space's settings in its front matter."""
    fields = {"sdk_version": _gradio_version(), "models": list(dict.fromkeys(models)) or None}
    if title:
        fields["title"] = title
    return space_card((_CLONE / _README).read_text(encoding="utf-8"), fields)


def _gradio_version() -> str:
    """Return the version of Gradio that is installed here and pinned for the Space."""
    pin = re.search(r"^gradio==(\S+)", (_CLONE / _REQUIREMENTS).read_text("utf-8"), re.MULTILINE)
    pinned = pin[1] if pin else "none"
    try:
        installed = version("gradio")
    except PackageNotFoundError:
        installed = "none"
    if pin is None or installed != pinned:
        raise HubError(
            f"Gradio {installed} is installed here, and {_REQUIREMENTS} pins {pinned}: a Space "
            f"would run what was not tried. Run 'pip install -r {_REQUIREMENTS}', or pin what is "
            "installed."
        )
    return installed
