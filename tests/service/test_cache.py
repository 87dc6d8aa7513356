"""The cache keeps the values used most recently."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from textgen.service.cache import LruCache


def test_a_value_in_use_is_never_dropped() -> None:
    cache: LruCache[int] = LruCache(3)
    cache["popular"] = 0
    for number in range(100):
        cache[number] = number
        assert cache.get("popular") == 0
    assert len(cache) == 3
    assert [cache.get(number) for number in (97, 98, 99)] == [None, 98, 99]


def test_a_value_stored_again_counts_as_new() -> None:
    cache: LruCache[int] = LruCache(2)
    cache["a"], cache["b"], cache["a"], cache["c"] = 1, 2, 3, 4
    assert [cache.get(key) for key in "abc"] == [3, None, 4]


def test_values_of_different_cost_share_the_size() -> None:
    cache: LruCache[str] = LruCache(10, cost=len)
    for key, value in enumerate(["a" * 4, "b" * 4, "c" * 4, "d"]):
        cache[key] = value
    assert [cache.get(key) for key in range(4)] == [None, "bbbb", "cccc", "d"]
    cache[1] = "b" * 6  # replaced, it counts once, and as the newest
    assert [cache.get(key) for key in range(4)] == [None, "bbbbbb", None, "d"]
    cache[9] = "e" * 99
    assert cache.get(9) == "e" * 99
    assert len(cache) == 1


@pytest.mark.parametrize("size", [1, 10])
def test_threads_can_share_a_cache(size: int) -> None:
    cache: LruCache[int] = LruCache(size)

    def use(number: int) -> bool:
        cache[number % 20] = number % 20
        return cache.get(number % 20) in (number % 20, None)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(use, range(5000)))
    assert len(cache) == size
