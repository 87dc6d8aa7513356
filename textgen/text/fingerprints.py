"""A set of hashes in few bytes, to ask whether something is in it.

In the form of Elias (1974), Efficient Storage and Retrieval by Content and Address of Static Files,
and of Fano: 14 bits for each hash, in a file and nothing to it but the hashes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LOW_BITS = 12  # so that one thing in 2¹² that is not in the set is taken for one that is


class FingerprintSet:
    """A set that knows all it holds and, of the rest, takes one thing in 4,096 for its own.

    Args:
        values: hashes, sorted, below `len(values) << 12`; uint64 `(count,)`.

    Example:
        >>> held = FingerprintSet.of(np.array([7, 2**63, 7], np.uint64))
        >>> held.contains(np.array([7, 8], np.uint64))
        array([ True, False])
    """

    def __init__(self, values: NDArray[np.uint64]) -> None:
        self._values = values

    @classmethod
    def of(cls, hashes: NDArray[np.uint64]) -> FingerprintSet:
        """Make the set of some hashes, uint64 `(n,)`, of which each counts once."""
        distinct = np.unique(hashes)
        return cls(np.sort(_folded(distinct, len(distinct))))

    def __len__(self) -> int:
        """How many different hashes it is of."""
        return len(self._values)

    def contains(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return of each hash whether it is in the set; both `(n,)`."""
        values = _folded(hashes, len(self))
        places = np.searchsorted(self._values, values)
        held = np.zeros(len(values), bool)
        within = places < len(self)
        held[within] = self._values[places[within]] == values[within]
        return held

    def to_bytes(self) -> bytes:
        """Return the set as a file holds it: the low bits, 3 bytes for 2, then the high ones."""
        low = (self._values & np.uint64((1 << _LOW_BITS) - 1)).astype(np.uint16)
        first, second = np.append(low, np.zeros(len(low) % 2, np.uint16)).reshape(-1, 2).T
        triples = np.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], axis=1)
        high = np.zeros(2 * len(self), bool)
        high[(self._values >> np.uint64(_LOW_BITS)).astype(np.int64) + np.arange(len(self))] = 1
        return triples.astype(np.uint8).tobytes() + np.packbits(high).tobytes()

    @classmethod
    def from_bytes(cls, data: bytes, count: int) -> FingerprintSet:
        """Read what `to_bytes` returned.

        Raises:
            ValueError: it is no set of so many hashes.
        """
        if len(data) != file_size(count):
            raise ValueError(f"a set of {count:,} hashes has {file_size(count):,} bytes")
        table = np.frombuffer(data, np.uint8)
        triples, high = np.split(table, [_low_size(count)])
        a, b, c = triples.reshape(-1, 3).astype(np.uint64).T
        low = np.stack([a << 4 | b >> 4, (b & 15) << 8 | c], axis=1).reshape(-1)[:count]
        places = np.flatnonzero(np.unpackbits(high))
        if len(places) != count:
            raise ValueError(f"{len(places):,} hashes are marked of {count:,}")
        return cls((places - np.arange(count)).astype(np.uint64) << np.uint64(_LOW_BITS) | low)


def file_size(count: int) -> int:
    """Return the bytes of a set of so many hashes."""
    return _low_size(count) + (2 * count + 7) // 8


def _low_size(count: int) -> int:
    return (count + 1) // 2 * 3


def _folded(hashes: NDArray[np.uint64], count: int) -> NDArray[np.uint64]:
    """Bring hashes into the range of a set: 2¹² places for each that it holds."""
    return hashes % np.uint64(max(1, count) << _LOW_BITS)
