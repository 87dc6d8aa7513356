"""The app's models: found by name, prefetched, and updated while they are trained."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence

from textgen.checks import shown
from textgen.config import ModelConfig
from textgen.errors import SettingsError, TextGenError
from textgen.manifest.records import Snapshot
from textgen.service.cache import LruCache
from textgen.timeline.generator import TextGenerator
from textgen.timeline.timeline import Timeline

CACHED_BYTES = 2**28  # of weights in memory, for all timelines together
PREFETCH_BYTES = 2**30  # at most, per timeline
POLL_SECONDS = 30.0  # between two checks for new snapshots, for all users together


class ModelCatalog:
    """Timelines by name, and the generators of their snapshots.

    Args:
        timelines: at least one; repeated names get numbers.

    Raises:
        SettingsError: the list is empty.
    """

    def __init__(self, timelines: Sequence[Timeline]) -> None:
        if not timelines:
            raise SettingsError("The app needs at least one timeline, received none.")
        self._timelines: dict[str, Timeline] = {}
        for timeline in timelines:
            name, number = timeline.name, 2
            while name in self._timelines:
                name, number = f"{timeline.name} ({number})", number + 1
            self._timelines[name] = timeline
        self._poll = threading.Lock()
        self._next_poll = time.monotonic() + POLL_SECONDS
        self._generators = LruCache(CACHED_BYTES, cost=_bytes)
        self._fetching = threading.Lock()

    @property
    def names(self) -> list[str]:
        """The names of the models."""
        return list(self._timelines)

    def timeline(self, model: str) -> Timeline:
        """Return a timeline by name.

        Raises:
            SettingsError: the model does not exist.
        """
        timeline = self._timelines.get(model) if isinstance(model, str) else None
        if timeline is None:
            known = ", ".join(map(repr, self.names))
            raise SettingsError(f"There is no model {shown(model)}. Available: {known}.")
        return timeline

    @property
    def growing(self) -> bool:
        """Whether a model is still being trained."""
        return not all(timeline.manifest.finished for timeline in self._timelines.values())

    def prefetch(self) -> None:
        """Download snapshots from the Hub in the background, beginning with the best ones."""
        if any(timeline.source.repo_id for timeline in self._timelines.values()):
            threading.Thread(target=self._fetch_all, name="prefetch", daemon=True).start()

    def _fetch_all(self) -> None:
        with self._fetching:  # one at a time
            for name, timeline in [*self._timelines.items()]:
                budget = PREFETCH_BYTES
                for snapshot in (timeline.best, *timeline.snapshots):
                    budget -= snapshot.size
                    if budget < 0 or self._timelines[name] is not timeline:
                        break  # a newer version is being prefetched
                    # A failed download is retried, and reported, when a user needs the file.
                    with contextlib.suppress(TextGenError):
                        timeline.source.file(
                            snapshot.file, max_bytes=snapshot.size, sha256=snapshot.sha256
                        )

    def refresh(self) -> None:
        """Look for new snapshots of models in training, at most every `POLL_SECONDS`.

        If the Hub does not answer, nothing changes.
        """
        if time.monotonic() < self._next_poll or not self._poll.acquire(blocking=False):
            return
        try:
            for name, timeline in self._timelines.items():
                if not timeline.manifest.finished:
                    with contextlib.suppress(TextGenError):
                        if (newer := timeline.newer()) is not None:
                            self._timelines[name] = newer
                            self.prefetch()
        finally:
            self._next_poll = time.monotonic() + POLL_SECONDS
            self._poll.release()

    def generator(self, timeline: Timeline, snapshot: Snapshot) -> TextGenerator:
        """Return the generator of one snapshot; all users share it.

        Raises:
            TextGenError: its weights are missing, or differ from the manifest.
        """
        key = identity(timeline, snapshot)
        if (generator := self._generators.get(key)) is None:
            generator = self._generators[key] = timeline.generator(step=snapshot.step)
        return generator


def _bytes(generator: TextGenerator) -> int:
    """Return how many bytes a generator's weights take."""
    return 4 * generator.engine.config.parameters


def identity(timeline: Timeline, snapshot: Snapshot) -> tuple[str, str, ModelConfig]:
    """Return what a snapshot's texts depend on; another run may replace a timeline."""
    return snapshot.sha256, timeline.manifest.vocabulary_sha256, timeline.config
