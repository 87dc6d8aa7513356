"""What the page shows, made from timelines: words and HTML, all of it escaped; no Gradio here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from textgen.manifest import Manifest, Snapshot
from textgen.timeline import Timeline
from textgen.vocabulary import Vocabulary, describe

OPENINGS = (
    "the meaning of life is ",
    "once upon a time ",
    "it was a dark and stormy night",
    "i think that ",
)
_CURVE_WIDTH, _CURVE_HEIGHT = 480, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 24, 16, 30, 42


def snapshot_label(snapshot: Snapshot) -> str:
    """Return a snapshot's name in a list: its epoch and its held-out loss in bits."""
    return f"{snapshot.label} · {snapshot.val_bits_per_char:.2f}"


def readings(snapshot: Snapshot) -> str:
    """Return in words how much a snapshot has read."""
    if snapshot.step == 0:
        return "before reading anything"
    if snapshot.epoch < 1:
        return f"after {100 * snapshot.epoch:.2g} % of one reading"
    return f"after {snapshot.label} reading{'' if snapshot.label == '1' else 's'}"


def summary(timeline: Timeline) -> str:
    """Return one paragraph of HTML on what the model is."""
    manifest = timeline.manifest
    seconds = manifest.snapshots[-1].seconds
    time = f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"
    return (
        f"<p class='lead'>It read one text, <b>{escape(manifest.corpus.name)}</b>, a character at "
        f"a time, again and again. Here are {len(manifest.snapshots)} snapshots of it, from "
        "knowing nothing to its best. Every one gets the same opening and the same dice: only the "
        f"learning differs.{_progress(manifest)}</p>"
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


def openings(timeline: Timeline) -> list[str]:
    """Return ready-made seed texts, at least one, whose every character the model can read."""
    own, _ = timeline.vocabulary.normalize(timeline.manifest.sample_settings.seed_text)
    fitting = [text for text in OPENINGS if not timeline.vocabulary.normalize(text)[1]]
    return [own or timeline.vocabulary.characters[0], *fitting]


def learning_curve(manifest: Manifest, chosen: Snapshot) -> str:
    """Return the held-out bits per character of every snapshot as an SVG, one of them marked.

    The snapshots stand at even distances, as in the list to choose from.
    """
    bits = [snapshot.val_bits_per_char for snapshot in manifest.snapshots]
    low, high = int(min(bits)), int(max(bits)) + 1
    width = _CURVE_WIDTH - _LEFT - _RIGHT
    height = _CURVE_HEIGHT - _TOP - _BOTTOM
    step = width / max(1, len(bits) - 1)
    points = [
        (_LEFT + index * step, _TOP + height * (high - value) / (high - low))
        for index, value in enumerate(bits)
    ]
    return (
        f"<svg class='curve' viewBox='0 0 {_CURVE_WIDTH} {_CURVE_HEIGHT}' role='img' aria-label='"
        f"Held-out bits per character fall from {bits[0]:.2f} to {min(bits):.2f}; chosen: epoch "
        f"{escape(chosen.label)}, {chosen.val_bits_per_char:.2f}'>"
        + _grid(low, high, height)
        + "<polyline class='line' points='"
        + " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        + "'/>"
        + "".join(
            _point(snapshot, x, y, snapshot is chosen)
            for snapshot, (x, y) in zip(manifest.snapshots, points, strict=True)
        )
        + f"<text class='axis' x='{_LEFT + width / 2}' y='{_CURVE_HEIGHT - 4}' "
        "text-anchor='middle'>epochs: times it read the text</text>"
        f"<text class='axis' x='0' y='12'>bits per character, lower is better</text>"
        "</svg>"
    )


def _grid(low: int, high: int, height: int) -> str:
    lines = []
    for value in range(low, high + 1):
        y = _TOP + height * (high - value) / (high - low)
        lines.append(
            f"<line class='grid' x1='{_LEFT}' x2='{_CURVE_WIDTH - _RIGHT}' y1='{y:.1f}' "
            f"y2='{y:.1f}'/><text x='{_LEFT - 8}' y='{y + 4:.1f}' text-anchor='end'>{value}</text>"
        )
    return "".join(lines)


def _point(snapshot: Snapshot, x: float, y: float, is_chosen: bool) -> str:
    title = f"epoch {snapshot.label}: {snapshot.val_bits_per_char:.3f} bits per character"
    mark = (
        f"<g><title>{escape(title)}</title>"
        f"<circle class='{'chosen' if is_chosen else 'dot'}' cx='{x:.1f}' cy='{y:.1f}' "
        f"r='{8 if is_chosen else 4}'/>"
        f"<text class='tick' x='{x:.1f}' y='{_CURVE_HEIGHT - _BOTTOM + 16}' text-anchor='middle'>"
        f"{escape(snapshot.label)}</text>"
    )
    if is_chosen:
        # Above the dot where there is room, else below it.
        label_y = y - 14 if y > _TOP + 20 else y + 24
        anchor = "end" if x > _CURVE_WIDTH / 2 else "start"
        mark += (
            f"<text class='value' x='{x:.1f}' y='{label_y:.1f}' text-anchor='{anchor}'>"
            f"{snapshot.val_bits_per_char:.2f}</text>"
        )
    return mark + "</g>"


def stages(manifest: Manifest, count: int) -> list[Snapshot]:
    """Return up to `count` snapshots that tell the story: the first, the best, and between them.

    Between the two, those are picked whose losses come nearest to even steps down: from each to
    the next about the same share of the loss is learned, however unevenly they lie in time.
    """
    until_best = [s for s in manifest.snapshots if s.step <= manifest.best.step]
    first, last = (math.log(max(s.val_loss, 1e-9)) for s in (until_best[0], until_best[-1]))
    picked = {
        min(until_best, key=lambda s: abs(math.log(max(s.val_loss, 1e-9)) - level)).step
        for level in (first + (last - first) * index / (count - 1) for index in range(1, count - 1))
    } | {until_best[0].step, until_best[-1].step}
    return [snapshot for snapshot in until_best if snapshot.step in picked]


def stage_cards(written: Sequence[tuple[Snapshot, str]], seed_text: str, chosen: Snapshot) -> str:
    """Return the same opening continued by several snapshots, side by side, as HTML."""
    cards = (
        f"<article class='stage{' chosen' if snapshot is chosen else ''}'>"
        f"<h3>{escape(readings(snapshot).capitalize())}</h3>"
        f"<p class='facts'>{snapshot.val_bits_per_char:.2f} bits per character</p>"
        f"<p class='text'><b>{escape(seed_text)}</b>{escape(text)}</p></article>"
        for snapshot, text in written
    )
    return f"<div class='stages'>{''.join(cards)}</div>"


def seed_notes(typed: str, dropped: dict[str, int], vocabulary: Vocabulary) -> list[str]:
    """Return in plain words what was changed in a visitor's opening; empty if nothing was."""
    notes = []
    if dropped:
        notes.append(f"Left out, the text it read has none of these: {describe(dropped)}.")
    if vocabulary.preparation.lowercase and typed != typed.lower():
        notes.append("Capitals became small letters: it has only read small ones.")
    return notes
