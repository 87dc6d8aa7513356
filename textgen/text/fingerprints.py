"""A compact set of hashes that answers whether something is in it.

It uses the Elias–Fano encoding, 14 bits per hash, without a header: Elias (1974), Efficient Storage
and Retrieval by Content and Address of Static Files.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LOW_BITS = 12  # so one in 2¹² of the things that are not in the set is reported as if it were


class FingerprintSet:
    """A set of hashes that never misses a member, and wrongly accepts 1 in 4,096 other hashes.

    Args:
        values: the reduced hashes, sorted, below `len(values) << 12`; uint64 `(count,)`.

    Example:
        >>> fingerprints = FingerprintSet.of(np.array([7, 2**63, 7], np.uint64))
        >>> fingerprints.contains(np.array([7, 8], np.uint64))
        array([ True, False])
    """

    def __init__(self, values: NDArray[np.uint64]) -> None:
        self._values = values

    @classmethod
    def of(cls, hashes: NDArray[np.uint64]) -> FingerprintSet:
        """Return the set of these hashes, uint64 `(n,)`; repeated hashes count once."""
        distinct = np.unique(hashes)
        return cls(np.sort(_reduced(distinct, len(distinct))))

    def __len__(self) -> int:
        """The number of different hashes."""
        return len(self._values)

    def contains(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return whether each hash, uint64 `(n,)`, is in the set; bool `(n,)`."""
        values = _reduced(hashes, len(self))
        places = np.searchsorted(self._values, values)
        found = np.zeros(len(values), bool)
        within = places < len(self)
        found[within] = self._values[places[within]] == values[within]
        return found

    def to_bytes(self) -> bytes:
        """Return the set in its file format: all low bits, 3 bytes for 2 hashes, then all high."""
        low = (self._values & np.uint64((1 << _LOW_BITS) - 1)).astype(np.uint16)
        first, second = np.append(low, np.zeros(len(low) % 2, np.uint16)).reshape(-1, 2).T
        triples = np.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], axis=1)
        high = np.zeros(2 * len(self), bool)
        high[(self._values >> np.uint64(_LOW_BITS)).astype(np.int64) + np.arange(len(self))] = 1
        return triples.astype(np.uint8).tobytes() + np.packbits(high).tobytes()

    @classmethod
    def from_bytes(cls, data: bytes, count: int) -> FingerprintSet:
        """Read a set that `to_bytes` wrote.

        Args:
            data: the bytes.
            count: the number of different hashes.

        Raises:
            ValueError: the bytes are not a set of that many hashes.
        """
        if len(data) != file_size(count):
            raise ValueError(f"a set of {count:,} hashes has {file_size(count):,} bytes")
        table = np.frombuffer(data, np.uint8)
        triples, high = np.split(table, [_low_size(count)])
        a, b, c = triples.reshape(-1, 3).astype(np.uint64).T
        low = np.stack([a << 4 | b >> 4, (b & 15) << 8 | c], axis=1).reshape(-1)[:count]
        places = np.flatnonzero(np.unpackbits(high))
        if len(places) != count:
            raise ValueError(f"{len(places):,} hashes are marked, expected {count:,}")
        return cls((places - np.arange(count)).astype(np.uint64) << np.uint64(_LOW_BITS) | low)


def file_size(count: int) -> int:
    """Return the size in bytes of a set with this many hashes."""
    return _low_size(count) + (2 * count + 7) // 8


def _low_size(count: int) -> int:
    return (count + 1) // 2 * 3


def _reduced(hashes: NDArray[np.uint64], count: int) -> NDArray[np.uint64]:
    """Reduce hashes to the range of a set of `count`: 2¹² values for each member."""
    return hashes % np.uint64(max(1, count) << _LOW_BITS)
