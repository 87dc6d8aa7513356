"""What a word is, in any script that puts something between words.

A word is a row of letters with the marks on them, apostrophes between letters included: "man's" is
one, "self-love" two. Neither capitals, nor the shape of the apostrophe, nor whether an accent is a
character of its own make another word of it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile("L[LM]*(?:'L[LM]*)*")
_APOSTROPHES = "'’"


def words_of(text: str) -> list[str]:
    """Return the words of a text in order, each as often as it comes, in one spelling.

    Example:
        >>> words_of("The MAN’s self-love, 2nd")
        ['the', "man's", 'self', 'love', 'nd']
    """
    return [_spelled(text[start:end]) for start, end in _places(_kinds(text))]


def whole_words(text: str, *, prompt: str = "") -> list[str]:
    """Return the words that a text completes, as `words_of` does.

    Args:
        text: what was written.
        prompt: what stood before it. A word that begins there and ends in the text is the
            text's.

    Returns:
        All but the last where the text breaks off in it, or may: after a letter, or after an
        apostrophe that follows one.
    """
    whole = prompt + text
    kinds = _kinds(whole)
    certain = len(kinds.removesuffix("'"))
    return [
        _spelled(whole[start:end]) for start, end in _places(kinds) if len(prompt) < end < certain
    ]


def word_hashes(words: Collection[str]) -> NDArray[np.uint64]:
    """Return a number for each of some words, `(len(words),)`, the same on every machine."""
    digests = (hashlib.blake2b(word.encode(), digest_size=8).digest() for word in words)
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)


def _kinds(text: str) -> str:
    """Return for each character of a text L for a letter, M for a mark, ' for ’ too, or a space."""
    return text.translate({ord(char): _kind(char) for char in set(text)})


def _kind(char: str) -> str:
    if char in _APOSTROPHES:
        return "'"
    category = unicodedata.category(char)[0]
    return category if category in "LM" else " "


def _places(kinds: str) -> list[tuple[int, int]]:
    return [match.span() for match in _WORD.finditer(kinds)]


def _spelled(word: str) -> str:
    """Return a word as every spelling of it is compared."""
    return unicodedata.normalize("NFC", word.casefold()).replace("’", "'")
