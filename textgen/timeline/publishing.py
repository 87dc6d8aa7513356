"""What of a timeline goes to the Hub, and the card that goes with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from textgen.errors import TimelineError
from textgen.hub.commits import BranchHead, push, read_file
from textgen.manifest import card
from textgen.manifest.paths import (
    CARD,
    CORPUS_INDEX,
    HISTORY,
    MANIFEST,
    PICTURE,
    ROOT_WEIGHTS,
    SNAPSHOTS,
    TRANSCRIPT,
)
from textgen.manifest.schema import Manifest
from textgen.manifest.transcript import history, transcript


def publish(
    manifest: Manifest,
    files: Mapping[str, Path],
    head: BranchHead,
    *,
    message: str | None = None,
    token: str | bool | None = None,
    revision: str | None = None,
    create_pr: bool = False,
) -> str:
    """Publish a timeline as one commit onto what a branch holds, and return where it is.

    Snapshots and index of an earlier timeline there are deleted where this one lacks them. A card
    that somebody wrote or edited, here or there, is kept; the one there goes first.

    Args:
        manifest: of the timeline.
        files: path in the timeline → file, as `Timeline.files` gives them; training may go on.
        head: what the branch holds.
        message: of the commit; default says how far training is, and how good.
        token, revision, create_pr: see `Timeline.push_to_hub`.

    Raises:
        HubError: the Hub refuses or cannot be reached.
    """
    # Snapshots stay as they are. What else training replaces is made from the manifest, so that it
    # is of the same moment, but for the picture, which may be a snapshot ahead.
    content: dict[str, Path | bytes] = {
        **files,
        MANIFEST: manifest.to_json(),
        ROOT_WEIGHTS: files[manifest.best.file],
        TRANSCRIPT: transcript(manifest).encode(),
        HISTORY: history(manifest).encode(),
    }
    if PICTURE in files:
        content[PICTURE] = _read(files[PICTURE])
    if (written := _card(manifest, files.get(CARD), head, token)) is not None:
        content[CARD] = written
    else:
        content.pop(CARD, None)
    return push(
        head,
        content,
        sha256={snapshot.file: snapshot.sha256 for snapshot in manifest.snapshots},
        delete=(SNAPSHOTS, CORPUS_INDEX),
        message=message or _describe(manifest),
        token=token,
        revision=revision,
        create_pr=create_pr,
    )


def _card(
    manifest: Manifest, local: Path | None, head: BranchHead, token: str | bool | None
) -> bytes | None:
    """Return the card to publish, None where the one there is somebody's."""
    published = read_file(head, CARD, token=token)
    if published is not None and card.is_edited(published.decode("utf-8", "replace")):
        return None
    mine = None if local is None else _read(local)
    if mine is not None and card.is_edited(mine.decode("utf-8", "replace")):
        return mine
    return card.render(manifest, head.repo_id).encode()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TimelineError(f"Cannot read {path}: {error.strerror}.") from error


def _describe(manifest: Manifest) -> str:
    best, last = manifest.best, manifest.snapshots[-1]
    if manifest.finished:
        return (
            f"{manifest.name}: {len(manifest.snapshots)} snapshots, best {best.val_loss:.4f} nats "
            f"per character at epoch {best.label}"
        )
    return (
        f"{manifest.name}: up to epoch {last.label} of {manifest.training.epochs}, "
        f"{last.val_loss:.4f} nats per character"
    )
