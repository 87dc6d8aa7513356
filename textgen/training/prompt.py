"""The default prompt of a timeline's samples: the start of a sentence in the validation text."""

from __future__ import annotations

import re

PROMPT_LENGTH = 60

# After what a prompt may start, best first. A line break often falls inside a sentence.
_SENTENCE_ENDS = r"\. ", r"[!?] ", r"\n"
_SPACE = r"\s"
# What a prompt does not start with: white space, closing brackets, closing quotation marks.
_SKIPPED = re.compile(r"""\A(?:\s|[)\]}”]|["'’»](?=[\s)\]}”]))+""")


def first_sentence(text: str) -> str:
    """Return a prompt that starts with a sentence or, failing that, with a whole word.

    The text may start in the middle of a word. So the prompt starts after the first sentence end
    (". ", else "! " or "? ", else a line break) in the first half of the text, else after the first
    white space. In a text without any white space it starts at the beginning.

    Args:
        text: any text, such as the validation text.

    Returns:
        Up to `PROMPT_LENGTH` characters, whole words if there are spaces between them.

    Example:
        >>> first_sentence("rning. The sun rose slowly over the quiet hills that day, and then")
        'The sun rose slowly over the quiet hills that day, and '
    """
    half = len(text) // 2
    for pattern, limit in (*((end, half) for end in _SENTENCE_ENDS), (_SPACE, len(text))):
        found = re.compile(pattern).search(text, 0, limit)
        rest = _SKIPPED.sub("", text[found.end() :]) if found else ""
        if rest:
            return _whole_words(rest[:PROMPT_LENGTH])
    return _whole_words(text[:PROMPT_LENGTH])


def _whole_words(piece: str) -> str:
    """Cut a piece of a text after its last space, or else after its last line break or tab."""
    words = re.match(r"(?s).* |.*\s", piece)
    return words[0] if words else piece
