"""How much of a text is copied: the runs of characters it shares with a training corpus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

COPIED_RUN: Final = 20
"""Characters in the shortest run that counts as copied."""


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


def compare(text: str, corpus: str) -> Novelty:
    """Return what of a text stands in a corpus too, exactly.

    It reads the corpus up to six times, each a tenth of a second for half a million characters, and
    searches it for every run that might be the longest. Memory grows with the text alone.
    """
    starts = _shared(text, corpus, COPIED_RUN)
    shared = np.zeros(max(0, len(text) - COPIED_RUN + 1), bool)
    shared[starts] = True
    longest = _longest_run(text, corpus, shared) if starts else _longest_short_run(text, corpus)
    return novelty_of(text, shared, longest, exact=True)


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
    """Return start and end of the characters under each row of places where copied runs start."""
    return [(first, end + COPIED_RUN - 1) for first, end in _rows(shared)]


def _rows(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return start and end of each row of marked places."""
    edges = np.flatnonzero(np.diff(marked, prepend=False, append=False))
    return [(first, end) for first, end in edges.reshape(-1, 2).tolist()]


def novelty_of(
    text: str, shared: NDArray[np.bool_], longest: tuple[int, int], *, exact: bool
) -> Novelty:
    """Return what is copied, given at which places of a text copied runs start."""
    copied = np.zeros(len(text), bool)
    for offset in range(COPIED_RUN):
        copied[offset : offset + len(shared)] |= shared
    return Novelty(text=text, copied=copied, longest=longest, exact=exact)
