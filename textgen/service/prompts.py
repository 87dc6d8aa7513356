"""Ready-made prompts, and what is said of the changes made to a user's own."""

from __future__ import annotations

import re
from collections import Counter

from textgen.service.request import MAX_SEED_TEXT
from textgen.text.vocabulary import Vocabulary, describe
from textgen.timeline.timeline import Timeline

PROMPTS = (
    "the meaning of life is ",
    "once upon a time ",
)
PHRASES = 3
LONGEST_PHRASE = 60  # characters: it stands on a button


def prompts(timeline: Timeline) -> list[str]:
    """Return ready-made prompts, at least one, whose every character the model can read.

    The first is the one its samples started from; then come phrases of the model's own world, and
    some of anybody's.
    """
    own, _ = timeline.vocabulary.normalize(timeline.manifest.sample_settings.seed_text)
    own = own[-MAX_SEED_TEXT:] or timeline.vocabulary.characters[0]
    # A manifest may come from a stranger: its samples are no promise that the model knows them.
    ready_made = [*_phrases(" ".join(timeline.best.samples.values())), *PROMPTS]
    fitting = [text for text in ready_made if not timeline.vocabulary.normalize(text)[1]]
    return list(dict.fromkeys([own, *fitting]))


def prompt_notes(typed: str, dropped: dict[str, int], vocabulary: Vocabulary) -> list[str]:
    """Return in plain words what was changed in a user's text; empty if nothing was."""
    notes = []
    if dropped:
        notes.append(f"Left out, the text it read has none of these: {describe(dropped)}.")
    if vocabulary.preparation.lowercase and typed != typed.lower():
        notes.append("Capitals became small letters: it has only read small ones.")
    return notes


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
