"""How much of a text is copied: the runs of characters that also occur in a corpus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

COPIED_RUN: Final = 20
"""The shortest run that counts as copied, in characters."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Novelty:
    """Which parts of a text also occur in the training text.

    Attributes:
        text: the text that was compared, preprocessed like the corpus.
        copied: whether each character is part of a run of at least `COPIED_RUN` characters that
            also occurs in the corpus; bool `(len(text),)`.
        longest: start and end in `text` of the longest run that also occurs in the corpus. If the
            index was used, runs shorter than `COPIED_RUN` are not found, which leaves (0, 0), and
            overlapping runs count as one, so the result may be too long.
        exact: True if the corpus itself was used, False if its index was.
    """

    text: str
    copied: NDArray[np.bool_]
    longest: tuple[int, int]
    exact: bool

    @property
    def copied_share(self) -> float:
        """The share of characters that are copied, 0 to 1."""
        return float(self.copied.mean()) if len(self.copied) else 0.0

    @property
    def runs(self) -> list[tuple[int, int]]:
        """Start and end of each stretch of copied characters, in order."""
        return _rows(self.copied)

    @property
    def longest_run(self) -> str:
        """The characters of the longest run."""
        return self.text[slice(*self.longest)]


def compare(text: str, corpus: str) -> Novelty:
    """Return exactly which parts of a text also occur in a corpus.

    The comparison reads the corpus up to six times, 0.1 s each for half a million characters, and
    searches it for every run that might be the longest. Memory grows with the text, not the corpus.

    Args:
        text: any text, preprocessed like the corpus.
        corpus: the training text.
    """
    starts = _shared(text, corpus, COPIED_RUN)
    shared = np.zeros(max(0, len(text) - COPIED_RUN + 1), bool)
    shared[starts] = True
    longest = _longest_run(text, corpus, shared) if starts else _longest_short_run(text, corpus)
    return novelty_of(text, shared, longest, exact=True)


def _shared(text: str, corpus: str, size: int) -> list[int]:
    """Return where in a text the runs of `size` characters start that also occur in a corpus."""
    starts = range(len(text) - size + 1)
    wanted = {text[start : start + size] for start in starts}
    both = wanted.intersection(
        corpus[start : start + size] for start in range(len(corpus) - size + 1)
    )
    return [start for start in starts if text[start : start + size] in both]


def _longest_short_run(text: str, corpus: str) -> tuple[int, int]:
    """Return start and end of the longest shared run, for a text without a copied run."""
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
        shared: whether a copied run starts at each position of the text. Overlapping copied runs
            may come from different places in the corpus, but no run of the corpus goes beyond them.
    """
    longest, most = (0, 0), 0
    refused: set[str] = set()  # saves searching for the same run again in a repetitive text
    for first, end in copied_spans(shared):
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


def copied_spans(shared: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return start and end of each stretch of characters that overlapping copied runs cover.

    Args:
        shared: whether a copied run starts at each position of a text.
    """
    return [(first, end + COPIED_RUN - 1) for first, end in _rows(shared)]


def _rows(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return start and end of each run of True values."""
    edges = np.flatnonzero(np.diff(marked, prepend=False, append=False))
    return [(first, end) for first, end in edges.reshape(-1, 2).tolist()]


def novelty_of(
    text: str, shared: NDArray[np.bool_], longest: tuple[int, int], *, exact: bool
) -> Novelty:
    """Return the novelty of a text, given where its copied runs start.

    Args:
        text, longest, exact: as in `Novelty`.
        shared: whether a copied run starts at each position; bool, `COPIED_RUN - 1` shorter than
            the text, or empty.
    """
    copied = np.zeros(len(text), bool)
    for offset in range(COPIED_RUN):
        copied[offset : offset + len(shared)] |= shared
    return Novelty(text=text, copied=copied, longest=longest, exact=exact)
