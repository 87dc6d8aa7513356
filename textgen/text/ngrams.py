"""Counting models: interpolated Kneser–Ney n-grams of characters, the floor for a network.

An n-gram model of order n predicts a character w from the n − 1 characters before it, h. It looks
up how often w followed h in the training text, and mixes that with the prediction from one
character less, h′:

    p_n(w | h) = max(c(h w) − D_n, 0) / c(h) + D_n · N(h) / c(h) · p_{n−1}(w | h′)

Here c(h w) is a count, c(h) is its sum over all w, and N(h) is the number of different w with
c(h w) > 0. The discount is D_n = n₁ / (n₁ + 2 n₂), where n₁ and n₂ are the numbers of sequences
with count 1 and 2. At the highest order, c(h w) is how often h w occurs. Below it, c(h w) is the
number of different characters that occur before h w, because a sequence that follows many others
is likely to follow a new one, too. Order 0 gives every character the same probability. If h does
not occur, p_n is p_{n−1}.

Source:
    Kneser and Ney (1995), Improved backing-off for m-gram language modeling; Chen and Goodman
    (1999), An empirical study of smoothing techniques for language modeling, for the interpolation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import numpy as np
from numpy.typing import NDArray

from textgen.text.vocabulary import Ids

Counts = NDArray[np.int64]
_UNSEEN = -1  # the rank of a sequence that does not occur in the training text


@dataclass(eq=False)
class _Level:
    """The sequences of one length that occur in the training text, sorted, and their counts.

    Attributes:
        keys: for each sequence, the rank of all its characters but the last among the shorter
            sequences, times `vocab_size`, plus its last character; its own rank is its position.
        counts: how often each occurs.
        predecessors: how many different characters occur before each; empty until the next level
            is counted.
    """

    keys: Counts
    counts: Counts
    predecessors: Counts = field(default_factory=lambda: np.empty(0, np.int64))

    def ranks(self, keys: Counts) -> Counts:
        """Return the rank of each key, `_UNSEEN` if it does not occur; negative keys never do."""
        ranks = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[ranks] == keys, ranks, _UNSEEN)

    @staticmethod
    def discount(counts: Counts) -> float:
        """Return D for the counts of all sequences of one length; 0.5 if none has count 1."""
        once, twice = np.count_nonzero(counts == 1), np.count_nonzero(counts == 2)
        return once / (once + 2 * twice) if once else 0.5


class NgramModel:
    """The n-gram models of a training text, order by order.

    Memory: up to 24 bytes for each character of the text and each order that was asked for.

    Args:
        ids: the training text, shape `(n,)`, n at least 1.
        vocab_size: every id is below it.

    Example:
        >>> model = NgramModel(np.array([0, 1, 0, 1, 0]), vocab_size=2)
        >>> [round(loss, 3) for loss, _ in zip(model.losses(np.array([0, 1])), range(2))]
        [0.916, 0.134]
    """

    def __init__(self, ids: Ids, vocab_size: int) -> None:
        self._ids, self._vocab_size = ids.astype(np.int64), vocab_size
        # The rank of the sequence that ends at each character, of the length counted last.
        self._ranks: Counts = np.zeros(len(ids), np.int64)
        self._levels: list[_Level] = []

    def losses(self, ids: Ids) -> Iterator[float]:
        """Yield the loss on a text for order 1, 2, …: the mean of −ln p, in nats per character.

        Each order is counted when it is asked for. The iterator ends when the training text has no
        longer sequences.

        Args:
            ids: the text, shape `(n,)`, n at least 2; its first character is only read.
        """
        characters = ids.astype(np.int64)
        lower = np.full(len(characters), 1 / self._vocab_size)
        context = np.zeros(len(characters), np.int64)  # the rank of what precedes each character
        sequence = context  # the rank of each character and what precedes it
        for order in count():
            if order == len(self._levels) and not self._extend():
                return
            if order:
                shorter = self._levels[order - 1]
                lower = self._mixed(shorter, shorter.predecessors, (context, sequence), lower)
                context = np.concatenate([[_UNSEEN], sequence[:-1]])
            level = self._levels[order]
            keys = context * self._vocab_size + characters
            sequence = level.ranks(np.where(context == _UNSEEN, _UNSEEN, keys))
            predicted = self._mixed(level, level.counts, (context, sequence), lower)
            yield -float(np.log(predicted[1:]).mean())

    def probabilities(self, context: Ids, order: int) -> NDArray[np.float64]:
        """Return the probability of each next character, float64 `(vocab_size,)`, summing to 1.

        Args:
            context: the ids before it, shape `(k,)`; the last `order − 1` matter.
            order: one that `losses` has reached.
        """
        result = np.full(self._vocab_size, 1 / self._vocab_size)
        for length in range(min(order, len(context) + 1)):
            level, rank = self._levels[length], self._rank(context[len(context) - length :])
            if rank == _UNSEEN:
                break  # then no longer context occurs either
            first = rank * self._vocab_size
            following = slice(*np.searchsorted(level.keys, [first, first + self._vocab_size]))
            counts = level.counts if length == order - 1 else level.predecessors
            if total := counts[following].sum():
                kept = np.maximum(counts[following] - level.discount(counts), 0.0)
                result *= 1 - kept.sum() / total
                result[level.keys[following] - first] += kept / total
        return result

    def _extend(self) -> bool:
        """Count sequences that are one character longer; False if the text has none."""
        order = len(self._levels)
        if len(self._ids) <= order:
            return False
        before = self._ranks[:-1] if order else self._ranks
        keys, first, ranks, counts = np.unique(
            before * self._vocab_size + self._ids[order:],
            return_index=True,
            return_inverse=True,
            return_counts=True,
        )
        if order:
            shorter = self._ranks[1:][first]  # the same sequences without their first character
            last = self._levels[-1]
            last.predecessors = np.bincount(shorter, minlength=len(last.keys))
        self._ranks = ranks
        self._levels.append(_Level(keys, counts))
        return True

    def _rank(self, sequence: Ids) -> int:
        rank = np.zeros(1, np.int64)
        for level, character in zip(self._levels, sequence, strict=False):
            if rank[0] != _UNSEEN:
                rank = level.ranks(rank * self._vocab_size + int(character))
        return int(rank[0])

    def _mixed(
        self,
        level: _Level,
        counts: Counts,
        seen: tuple[Counts, Counts],
        lower: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Return p_n of each target.

        Args:
            level: the sequences of n characters.
            counts: their counts c(h w).
            seen: the rank of each target's context h, and of h w.
            lower: p_{n−1} of each target.
        """
        context, sequence = seen
        discount = level.discount(counts)
        kept = np.maximum(counts - discount, 0.0)
        parents = level.keys // self._vocab_size
        total = np.bincount(parents, weights=counts)
        left = total - np.bincount(parents, weights=kept)
        # A context that occurs only at the end of the text is followed by nothing.
        known = (context != _UNSEEN) & (context < len(total))
        context = np.where(known, context, 0)
        known &= total[context] > 0
        own = np.where(sequence == _UNSEEN, 0.0, kept[sequence])
        mixed = (own + left[context] * lower) / np.where(known, total[context], 1.0)
        return np.where(known, mixed, lower)
