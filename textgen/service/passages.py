"""What the page shows, made from timelines: words and HTML, all of it escaped; no Gradio here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from textgen.manifest.schema import Manifest, Snapshot
from textgen.service.request import MAX_SEED_TEXT, Request
from textgen.text.vocabulary import Vocabulary, describe
from textgen.timeline.timeline import Timeline

PROMPTS = (
    "the meaning of life is ",
    "once upon a time ",
)
PHRASES = 3
LONGEST_PHRASE = 60  # characters: it stands on a button
Continuation = tuple[str, float | None]
"""A continuation, and the share of real words in it once it is whole; None where unknown."""


def how_far_trained(snapshot: Snapshot) -> str:
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


def prompts(timeline: Timeline) -> list[str]:
    """Return ready-made seed texts, at least one, whose every character the model can read.

    The first is the one its samples started from; then come phrases of the model's own world, and
    some of anybody's.
    """
    own, _ = timeline.vocabulary.normalize(timeline.manifest.sample_settings.seed_text)
    own = own[-MAX_SEED_TEXT:] or timeline.vocabulary.characters[0]
    # A manifest may come from a stranger: its samples are no promise that the model knows them.
    ready_made = [*_phrases(" ".join(timeline.best.samples.values())), *PROMPTS]
    fitting = [text for text in ready_made if not timeline.vocabulary.normalize(text)[1]]
    return list(dict.fromkeys([own, *fitting]))


def _phrases(text: str) -> list[str]:
    """Return up to `PHRASES` of three words that start, in any language, as many of a text do."""
    words = re.findall(r"[^\W\d_]+", text)
    if not words:
        return []
    first = Counter(words).most_common(1)[0][0]
    found = re.findall(rf"\b{first} ((?!{first}\b)[^\W\d_]{{3,}}) (?!{first}\b)([^\W\d_]+)", text)
    second: dict[str, str] = {}
    for one, other in found:
        second.setdefault(one, f"{first} {one} {other} ")
    often = Counter(one for one, _ in found).most_common(PHRASES)
    return [second[one] for one, _ in often if len(second[one]) <= LONGEST_PHRASE]


def snapshots(timeline: Timeline) -> list[dict[str, Any]]:
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


def passage(
    request: Request, prompt: str, notes: Sequence[str], texts: Mapping[int, Continuation]
) -> dict[str, Any]:
    """Return what a page shows of a request: the same opening continued by several snapshots.

    Args:
        request: what was asked.
        prompt: what was made of its seed text.
        notes: what to tell of that.
        texts: by training step, the continuation so far and its share of real words.
    """
    title = (
        f"“{prompt.strip()[:40]}” · {request.length:,} characters, temperature "
        f"{request.temperature:g}, dice {request.seed}"
    )
    return {
        "link": request.link(),
        "model": request.model,
        "title": title,
        "length": request.length,
        "prompt": prompt,
        "notes": " ".join(notes),
        "texts": {
            str(step): {"text": text, "words": None if words is None else round(words, 3)}
            for step, (text, words) in texts.items()
        },
    }


def prompt_notes(typed: str, dropped: dict[str, int], vocabulary: Vocabulary) -> list[str]:
    """Return in plain words what was changed in a visitor's opening; empty if nothing was."""
    notes = []
    if dropped:
        notes.append(f"Left out, the text it read has none of these: {describe(dropped)}.")
    if vocabulary.preparation.lowercase and typed != typed.lower():
        notes.append("Capitals became small letters: it has only read small ones.")
    return notes
