"""Ready-made prompts, and notes on the changes made to a user's prompt."""

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
LONGEST_PHRASE = 60  # characters, to fit on a button


def prompts(timeline: Timeline) -> list[str]:
    """Return ready-made prompts, at least one, in characters of the model's vocabulary.

    The first is the prompt of the timeline's samples; then come the manifest's prompts. If it has
    none, like manifests of release 0.1, phrases that the model often writes and general prompts
    take their place.
    """
    # A stranger's manifest may contain any text.
    own, *others = (
        timeline.vocabulary.clean(text)[0][-MAX_SEED_TEXT:]
        for text in (timeline.manifest.sample_settings.seed_text, *timeline.manifest.prompts)
    )
    if not timeline.manifest.prompts:
        ready_made = [*_phrases(" ".join(timeline.best.samples.values())), *PROMPTS]
        others = [text for text in ready_made if not timeline.vocabulary.normalize(text)[1]]
    own = own or timeline.vocabulary.characters[0]
    return list(dict.fromkeys([own, *filter(str.strip, others)]))


def prompt_notes(typed: str, dropped: dict[str, int], vocabulary: Vocabulary) -> list[str]:
    """Return sentences on what was changed in a user's text; empty if nothing was."""
    notes = []
    if dropped:
        notes.append(f"Removed characters this model does not know: {describe(dropped)}.")
    if vocabulary.preparation.lowercase and typed != typed.lower():
        notes.append("Converted to lowercase: this model only knows lowercase.")
    return notes


def _phrases(text: str) -> list[str]:
    """Return up to `PHRASES` frequent phrases of three words from a text in any language.

    They begin with the most frequent word. The second word has at least five letters, because a
    phrase such as "the same of" makes a poor prompt.
    """
    words = re.findall(r"[^\W\d_]+", text)
    if not words:
        return []
    first = Counter(words).most_common(1)[0][0]
    found = re.findall(rf"\b{first} ((?!{first}\b)[^\W\d_]{{5,}}) (?!{first}\b)([^\W\d_]+)", text)
    second: dict[str, str] = {}
    for one, other in found:
        second.setdefault(one, f"{first} {one} {other} ")
    often = Counter(one for one, _ in found).most_common(PHRASES)
    return [second[one] for one, _ in often if len(second[one]) <= LONGEST_PHRASE]
