"""An index of what a corpus holds, without the corpus: its n-grams and its words, hashed.

It is made when a model is trained and kept in the timeline, which by it tells copies from new text
and known words from others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Final

import numpy as np
from numpy.typing import NDArray

from textgen.text import fingerprints
from textgen.text.fingerprints import FingerprintSet
from textgen.text.novelty import Novelty, copied_spans, novelty_of
from textgen.text.words import word_hashes, words_of

NGRAM_SIZE: Final = 19
"""Characters in an n-gram: a copied run is known by the two that it holds."""
MAX_NGRAMS = 4_000_000
"""An index has no more, 7 MB; a larger corpus goes without."""
MAX_WORDS = MAX_NGRAMS // 2
"""Nor more words: each takes a letter and what parts it from the next."""

_BASE = np.uint64(0x9E3779B97F4A7C15)


class CorpusIndex:
    """Which n-grams and which words a corpus has, without the corpus.

    It does not hold the text, but who knows `NGRAM_SIZE − 1` characters of it can try out what
    follows them, and who guesses a word, a name say, whether it is there: as a secret it is kept no
    better than the text.

    Args:
        ngrams: the n-grams' hashes. One n-gram in 4,096 is mistaken for one of them, but one pair
            in 16 million.
        words: the words'; None, as in indexes of before there were any, where they are not known.
    """

    def __init__(self, ngrams: FingerprintSet, words: FingerprintSet | None) -> None:
        self._ngrams, self._words = ngrams, words

    @classmethod
    def of(cls, text: str, *, with_words: bool = True) -> CorpusIndex:
        """Make the index of a text."""
        words = FingerprintSet.of(word_hashes(set(words_of(text)))) if with_words else None
        return cls(FingerprintSet.of(_hashes(text)), words)

    @property
    def ngrams(self) -> int:
        """How many different n-grams the corpus has."""
        return len(self._ngrams)

    @property
    def words(self) -> int | None:
        """How many different words the corpus has; None where they are not known."""
        return None if self._words is None else len(self._words)

    @property
    def sha256(self) -> str:
        """Of the index's file, in hexadecimal."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def to_bytes(self) -> bytes:
        """Return the index as a file holds it: the n-grams, then the words."""
        return self._ngrams.to_bytes() + (b"" if self._words is None else self._words.to_bytes())

    @classmethod
    def from_bytes(cls, data: bytes, ngrams: int, words: int | None) -> CorpusIndex:
        """Read what `to_bytes` returned.

        Raises:
            ValueError: it is no index of so many n-grams and words.
        """
        if len(data) != file_size(ngrams, words):
            raise ValueError(
                f"an index of {ngrams:,} n-grams and {words or 0:,} words has "
                f"{file_size(ngrams, words):,} bytes"
            )
        end = fingerprints.file_size(ngrams)
        return cls(
            FingerprintSet.from_bytes(data[:end], ngrams),
            None if words is None else FingerprintSet.from_bytes(data[end:], words),
        )

    def has_words(self, words: Collection[str]) -> NDArray[np.bool_]:
        """Return of each word, as `textgen.text.words` gives them, whether the corpus has it.

        Of those that it lacks, one in 4,096 is mistaken. Of words not known it has none.
        """
        hashes = word_hashes(words)
        return np.zeros(len(hashes), bool) if self._words is None else self._words.contains(hashes)

    def compare(self, text: str) -> Novelty:
        """Return what of a text the corpus holds, as far as its n-grams tell."""
        held = self._ngrams.contains(_hashes(text))
        shared = held[:-1] & held[1:]
        longest = max(copied_spans(shared), key=lambda span: span[1] - span[0], default=(0, 0))
        return novelty_of(text, shared, longest, exact=False)


def file_size(ngrams: int, words: int | None) -> int:
    """Return the bytes of an index of so many n-grams and words."""
    return fingerprints.file_size(ngrams) + (0 if words is None else fingerprints.file_size(words))


def _hashes(text: str) -> NDArray[np.uint64]:
    """Return a number for each n-gram of a text, the same on every machine."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    count = max(0, len(points) - NGRAM_SIZE + 1)
    hashes = np.zeros(count, np.uint64)
    for offset in range(NGRAM_SIZE):
        hashes *= _BASE
        hashes += points[offset : offset + count]
    # The polynomial's low bits depend on little of the text. This spreads all of it over all bits:
    # Steele, Lea and Flood (2014), Fast Splittable Pseudorandom Number Generators.
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        hashes ^= hashes >> np.uint64(shift)
        hashes *= np.uint64(factor)
    hashes ^= hashes >> np.uint64(31)
    return hashes
