"""Shares few cores between the threads of many users."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import threading
from collections.abc import Iterator


class PrioritySemaphore:
    """Lets a limited number of threads run: by priority, then first come, first served.

    With more running threads than cores, all would finish late instead of one after another. A
    thread that finishes passes its turn to the next in line, so that no thread gets two turns while
    another waits.

    Args:
        at_once: how many threads may run, at least one.

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
        """Wait for a turn and hold it while the context lasts; lower numbers go first."""
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
