"""Whose turn it is: many visitors' threads and few cores."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Iterator


class Turns:
    """Lets only so many threads at once do something: first come, first served, the urgent first.

    More threads than cores finish all of them late, in place of one after the other. A turn that
    ends is handed to whoever waits, so that nobody takes two while another waits for one.

    Args:
        at_once: how many threads, at least one.

    Example:
        turns = Turns(2)
        with turns.taken(urgent=True):
            ...
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._lock = threading.Lock()
        self._waiting: dict[bool, deque[threading.Event]] = {True: deque(), False: deque()}

    @property
    def waiting(self) -> int:
        """How many wait for a turn."""
        return sum(map(len, self._waiting.values()))

    @contextlib.contextmanager
    def taken(self, *, urgent: bool) -> Iterator[None]:
        """Wait for a turn, before all that are not urgent, and have it as long as this lasts."""
        mine = threading.Event()
        with self._lock:
            if self._free:
                self._free -= 1
                mine.set()
            else:
                self._waiting[urgent].append(mine)
        mine.wait()
        try:
            yield
        finally:
            with self._lock:
                waiting = self._waiting[True] or self._waiting[False]
                if waiting:
                    waiting.popleft().set()
                else:
                    self._free += 1
