"""A cache of limited size."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class LruCache(Generic[Value]):
    """A least-recently-used cache; safe to share between threads.

    Args:
        size: how many values it keeps or, with a `cost`, how much they may cost together. The
            newest value is always kept.
        cost: the cost of a value.

    Example:
        >>> cache: LruCache[int] = LruCache(2)
        >>> cache["a"], cache["b"] = 1, 2
        >>> _ = cache.get("a")
        >>> cache["c"] = 3
        >>> cache.get("a"), cache.get("b")
        (1, None)
    """

    def __init__(self, size: int, cost: Callable[[Value], int] = lambda _: 1) -> None:
        self._size, self._cost, self._total = size, cost, 0
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, Value] = OrderedDict()

    def get(self, key: Hashable) -> Value | None:
        """Return a cached value, or None."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def __setitem__(self, key: Hashable, value: Value) -> None:
        """Store a value."""
        with self._lock:
            if key in self._values:
                self._total -= self._cost(self._values.pop(key))
            self._values[key] = value
            self._total += self._cost(value)
            while self._total > self._size and len(self._values) > 1:
                self._total -= self._cost(self._values.popitem(last=False)[1])

    def __len__(self) -> int:
        """Return the number of cached values."""
        return len(self._values)
