"""Tests of the set of hashes: its file format, its answers, and how often they are wrong."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support import naive
from tests.support.naive import SIZES
from textgen.text.fingerprints import FingerprintSet, file_size

GOLDEN = [0, 1, 4095, 4096, 2**32, 2**63, 2**64 - 1]
GOLDEN_BYTES = "000001fff000000fff000000ee20"


def hashes(count: int, *, seed: int = 0) -> NDArray[np.uint64]:
    """Return `count` random hashes."""
    return np.random.default_rng(seed).integers(2**64, size=count, dtype=np.uint64)


@pytest.mark.parametrize("count", SIZES)
def test_the_bytes_follow_the_format(count: int) -> None:
    numbers = hashes(count)
    assert FingerprintSet.of(numbers).to_bytes() == naive.packed(numbers.tolist())


def test_an_existing_file_is_still_read() -> None:
    numbers = np.array(GOLDEN, np.uint64)
    assert FingerprintSet.of(numbers).to_bytes().hex() == GOLDEN_BYTES
    assert FingerprintSet.from_bytes(bytes.fromhex(GOLDEN_BYTES), 7).contains(numbers).all()


@pytest.mark.parametrize("count", SIZES)
def test_a_set_survives_the_round_trip_and_misses_nothing(count: int) -> None:
    numbers, others = hashes(count), hashes(20_000, seed=1)
    written = FingerprintSet.of(numbers)
    read = FingerprintSet.from_bytes(written.to_bytes(), count)
    assert (len(written), len(read), read.to_bytes()) == (count, count, written.to_bytes())
    for known in (written, read):
        assert known.contains(numbers).all()
        assert known.contains(numbers[::-1]).shape == (count,)
    np.testing.assert_array_equal(read.contains(others), written.contains(others))


@pytest.mark.parametrize("count", [1, 100, 5000, 100_000])
def test_one_other_hash_in_4096_is_wrongly_accepted(count: int) -> None:
    others = hashes(1_000_000, seed=1)
    mistaken = int(FingerprintSet.of(hashes(count)).contains(others).sum())
    assert abs(mistaken - 1_000_000 / 4096) < 100  # six standard deviations


def test_every_hash_within_the_range_is_answered_correctly() -> None:
    for count in (1, 2, 3, 50):
        numbers = np.unique(hashes(count) % np.uint64(4096 * count))
        assert len(numbers) == count
        every = np.arange(4096 * count, dtype=np.uint64)
        expected = np.isin(every, numbers)
        np.testing.assert_array_equal(FingerprintSet.of(numbers).contains(every), expected)


def test_an_empty_set_contains_nothing() -> None:
    nothing = FingerprintSet.of(hashes(0))
    assert (len(nothing), nothing.to_bytes()) == (0, b"")
    assert not nothing.contains(hashes(100)).any()
    assert FingerprintSet.from_bytes(b"", 0).contains(hashes(0)).shape == (0,)


def test_a_repeated_hash_is_stored_once() -> None:
    numbers = hashes(50)
    twice = np.concatenate([numbers, numbers[::-1]])
    assert FingerprintSet.of(twice).to_bytes() == FingerprintSet.of(numbers).to_bytes()


@pytest.mark.parametrize("count", SIZES)
def test_a_hash_takes_fourteen_bits(count: int) -> None:
    low, high = 3 * -(-count // 2), -(-2 * count // 8)  # rounded up to pairs, to bytes
    assert file_size(count) == len(FingerprintSet.of(hashes(count)).to_bytes()) == low + high
    assert 0 <= 8 * file_size(count) - 14 * count < 8 + 12


@pytest.mark.parametrize("count", SIZES)
def test_a_file_of_another_size_is_refused(count: int) -> None:
    data = FingerprintSet.of(hashes(count)).to_bytes()
    for other in (data + b"\0", b"\0" + data, data[:-1], data[1:], b"", data * 2):
        if len(other) != len(data):
            with pytest.raises(ValueError, match=f"a set of {count:,} hashes has {len(data):,} "):
                FingerprintSet.from_bytes(other, count)
    with pytest.raises(ValueError, match=f"{count + 1:,}"):  # the same size if `count` is odd
        FingerprintSet.from_bytes(data, count + 1)


@pytest.mark.parametrize("count", [1, 2, 5, 8, 101])
def test_a_mark_too_many_or_too_few_is_refused(count: int) -> None:
    data = FingerprintSet.of(hashes(count)).to_bytes()
    marks = 8 * 3 * -(-count // 2)
    for bit in range(marks, marks + 2 * count):
        altered = bytearray(data)
        altered[bit // 8] ^= 128 >> bit % 8
        with pytest.raises(ValueError, match=f"hashes are marked, expected {count}"):
            FingerprintSet.from_bytes(bytes(altered), count)


def test_a_mark_past_the_last_place_is_refused() -> None:
    larger = FingerprintSet.of(hashes(102)).to_bytes()
    assert len(larger) == file_size(101)
    with pytest.raises(ValueError, match="102 hashes are marked, expected 101"):
        FingerprintSet.from_bytes(larger, 101)
