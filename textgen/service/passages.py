"""What the page shows of a timeline: passages and snapshots as data, a summary as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from textgen.manifest.records import NgramResult, Snapshot
from textgen.manifest.rungs import beats, guessing_bits, rung_name, rungs
from textgen.manifest.schema import Manifest
from textgen.service.context import context_losses, how_far_back
from textgen.service.request import MAX_LENGTH, MAX_SEED_TEXT, Request
from textgen.service.wire import Continuation, Curve, Passage, SnapshotSummary
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


def curve(timeline: Timeline) -> Curve:
    """Return what the learning curve shows of a model."""
    manifest = timeline.manifest
    return {
        "snapshots": snapshots(timeline),
        "guessing": round(guessing_bits(manifest), 3),
        "rungs": [
            {
                "order": result.order,
                "name": rung_name(result.order),
                "title": f"What {_counting(result.order)} write{'' if result.order == 1 else 's'}",
                "bits": round(result.val_bits_per_char, 3),
                "sample": result.sample[:MAX_LENGTH],
            }
            for result in rungs(manifest)
        ],
        "sample_prompt": manifest.sample_settings.seed_text[-MAX_SEED_TEXT:],
    }


def snapshots(timeline: Timeline) -> list[SnapshotSummary]:
    """Return what the learning curve and the cards show of each snapshot, in order."""
    compared = rungs(timeline.manifest)
    return [
        {
            "step": snapshot.step,
            "label": snapshot.label,
            "description": how_far_trained(snapshot),
            "bits": round(snapshot.val_bits_per_char, 3),
            "best": snapshot is timeline.best,
            "beaten": sum(beats(snapshot, result) for result in compared),
            "standing": standing(timeline.manifest, snapshot, compared),
            "context": [[shown, round(bits, 3)] for shown, bits in context_losses(snapshot)],
            "context_words": how_far_back(snapshot),
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


def standing(manifest: Manifest, snapshot: Snapshot, compared: Sequence[NgramResult]) -> str:
    """Return in words which counting models a snapshot beats; empty if none were measured.

    Args:
        manifest: the timeline's manifest.
        snapshot: one of its snapshots.
        compared: the result of `rungs`.
    """
    if not compared:
        return ""
    if snapshot.val_bits_per_char >= guessing_bits(manifest):
        return "Predicts no better than guessing"
    if all(beats(snapshot, result) for result in manifest.ngrams):
        return "Now predicts better than every counting model measured"
    beaten = [result.order for result in compared if beats(snapshot, result)]
    if not beaten:
        return f"Does not yet predict better than {_counting(compared[0].order)}"
    return f"Now predicts better than {_counting(beaten[-1])}"


def _counting(order: int) -> str:
    return rung_name(order) if order == 1 else f"counting {rung_name(order)}"


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
