"""What the page does, without Gradio: it holds timelines and answers visitors, and no visitor."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textgen import views
from textgen.checks import shown, whole_number
from textgen.config import ModelConfig
from textgen.errors import SettingsError, TextGenError
from textgen.generator import TextGenerator
from textgen.manifest import Snapshot
from textgen.sampling import DEFAULT_TEMPERATURE
from textgen.timeline import Timeline

MAX_LENGTH, DEFAULT_LENGTH = 2000, 400
MAX_SEED_TEXT = 1000
DEFAULT_SEED = 1
STAGES, STAGE_LENGTH = 6, 160
CACHED_SNAPSHOTS = 64
PREFETCH_BYTES = 2**30  # of one timeline
POLL_SECONDS = 30.0  # between two looks at a timeline in training, however many visitors watch
FLUSH_SECONDS = 0.05  # between two pieces of a stream: smooth to watch, few messages


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a visitor asks for.

    Attributes:
        model: a name out of `Page.models`.
        seed_text: what the text starts from; empty for an opening of the model's own.
        length: new characters, from 1 to `MAX_LENGTH`.
        temperature, top_k, top_p, min_p, no_repeat_ngram_size, seed: see `TextGenerator.stream`;
            here 0 for `top_k` or `no_repeat_ngram_size`, as 1 for `top_p`, stands for none.
    """

    model: str
    seed_text: str = ""
    length: int = DEFAULT_LENGTH
    temperature: float = DEFAULT_TEMPERATURE
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    no_repeat_ngram_size: int = 0
    seed: int = DEFAULT_SEED

    def stream(self, generator: TextGenerator, opening: str, length: int) -> Iterator[str]:
        """Return the continuation of an opening by one snapshot, character by character."""
        for name in ("top_k", "no_repeat_ngram_size"):
            whole_number(name, getattr(self, name), 0, otherwise=", 0 for none")
        return generator.stream(
            opening,
            length=length,
            temperature=self.temperature,
            top_k=self.top_k or None,
            top_p=self.top_p,
            min_p=self.min_p,
            no_repeat_ngram_size=self.no_repeat_ngram_size or None,
            seed=self.seed,
        )


