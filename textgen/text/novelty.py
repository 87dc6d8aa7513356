"""How much of a text is copied: the runs of characters it shares with a training corpus.

With the corpus at hand the answer is exact. Without it, a timeline's index answers, made when the
model is trained: the set of the corpus's hashed n-grams. It holds the set of its words too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from textgen.text import fingerprints as hashset
from textgen.text.fingerprints import HashSet
from textgen.text.words import word_hashes, words_of

NGRAM_SIZE: Final = 19
"""Characters in an n-gram of the index."""
COPIED_RUN = NGRAM_SIZE + 1
"""Characters in the shortest run that counts as copied, known by the two n-grams that it holds."""
MAX_NGRAMS = 4_000_000
"""An index has no more, 7 MB; a larger corpus goes without."""
MAX_WORDS = MAX_NGRAMS // 2
"""Nor more words: each takes a letter and what parts it from the next."""

_BASE = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, kw_only=True, eq=False)
class Novelty:
    """What of a text stands in the training corpus too.

    Attributes:
        text: what was looked at, prepared as the corpus was.
        copied: whether each character stands in a run of at least `COPIED_RUN` characters that the
            corpus holds as well; `(len(text),)`.
        longest: start and end in `text` of the longest run shared with the corpus. By the index,
            (0, 0) where it is shorter than `COPIED_RUN`, and else it may be too long: runs that
            overlap are taken for one.
        exact: whether the corpus itself was compared, not the index.
    """

    text: str
    copied: NDArray[np.bool_]
    longest: tuple[int, int]
    exact: bool

    @property
    def copied_share(self) -> float:
        """The share of the text's characters that are copied, 0 to 1."""
        return float(self.copied.mean()) if len(self.copied) else 0.0

    @property
    def runs(self) -> list[tuple[int, int]]:
        """Start and end of each stretch of copied characters, in order."""
        return _rows(self.copied)

    @property
    def longest_run(self) -> str:
        """The longest run itself."""
        return self.text[slice(*self.longest)]


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

    def __init__(self, ngrams: HashSet, words: HashSet | None) -> None:
        self._ngrams, self._words = ngrams, words

    @classmethod
    def of(cls, text: str, *, with_words: bool = True) -> CorpusIndex:
        """Make the index of a text."""
        words = HashSet.of(word_hashes(set(words_of(text)))) if with_words else None
        return cls(HashSet.of(_hashes(text)), words)

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
        end = hashset.file_size(ngrams)
        return cls(
            HashSet.from_bytes(data[:end], ngrams),
            None if words is None else HashSet.from_bytes(data[end:], words),
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
        longest = max(_spans(shared), key=lambda span: span[1] - span[0], default=(0, 0))
        return _novelty(text, shared, longest, exact=False)


def compare(text: str, corpus: str) -> Novelty:
    """Return what of a text stands in a corpus too, exactly.

    It reads the corpus up to six times, each a tenth of a second for half a million characters, and
    searches it for every run that might be the longest. Memory grows with the text alone.
    """
    starts = _shared(text, corpus, COPIED_RUN)
    shared = np.zeros(max(0, len(text) - COPIED_RUN + 1), bool)
    shared[starts] = True
    longest = _longest_run(text, corpus, shared) if starts else _longest_short_run(text, corpus)
    return _novelty(text, shared, longest, exact=True)


def file_size(ngrams: int, words: int | None) -> int:
    """Return the bytes of an index of so many n-grams and words."""
    return hashset.file_size(ngrams) + (0 if words is None else hashset.file_size(words))


def _shared(text: str, corpus: str, size: int) -> list[int]:
    """Return where in a text the runs of `size` characters start that a corpus has too."""
    starts = range(len(text) - size + 1)
    wanted = {text[start : start + size] for start in starts}
    both = wanted.intersection(
        corpus[start : start + size] for start in range(len(corpus) - size + 1)
    )
    return [start for start in starts if text[start : start + size] in both]


def _longest_short_run(text: str, corpus: str) -> tuple[int, int]:
    """Return start and end of the longest shared run of a text that has no copied run."""
    longest, least, most = (0, 0), 0, min(len(text), COPIED_RUN - 1)
    while least < most:
        size = (least + most + 1) // 2
        if found := _shared(text, corpus, size):
            least, longest = size, (found[0], found[0] + size)
        else:
            most = size - 1
    return longest


def _longest_run(text: str, corpus: str, shared: NDArray[np.bool_]) -> tuple[int, int]:
    """Return start and end of the longest shared run of a text.

    Args:
        text, corpus: as for `compare`.
        shared: at which places of the text a copied run starts. Such runs one after another need
            not be one run of the corpus, but no run of the corpus reaches beyond them.
    """
    longest, most = (0, 0), 0
    refused: set[str] = set()  # a text that repeats itself asks for the same run again and again
    for first, end in _spans(shared):
        for start in range(first, end):
            if end - start <= most:
                break
            longer = text[start : start + most + 1]
            if longer in refused:
                continue
            if longer not in corpus:
                refused.add(longer)
                continue
            refused.clear()
            most, limit = most + 1, end - start
            while most < limit:
                size = (most + limit + 1) // 2
                if text[start : start + size] in corpus:
                    most = size
                else:
                    limit = size - 1
            longest = start, start + most
    return longest


def _spans(shared: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return start and end of the characters under each row of places where copied runs start."""
    return [(first, end + COPIED_RUN - 1) for first, end in _rows(shared)]


def _rows(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return start and end of each row of marked places."""
    edges = np.flatnonzero(np.diff(marked, prepend=False, append=False))
    return [(first, end) for first, end in edges.reshape(-1, 2).tolist()]


def _novelty(
    text: str, shared: NDArray[np.bool_], longest: tuple[int, int], *, exact: bool
) -> Novelty:
    copied = np.zeros(len(text), bool)
    for offset in range(COPIED_RUN):
        copied[offset : offset + len(shared)] |= shared
    return Novelty(text=text, copied=copied, longest=longest, exact=exact)


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
