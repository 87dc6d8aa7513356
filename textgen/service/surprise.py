"""A text with what a model makes of it, character by character, as the page draws it in JSON."""

from __future__ import annotations

import math
from typing import Final

from textgen.checks import whole_number
from textgen.errors import HubError, SettingsError
from textgen.generation.evaluation import Score
from textgen.manifest.schema import Snapshot
from textgen.service.prompts import prompt_notes
from textgen.service.wire import CopiedRuns, Surprise
from textgen.text.novelty import COPIED_RUN
from textgen.text.preparation import Preparation
from textgen.text.vocabulary import Vocabulary, describe
from textgen.timeline.generator import TextGenerator
from textgen.timeline.timeline import Timeline

MAX_OWN_TEXT: Final = 5000
"""Characters of a user's text that are read: 0.2 MB as JSON."""


def text_surprise(
    timeline: Timeline,
    snapshot: Snapshot,
    generator: TextGenerator,
    text: str,
    *,
    prompt_length: int = 0,
) -> Surprise:
    """Return how surprising each character of a model's text was to it, and what was likelier.

    The chances are the model's own, before any temperature. Places count code points, as Python
    does and as `Array.from(text)` does in JavaScript. A trained model finds random letters far more
    surprising than a guess at random would: it is sure of something else.

    Args:
        timeline: what the snapshot is of.
        snapshot: what wrote the text.
        generator: that snapshot, loaded.
        text: prompt and continuation, of the vocabulary's characters alone; at least 2.
        prompt_length: how many of them were given to the model, 0 to `len(text) - 1`.

    Raises:
        SettingsError: the text is shorter or holds other characters, or is all prompt.
        TimelineError: the index of the corpus is not the one it should be.
    """
    score = generator.score(text)
    if score.text != text:
        raise SettingsError(
            "text must be as the page shows it, in the model's own characters, received one with "
            f"{describe(score.dropped) or 'others'}; Vocabulary.normalize brings it there."
        )
    prompt_length = whole_number("prompt_length", prompt_length, 0, len(text) - 1)
    return _seen(timeline, snapshot, score, prompt_length=prompt_length, typed=False, notes=[])


def score_text(
    timeline: Timeline, snapshot: Snapshot, generator: TextGenerator, typed: str
) -> Surprise:
    """Return how surprising a user's text is to a model, as `text_surprise` does.

    Args:
        timeline, snapshot, generator: as for `text_surprise`.
        typed: any text; its first `MAX_OWN_TEXT` characters are read, prepared as the corpus was
            and rid of characters the model never saw, and `notes` says so.

    Raises:
        SettingsError: not a string, or fewer than 2 characters are left.
        TimelineError: the index of the corpus is not the one it should be.
    """
    if not isinstance(typed, str):
        raise SettingsError(f"text must be a string, received {type(typed).__name__}.")
    kept = typed[:MAX_OWN_TEXT]
    text, dropped = timeline.vocabulary.normalize(kept)
    if len(text) < 2:
        left_out = f", with {describe(dropped)} left out" if dropped else ""
        raise SettingsError(
            f"A text needs at least 2 characters that the model has read; received {len(text)}"
            f"{left_out}. Paste a longer one, in the letters of {timeline.manifest.corpus.name}."
        )
    notes = _changes(kept, dropped, timeline.vocabulary)
    if len(typed) > MAX_OWN_TEXT:
        notes.insert(0, f"Only the first {MAX_OWN_TEXT:,} characters are read.")
    return _seen(
        timeline, snapshot, generator.score(text), prompt_length=0, typed=True, notes=notes
    )


def _seen(
    timeline: Timeline,
    snapshot: Snapshot,
    score: Score,
    *,
    prompt_length: int,
    typed: bool,
    notes: list[str],
) -> Surprise:
    bits = score.nats / math.log(2)
    symbols = timeline.vocabulary.size
    characters = timeline.vocabulary.characters
    percent = (100 * score.top_probabilities).round(1).tolist()
    best = ["".join(map(characters.__getitem__, ids)) for ids in score.top_ids.tolist()]
    copied, unknown = _copied(timeline, score.text, prompt_length)
    return {
        "text": score.text,
        "typed": typed,
        "prompt_length": prompt_length,
        "bits": [None, *bits.round(2).tolist()],
        "alternatives": [None, *map(list, zip(best, percent, strict=True))],
        "run": COPIED_RUN,
        **copied,
        "bits_per_char": round(float(bits[max(0, prompt_length - 1) :].mean()), 2),
        "held_out_bits": round(snapshot.val_bits_per_char, 2),
        "random_bits": round(math.log2(symbols), 2),
        "symbols": symbols,
        "notes": notes + unknown,
    }


def _copied(timeline: Timeline, text: str, read: int) -> tuple[CopiedRuns, list[str]]:
    """Return what of a text after its prompt the corpus has too, and what to tell of it."""
    nothing: CopiedRuns = {"copied": None, "longest": None, "copied_share": None}
    if timeline.manifest.corpus_index is None:
        return nothing, []
    try:
        novelty = timeline.novelty(text[read:])
    except HubError:  # it passes, and the surprises need no index
        return nothing, ["How much of it is copied cannot be told now: the Hub does not answer."]
    start, end = novelty.longest
    return {
        "copied": [[read + first, read + last] for first, last in novelty.runs],
        "longest": [read + start, read + end] if end - start >= COPIED_RUN else None,
        "copied_share": round(novelty.copied_share, 4),
    }, []


def _changes(kept: str, dropped: dict[str, int], vocabulary: Vocabulary) -> list[str]:
    """Return in plain words what was changed in a user's text; empty if nothing was."""
    notes = prompt_notes(kept, dropped, vocabulary)
    preparation = vocabulary.preparation
    lowercase = Preparation(lowercase=preparation.lowercase)
    if preparation.apply(kept) != lowercase.apply(kept):
        notes.append("Only letters, digits and spaces are read: it knows nothing else.")
    return notes
