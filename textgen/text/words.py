"""Splits text into words, in any script that separates words.

A word is a sequence of letters, including their accents and any apostrophe between two letters:
"man's" is one word, "self-love" is two. Spellings that differ only in capital letters, in the shape
of the apostrophe or in the encoding of accents are the same word.
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
    """Return the words of a text in order, with repetitions, in their normalized spelling.

    Example:
        >>> words_of("The MAN’s self-love, 2nd")
        ['the', "man's", 'self', 'love', 'nd']
    """
    return [_spelled(text[start:end]) for start, end in _places(_kinds(text))]


def whole_words(text: str, *, prompt: str = "") -> list[str]:
    """Return the words that end within a text, spelled as `words_of` spells them.

    Args:
        text: the text that was written.
        prompt: the text before it. A word that starts in the prompt and ends in the text counts.

    Returns:
        The words in order. The last one is left out if it may be incomplete, that is, if the text
        ends with a letter, or with an apostrophe after a letter.
    """
    whole = prompt + text
    kinds = _kinds(whole)
    certain = len(kinds.removesuffix("'"))
    return [
        _spelled(whole[start:end]) for start, end in _places(kinds) if len(prompt) < end < certain
    ]


def word_hashes(words: Collection[str]) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each word, `(len(words),)`, the same on every machine."""
    digests = (hashlib.blake2b(word.encode(), digest_size=8).digest() for word in words)
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)


def _kinds(text: str) -> str:
    """Replace each letter by L, each mark by M, each apostrophe by ', and the rest by spaces."""
    return text.translate({ord(char): _kind(char) for char in set(text)})


def _kind(char: str) -> str:
    if char in _APOSTROPHES:
        return "'"
    category = unicodedata.category(char)[0]
    return category if category in "LM" else " "


def _places(kinds: str) -> list[tuple[int, int]]:
    return [match.span() for match in _WORD.finditer(kinds)]


def _spelled(word: str) -> str:
    """Return the normalized spelling of a word, the same for all its variants."""
    return unicodedata.normalize("NFC", word.casefold()).replace("’", "'")
