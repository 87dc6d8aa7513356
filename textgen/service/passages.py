"""What the page shows of timelines: passages and snapshots as data, a model's summary as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from textgen.manifest.schema import Manifest, Snapshot
from textgen.service.request import Request
from textgen.service.wire import Continuation, Passage, SnapshotSummary
from textgen.timeline.timeline import Timeline


def passage(
    request: Request, prompt: str, notes: Sequence[str], texts: Mapping[int, Continuation]
) -> Passage:
    """Return the answer to a request, for the page to draw.

    Args:
        request: what is answered.
        prompt: what was made of its seed text.
        notes: what to tell of that.
        texts: by training step, what the snapshot wrote.
    """
    title = (
        f"“{prompt.strip()[:40]}” · {request.length:,} characters, temperature "
        f"{request.temperature:g}, dice {request.seed}"
    )
    return {
        "question": request.question,
        "link": request.link(),
        "title": title,
        "prompt": prompt,
        "notes": " ".join(notes),
        "texts": {str(step): text for step, text in texts.items()},
    }


def snapshots(timeline: Timeline) -> list[SnapshotSummary]:
    """Return what the learning curve and the cards say of each snapshot, in order."""
    return [
        {
            "step": snapshot.step,
            "label": snapshot.label,
            "description": how_far_trained(snapshot),
            "bits": round(snapshot.val_bits_per_char, 3),
            "best": snapshot is timeline.best,
        }
        for snapshot in timeline.snapshots
    ]


def how_far_trained(snapshot: Snapshot) -> str:
    """Return in words how far training had come at a snapshot."""
    if snapshot.step == 0:
        return "before reading anything"
    if snapshot.epoch < 1:
        return f"after {100 * snapshot.epoch:.2g} % of one reading"
    return f"after {snapshot.label} reading{'' if snapshot.label == '1' else 's'}"


def model_summary(timeline: Timeline) -> str:
    """Return one paragraph of HTML on what the model is; all that it is told of is escaped."""
    manifest = timeline.manifest
    seconds = manifest.snapshots[-1].seconds
    time = f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"
    return (
        f"<p class='lead'>It read one text, <b>{escape(manifest.corpus.name)}</b>, a character at "
        f"a time, again and again. Snapshots of it were taken {len(manifest.snapshots)} times, "
        "the first before it had read anything. Every one gets the same opening and the same dice: "
        f"only the learning differs.{_progress(manifest)}</p>"
        f"<p class='facts'>{manifest.model.parameters:,} weights · trained {time} on "
        f"{escape(manifest.device)} · knows {manifest.model.vocab_size} characters</p>"
    )


def _progress(manifest: Manifest) -> str:
    if manifest.finished:
        return ""
    return (
        f" <b>Training has come to epoch {escape(manifest.snapshots[-1].label)} of "
        f"{manifest.training.epochs}</b>; new snapshots appear here as they come."
    )
