"""What the page shows of a timeline: passages and snapshots as data, a summary as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from textgen.manifest.records import Snapshot
from textgen.manifest.schema import Manifest
from textgen.service.request import Request
from textgen.service.wire import Continuation, Passage, SnapshotSummary
from textgen.timeline.timeline import Timeline


def passage(
    request: Request, prompt: str, notes: Sequence[str], texts: Mapping[int, Continuation]
) -> Passage:
    """Return the answer to a request, as the page draws it.

    Args:
        request: the request.
        prompt: the prompt that was used.
        notes: sentences on how it differs from the request's `seed_text`.
        texts: training step → the snapshot's text.
    """
    title = (
        f"“{prompt.strip()[:40]}” · {request.length:,} characters, temperature "
        f"{request.temperature:g}, seed {request.seed}"
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
    """Return what the learning curve and the cards show of each snapshot, in order."""
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
    """Return in words how long a snapshot had been trained."""
    if snapshot.step == 0:
        return "Before training"
    if snapshot.epoch < 1:
        return f"After {100 * snapshot.epoch:.2g}% of the first epoch"
    return f"After {snapshot.label} epoch{'' if snapshot.label == '1' else 's'}"


def model_summary(timeline: Timeline) -> str:
    """Return a short description of the model as HTML; names from its manifest are escaped."""
    manifest = timeline.manifest
    seconds = manifest.snapshots[-1].seconds
    time = f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"
    return (
        f"<p class='lead'>This small neural network learned to write from one text, <b dir='auto'>"
        f"{escape(manifest.corpus.name)}</b>, one character at a time. We saved "
        f"{len(manifest.snapshots)} snapshots, the first before any training. All continue the "
        f"same prompt with the same random seed, so only what they learned differs."
        f"{_progress(manifest)}</p>"
        f"<p class='facts'>{manifest.model.parameters:,} parameters · trained for {time} on "
        f"{escape(manifest.device)} · vocabulary of {manifest.model.vocab_size} characters</p>"
    )


def _progress(manifest: Manifest) -> str:
    if manifest.finished:
        return ""
    return (
        f" <b>Training is at epoch {escape(manifest.snapshots[-1].label)} of "
        f"{manifest.training.epochs}</b>; new snapshots appear here when they are saved."
    )
