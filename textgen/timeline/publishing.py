"""Publishing a timeline and its model card to the Hub."""

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
    """Publish a timeline as one commit on a branch, and return its URL.

    The commit deletes snapshots and an index left by an earlier timeline in the repository. A model
    card that somebody edited is kept: the one on the Hub if it was edited, else the local one.

    Args:
        manifest: of the timeline.
        files: path in the timeline → file, as returned by `Timeline.files`. Training may still be
            running.
        head: the branch's latest commit.
        message: commit message; by default, training progress and validation loss.
        token, revision, create_pr: see `Timeline.push_to_hub`.

    Raises:
        HubError: the Hub refuses or cannot be reached.
    """
    # Training never changes a snapshot once saved, but may replace other files meanwhile. Those are
    # made from the manifest, so that they match it. Only the picture may be one snapshot ahead.
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
    """Return the model card to publish, or None to keep an edited one on the Hub."""
    published = read_file(head, CARD, token=token)
    if published is not None and card.is_edited(published.decode("utf-8", "replace")):
        return None
    own = None if local is None else _read(local)
    if own is not None and card.is_edited(own.decode("utf-8", "replace")):
        return own
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
            f"{manifest.name}: {len(manifest.snapshots)} snapshots, best validation loss "
            f"{best.val_bits_per_char:.3f} bits per character at epoch {best.label}"
        )
    return (
        f"{manifest.name}: epoch {last.label} of {manifest.training.epochs}, validation loss "
        f"{last.val_bits_per_char:.3f} bits per character"
    )
