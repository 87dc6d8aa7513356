"""A cache of bounded size that keeps what is asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class LruCache(Generic[Value]):
    """Keeps up to so many values, and of more forgets the one asked for longest ago.

    Threads may share it.

    Args:
        size: values that are kept, at least one.

    Example:
        >>> cache: LruCache[int] = LruCache(2)
        >>> cache["a"], cache["b"] = 1, 2
        >>> _ = cache.get("a")
        >>> cache["c"] = 3
        >>> cache.get("a"), cache.get("b")
        (1, None)
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, Value] = OrderedDict()

    def get(self, key: Hashable) -> Value | None:
        """Return a value that is kept, else None."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def __setitem__(self, key: Hashable, value: Value) -> None:
        """Keep a value."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)

    def __len__(self) -> int:
        """How many values are kept."""
        return len(self._values)
