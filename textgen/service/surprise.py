"""How surprising each character of a text is to a model, as JSON for the page."""

from __future__ import annotations

import math
from typing import Final

from textgen.checks import whole_number
from textgen.errors import HubError, SettingsError
from textgen.generation.evaluation import Score
from textgen.manifest.records import Snapshot
from textgen.service.prompts import prompt_notes
from textgen.service.wire import CopiedRuns, Surprise
from textgen.text.novelty import COPIED_RUN
from textgen.text.preparation import Preparation
from textgen.text.vocabulary import Vocabulary, describe
from textgen.timeline.generator import TextGenerator
from textgen.timeline.timeline import Timeline

MAX_OWN_TEXT: Final = 5000
"""How many characters of a user's text are scored; their answer is 0.2 MB of JSON."""


def text_surprise(
    timeline: Timeline,
    snapshot: Snapshot,
    generator: TextGenerator,
    text: str,
    *,
    prompt_length: int = 0,
) -> Surprise:
    """Return the surprise of each character of a model's own text, and the alternatives.

    Probabilities are the model's own, before any temperature. Positions count code points, like
    Python's strings and `Array.from(text)` in JavaScript.

    Args:
        timeline: the timeline of the snapshot.
        snapshot: the snapshot that wrote the text.
        generator: the generator of that snapshot.
        text: prompt and continuation, in characters of the vocabulary; at least 2.
        prompt_length: the length of the prompt, 0 to `len(text) - 1`.

    Raises:
        SettingsError: the text is too short, has unknown characters, or is nothing but prompt.
        TimelineError: the corpus index differs from the manifest.
    """
    score = generator.score(text)
    if score.text != text:
        raise SettingsError(
            "text must be preprocessed and in characters that the model knows (unknown: "
            f"{describe(score.dropped) or 'none'}). Pass it through Vocabulary.clean first."
        )
    prompt_length = whole_number("prompt_length", prompt_length, 0, len(text) - 1)
    return _seen(timeline, snapshot, score, prompt_length=prompt_length, typed=False, notes=[])


def score_text(
    timeline: Timeline, snapshot: Snapshot, generator: TextGenerator, typed: str
) -> Surprise:
    """Return the surprise of each character of a user's text, and the alternatives.

    Args:
        timeline, snapshot, generator: as for `text_surprise`.
        typed: any text. Only its first `MAX_OWN_TEXT` characters are used, preprocessed like the
            corpus and without characters the model does not know; `notes` lists these changes.

    Raises:
        SettingsError: it is not a string, or fewer than 2 characters remain.
        TimelineError: the corpus index differs from the manifest.
    """
    if not isinstance(typed, str):
        raise SettingsError(f"text must be a string, received {type(typed).__name__}.")
    kept = typed[:MAX_OWN_TEXT]
    text, dropped = timeline.vocabulary.clean(kept)
    if len(text) < 2:
        removed = f" (unknown: {describe(dropped)})" if dropped else ""
        raise SettingsError(
            "A text needs at least 2 characters that this model knows; this one has "
            f"{len(text)}{removed}. Paste a longer text, similar to the training text "
            f"({timeline.manifest.corpus.name})."
        )
    notes = _changes(kept, dropped, timeline.vocabulary)
    if len(typed) > MAX_OWN_TEXT:
        notes.insert(0, f"Only the first {MAX_OWN_TEXT:,} characters are used.")
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
    """Return the copied runs of a text after its prompt, and notes on them."""
    nothing: CopiedRuns = {"copied": None, "longest": None, "copied_share": None}
    if timeline.manifest.corpus_index is None:
        return nothing, []
    try:
        novelty = timeline.novelty(text[read:])
    except HubError:  # often temporary, and the surprise needs no index
        return nothing, ["The Hub does not answer now, so copied text is not marked."]
    start, end = novelty.longest
    return {
        "copied": [[read + first, read + last] for first, last in novelty.runs],
        "longest": [read + start, read + end] if end - start >= COPIED_RUN else None,
        "copied_share": round(novelty.copied_share, 4),
    }, []


def _changes(kept: str, dropped: dict[str, int], vocabulary: Vocabulary) -> list[str]:
    """Return sentences on what was changed in a user's text; empty if nothing was."""
    notes = prompt_notes(kept, dropped, vocabulary)
    preparation = vocabulary.preparation
    lowercase = Preparation(lowercase=preparation.lowercase)
    if preparation.apply(kept) != lowercase.apply(kept):
        notes.append("Removed punctuation: this model only knows letters, digits and spaces.")
    return notes
