"""What of a timeline goes to the Hub, and the card that goes with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from textgen import card, upload
from textgen.layout import CARD, CORPUS_INDEX, FOR_READERS, MANIFEST, ROOT_WEIGHTS, SNAPSHOTS
from textgen.manifest import Manifest
from textgen.upload import Head


def publish(
    manifest: Manifest,
    files: Mapping[str, Path],
    head: Head,
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
    content: dict[str, Path | bytes] = dict(files)
    # Snapshots stay as they are; what else training may replace is read once, or made from what
    # the manifest says.
    content |= {name: files[name].read_bytes() for name in FOR_READERS if name in files}
    content[MANIFEST] = manifest.to_json()
    content[ROOT_WEIGHTS] = files[manifest.best.file]
    published, local = upload.read_file(head, CARD, token=token), content.pop(CARD, None)
    if published is None or not card.is_edited(published.decode("utf-8", "replace")):
        edited = isinstance(local, bytes) and card.is_edited(local.decode("utf-8", "replace"))
        content[CARD] = local if local and edited else card.render(manifest, head.repo_id).encode()
    return upload.push(
        head,
        content,
        sha256={snapshot.file: snapshot.sha256 for snapshot in manifest.snapshots},
        delete=(SNAPSHOTS, CORPUS_INDEX),
        message=message or _describe(manifest),
        token=token,
        revision=revision,
        create_pr=create_pr,
    )


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
