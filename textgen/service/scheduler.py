"""Whose turn it is: many users' threads and few cores."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import threading
from collections.abc import Iterator


class PrioritySemaphore:
    """Lets only so many threads at once do something: by priority, then first come, first served.

    More threads than cores finish all of them late, in place of one after the other. A turn that
    ends is handed to whoever waits, so that nobody takes two while another waits for one.

    Args:
        at_once: how many threads, at least one.

    Example:
        semaphore = PrioritySemaphore(2)
        with semaphore.acquire(priority=0):
            ...
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._lock = threading.Lock()
        self._waiting: list[tuple[int, int, threading.Event]] = []  # a heap
        self._arrivals = itertools.count()

    @contextlib.contextmanager
    def acquire(self, *, priority: int) -> Iterator[None]:
        """Wait for a turn, before all of higher numbers, and have it as long as this lasts."""
        mine = threading.Event()
        with self._lock:
            if self._free:
                self._free -= 1
                mine.set()
            else:
                heapq.heappush(self._waiting, (priority, next(self._arrivals), mine))
        mine.wait()
        try:
            yield
        finally:
            with self._lock:
                if self._waiting:
                    heapq.heappop(self._waiting)[-1].set()
                else:
                    self._free += 1