class Page:
    """The timelines that a page shows.

    Args:
        timelines: at least one; names that repeat are numbered.
    """

    def __init__(self, timelines: Sequence[Timeline]) -> None:
        if not timelines:
            raise SettingsError("A page needs at least one timeline, received none.")
        self._timelines: dict[str, Timeline] = {}
        for timeline in timelines:
            name, number = timeline.name, 2
            while name in self._timelines:
                name, number = f"{timeline.name} ({number})", number + 1
            self._timelines[name] = timeline
        self._poll = threading.Lock()
        self._next_poll = time.monotonic() + POLL_SECONDS
        # Shared by all visitors, a generator is immutable; known by content, since another run may
        # take a timeline's place.
        self._generators: OrderedDict[tuple[str, str, ModelConfig], TextGenerator] = OrderedDict()
        self._fetching = threading.Lock()

    @property
    def models(self) -> list[str]:
        """The names to choose from."""
        return list(self._timelines)

    def timeline(self, model: str) -> Timeline:
        """Return a timeline by name.

        Raises:
            SettingsError: there is no such model.
        """
        timeline = self._timelines.get(model) if isinstance(model, str) else None
        if timeline is None:
            known = ", ".join(map(repr, self.models))
            raise SettingsError(f"There is no model {shown(model)}; there are {known}.")
        return timeline

    @property
    def growing(self) -> bool:
        """Whether a timeline's training has not come to its end."""
        return not all(timeline.manifest.finished for timeline in self._timelines.values())

    def prefetch(self) -> None:
        """Fetch, in the background, snapshots that are on the Hub only, first those shown."""
        if any(timeline.place.repo_id for timeline in self._timelines.values()):
            threading.Thread(target=self._fetch_all, name="prefetch", daemon=True).start()

    def _fetch_all(self) -> None:
        with self._fetching:  # one at a time
            for name, timeline in [*self._timelines.items()]:
                budget = PREFETCH_BYTES
                for snapshot in (*views.stages(timeline.manifest, STAGES), *timeline.snapshots):
                    budget -= snapshot.size
                    if budget < 0 or self._timelines[name] is not timeline:
                        break  # it has grown, and another of these comes for that
                    # What fails here is tried again, and explained, when it is asked for.
                    with contextlib.suppress(TextGenError):
                        timeline.place.file(
                            snapshot.file, largest=snapshot.size, sha256=snapshot.sha256
                        )

    def refresh(self) -> None:
        """Look for new snapshots of timelines in training, unless somebody just did or does.

        A Hub that cannot be asked leaves everything as it is.
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

    def _generator(self, timeline: Timeline, snapshot: Snapshot) -> TextGenerator:
        key = (snapshot.sha256, timeline.manifest.vocabulary_sha256, timeline.config)
        if (generator := self._generators.get(key)) is None:
            generator = self._generators[key] = timeline.generator(step=snapshot.step)
            while len(self._generators) > CACHED_SNAPSHOTS:
                self._generators.popitem(last=False)
        return generator

    def snapshot(self, request: Request, epoch: float | str) -> Snapshot:
        """Return the snapshot at an epoch, "best" or "last"; TimelineError if there is none."""
        return self.timeline(request.model).manifest.find(epoch=epoch)

    def opening(self, timeline: Timeline, request: Request) -> tuple[str, str]:
        """Return the opening that is used for what a visitor typed, and what to tell of it.

        Raises:
            SettingsError: it is not a string.
        """
        typed = request.seed_text
        if not isinstance(typed, str):
            raise SettingsError(f"seed_text must be a string, received {type(typed).__name__}.")
        kept = typed[-MAX_SEED_TEXT:]
        text, dropped = timeline.vocabulary.normalize(kept)
        notes = views.seed_notes(kept, dropped, timeline.vocabulary)
        if len(typed) > MAX_SEED_TEXT:
            notes.insert(0, f"Only the last {MAX_SEED_TEXT:,} characters of the opening are read.")
        if not text.strip():
            text = views.openings(timeline)[0]
            notes.append("Nothing was left to start from, so here is an opening of its own.")
        return text, " ".join(notes)

    def write(
        self, request: Request, epoch: float | str, *, pace: float | None = None
    ) -> Iterator[tuple[str, str]]:
        """Continue an opening; give (opening and text so far, notes) several times a second.

        Args:
            request: what is asked.
            epoch: of the snapshot that writes.
            pace: at most this many characters a second; None for as fast as it goes.

        Raises:
            TextGenError: a value is outside its range; before anything is given.
        """
        length = whole_number("length", request.length, 1, MAX_LENGTH)
        timeline = self.timeline(request.model)  # once: it may be replaced meanwhile
        text, notes = self.opening(timeline, request)
        generator = self._generator(timeline, timeline.manifest.find(epoch=epoch))
        began = given = time.monotonic()
        for count, piece in enumerate(request.stream(generator, text, length), start=1):
            text += piece
            now = time.monotonic()
            if now - given >= FLUSH_SECONDS:
                given = now
                yield text, notes
            if pace is not None and (ahead := began + count / pace - now) > FLUSH_SECONDS / 2:
                time.sleep(ahead)
        yield text, notes

    def stages(self, request: Request, epoch: float | str) -> str:
        """Return the opening continued by several snapshots, side by side, as HTML.

        Args:
            request: what is asked; its length is not used, a glance is meant.
            epoch: of the snapshot to mark.
        """
        timeline = self.timeline(request.model)
        opening, _ = self.opening(timeline, request)
        written = []
        for snapshot in views.stages(timeline.manifest, STAGES):
            generator = self._generator(timeline, snapshot)
            written.append((snapshot, "".join(request.stream(generator, opening, STAGE_LENGTH))))
        return views.stage_cards(written, opening, timeline.manifest.find(epoch=epoch))
