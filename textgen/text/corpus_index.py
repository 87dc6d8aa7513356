"""An index of a corpus: hashes of its n-grams and of its words, but not the text itself.

Training makes the index and saves it in the timeline. With it, a timeline can find copied text and
known words without the corpus.
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
"""Characters in an n-gram. The shortest copied run contains two n-grams, and both must match."""
MAX_NGRAMS = 4_000_000
"""The most n-grams in an index, which takes 7 MB. A larger corpus gets no index."""
MAX_WORDS = MAX_NGRAMS // 2
"""The most words in an index: each takes at least one letter and one separator."""

_BASE = np.uint64(0x9E3779B97F4A7C15)


class CorpusIndex:
    """Which n-grams and which words occur in a corpus.

    The index does not contain the text, but it does not protect it either. Anyone with the index
    and `NGRAM_SIZE − 1` characters of the text can recover what follows. Anyone can also test
    whether a word, such as a name, occurs.

    Args:
        ngrams: hashes of the n-grams. Of n-grams that do not occur, one in 4,096 is taken for one
            that does; of pairs of n-grams, one in 16 million.
        words: hashes of the words. None if they were not recorded, as in older indexes.
    """

    def __init__(self, ngrams: FingerprintSet, words: FingerprintSet | None) -> None:
        self._ngrams, self._words = ngrams, words

    @classmethod
    def of(cls, text: str, *, with_words: bool = True) -> CorpusIndex:
        """Return the index of a text, with or without its words."""
        words = FingerprintSet.of(word_hashes(set(words_of(text)))) if with_words else None
        return cls(FingerprintSet.of(_hashes(text)), words)

    @property
    def ngrams(self) -> int:
        """The number of different n-grams in the corpus."""
        return len(self._ngrams)

    @property
    def words(self) -> int | None:
        """The number of different words in the corpus; None if they were not recorded."""
        return None if self._words is None else len(self._words)

    @property
    def sha256(self) -> str:
        """SHA-256 of `to_bytes()`, in hexadecimal."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def to_bytes(self) -> bytes:
        """Return the index in its file format: the n-grams, then the words."""
        return self._ngrams.to_bytes() + (b"" if self._words is None else self._words.to_bytes())

    @classmethod
    def from_bytes(cls, data: bytes, ngrams: int, words: int | None) -> CorpusIndex:
        """Read an index that `to_bytes` wrote.

        Args:
            data: the bytes.
            ngrams: the number of different n-grams.
            words: the number of different words; None if they were not recorded.

        Raises:
            ValueError: the bytes are not an index of that many n-grams and words.
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
        """Return whether each word occurs in the corpus, bool `(len(words),)`.

        One in 4,096 of the words that do not occur is reported as if it did. If the index has no
        words, every answer is False.

        Args:
            words: in the normalized spelling of `textgen.text.words`.
        """
        hashes = word_hashes(words)
        return np.zeros(len(hashes), bool) if self._words is None else self._words.contains(hashes)

    def compare(self, text: str) -> Novelty:
        """Return which parts of a text also occur in the corpus, judged by n-grams."""
        found = self._ngrams.contains(_hashes(text))
        shared = found[:-1] & found[1:]
        longest = max(copied_spans(shared), key=lambda span: span[1] - span[0], default=(0, 0))
        return novelty_of(text, shared, longest, exact=False)


def file_size(ngrams: int, words: int | None) -> int:
    """Return the size in bytes of an index with this many n-grams and words."""
    return fingerprints.file_size(ngrams) + (0 if words is None else fingerprints.file_size(words))


def _hashes(text: str) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each n-gram of a text, the same on every machine."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    count = max(0, len(points) - NGRAM_SIZE + 1)
    hashes = np.zeros(count, np.uint64)
    for offset in range(NGRAM_SIZE):
        hashes *= _BASE
        hashes += points[offset : offset + count]
    # The low bits of the polynomial depend on few bits of the text. This mixes all bits:
    # Steele, Lea and Flood (2014), Fast Splittable Pseudorandom Number Generators.
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        hashes ^= hashes >> np.uint64(shift)
        hashes *= np.uint64(factor)
    hashes ^= hashes >> np.uint64(31)
    return hashes
