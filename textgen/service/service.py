"""What the page does, without Gradio: it answers visitors, and holds nothing of any of them."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from textgen import checks
from textgen.errors import HubError, SettingsError
from textgen.manifest.schema import Snapshot
from textgen.service import passages as views
from textgen.service.models import Recent, Shelf, identity
from textgen.service.request import MAX_SEED_TEXT, Request
from textgen.service.reuse import about
from textgen.service.scheduler import Turns
from textgen.service.surprise import look_inside, score_text
from textgen.service.temperatures import ladder
from textgen.timeline.timeline import Timeline

MAX_ADDRESS = 2000
CACHED_TEXTS = 2048  # of up to `MAX_LENGTH` characters: what many ask for is written once
FLUSH_SECONDS = 0.05  # between two pieces of a stream: smooth to watch, few messages
FIRST_SECONDS = 0.001  # until the first piece
FIRST_PASSAGE_SECONDS = 2.0  # that the start may take for texts which no visitor then asks for
GATHER_SECONDS = 0.2  # between two messages with more snapshots' texts: each costs the server time
# Of the threads that write. The server's own needs a core too, and only products run beside it.
COMPUTING_AT_ONCE = min(4, max(1, (os.cpu_count() or 1) - 1))
# Of the visitors whose texts begin: they wait for turns, and threads that wait cost little.
WRITING_AT_ONCE = 64


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a request is about, looked up once: its timeline may be replaced meanwhile.

    Attributes:
        request: what is asked.
        timeline, snapshot: what it chooses.
        opening: what is used for what the visitor typed; never empty.
        notes: what to tell of it.
    """

    request: Request
    timeline: Timeline
    snapshot: Snapshot
    opening: str
    notes: list[str]


class Page(Shelf):
    """What visitors may ask of the timelines on a shelf."""

    def __init__(self, timelines: Sequence[Timeline]) -> None:
        super().__init__(timelines)
        self._texts: Recent[views.Written] = Recent(CACHED_TEXTS)  # they follow from their request
        self._turns = Turns(COMPUTING_AT_ONCE)

    def look_up(self, request: Request) -> Asked:
        """Look up what a request is about.

        Raises:
            SettingsError: there is no such model, or `seed_text` is not a string.
            TimelineError: there is no such snapshot.
        """
        timeline, typed = self.timeline(request.model), request.seed_text
        if not isinstance(typed, str):
            raise SettingsError(f"seed_text must be a string, received {type(typed).__name__}.")
        kept = typed[-MAX_SEED_TEXT:]
        opening, dropped = timeline.vocabulary.normalize(kept)
        notes = views.seed_notes(kept, dropped, timeline.vocabulary)
        if len(typed) > MAX_SEED_TEXT:
            notes.insert(0, f"Only the last {MAX_SEED_TEXT:,} characters of the opening are read.")
        if not opening.strip():
            opening = views.openings(timeline)[0]
            notes.append("Nothing was left to start from, so here is an opening of its own.")
        return Asked(
            request=request,
            timeline=timeline,
            snapshot=timeline.manifest.find(epoch=request.epoch),
            opening=opening,
            notes=notes,
        )

    def write(self, request: Request) -> Iterator[dict[str, Any]]:
        """Continue an opening with the chosen snapshot, and give the passage as it grows.

        Several times a second, that is; see `views.passage`.

        Raises:
            TextGenError: a value is outside its range; before anything is given.
        """
        asked = self.look_up(request)
        for written in self._continued(asked):
            yield views.passage(request, asked.opening, asked.notes, {asked.snapshot.step: written})

    def compare(self, request: Request) -> Iterator[dict[str, Any]]:
        """Continue an opening with every snapshot, and give the passage as snapshots are done.

        The chosen one is done first, and what is done within a moment comes together.

        Raises:
            TextGenError: a value is outside its range; before anything is given.
        """
        asked = self.look_up(request)
        others = [one for one in asked.timeline.snapshots if one is not asked.snapshot]
        texts: dict[int, views.Written] = {}
        given = time.monotonic()
        for snapshot in (asked.snapshot, *others):
            of_snapshot = dataclasses.replace(asked, snapshot=snapshot)
            *_, texts[snapshot.step] = self._continued(of_snapshot, watched=False)
            if time.monotonic() - given >= GATHER_SECONDS:
                given = time.monotonic()
                yield views.passage(request, asked.opening, asked.notes, texts)
        yield views.passage(request, asked.opening, asked.notes, texts)

    def first(self, request: Request) -> dict[str, Any]:
        """Return the passage that everybody sees first, with as many texts as come soon.

        Raises:
            TextGenError: a value is outside its range.
        """
        if self.timeline(request.model).source.repo_id is not None:
            *_, passage = self.write(request)  # what it does not need is fetched later
            return passage
        until = time.monotonic() + FIRST_PASSAGE_SECONDS
        for passage in self.compare(request):
            if time.monotonic() >= until:
                return passage
        return passage

    def _continued(self, asked: Asked, *, watched: bool = True) -> Iterator[views.Written]:
        """Give the continuation of the opening so far, several times a second, at last the whole.

        Many visitors' texts take turns: first those of which nothing is there yet, at last those
        that nobody has before his eyes, which are not `watched`.
        """
        request, timeline, opening = asked.request, asked.timeline, asked.opening
        stream = request.stream(self.generator(timeline, asked.snapshot), opening)
        settings = dataclasses.replace(request, model="", epoch="", seed_text=opening)
        # Which of its words are real depends on the corpus, of which another run may have another.
        index = timeline.manifest.corpus_index
        key = (*identity(timeline, asked.snapshot), index, settings)
        if (written := self._texts.get(key)) is None:
            text = ""
            while True:
                first = watched and not text
                with self._turns.taken(rank=0 if first else 1 if watched else 2):
                    piece = _piece(stream, FIRST_SECONDS if first else FLUSH_SECONDS)
                text += piece
                if not piece or len(text) >= request.length:
                    break
                yield text, None
            try:
                written = text, timeline.real_words(text, opening=opening)
            except HubError:  # it passes, and the text needs no index
                yield text, None
                return
            self._texts[key] = written
        yield written

    def ladder(self, request: Request) -> dict[str, Any]:
        """Return the same opening continued at several temperatures; see `ladder.ladder`.

        Raises:
            TextGenError: a value is outside its range.
        """
        asked = self.look_up(request)

        def write(temperature: float) -> str:
            rung = dataclasses.replace(request, temperature=temperature)
            *_, (text, _) = self._continued(dataclasses.replace(asked, request=rung))
            return text

        return ladder(self.generator(asked.timeline, asked.snapshot), asked.opening, write)

    def inside(self, request: Request) -> dict[str, Any]:
        """Return how surprising a snapshot finds what it wrote; see `inside.look_inside`.

        Raises:
            TextGenError: a value is outside its range.
        """
        asked = self.look_up(request)
        *_, (text, _) = self._continued(asked)
        return look_inside(
            asked.timeline,
            asked.snapshot,
            self.generator(asked.timeline, asked.snapshot),
            asked.opening + text,
            opening_length=len(asked.opening),
        )

    def score(self, model: str, epoch: float | str, text: str) -> dict[str, Any]:
        """Return how surprising a snapshot finds anybody's text; see `inside.score_text`.

        Raises:
            TextGenError: there is no such snapshot, or too little is left of the text.
        """
        timeline = self.timeline(model)
        snapshot = timeline.manifest.find(epoch=epoch)
        return score_text(timeline, snapshot, self.generator(timeline, snapshot), text)

    def reuse(self, request: Request, address: str) -> dict[str, Any]:
        """Return facts on the model, and code that does what is asked; see `reuse.about`.

        Args:
            request: what is shown.
            address: of the page, as the visitor sees it; up to `MAX_ADDRESS` characters.

        Raises:
            TextGenError: there is no such snapshot, or a value is outside its range.
        """
        checks.text("address", address, MAX_ADDRESS, "give that of the page alone")
        asked = self.look_up(request)
        timeline, snapshot, opening = asked.timeline, asked.snapshot, asked.opening
        request.stream(self.generator(timeline, snapshot), opening)  # only to refuse the same
        settings = {**request.settings, "seed_text": opening, "epoch": snapshot.label}
        return about(timeline, snapshot, settings, address=address)


def _piece(stream: Iterator[str], seconds: float) -> str:
    """Return what a stream gives in so many seconds, at least a character unless it has ended."""
    piece, until = [], time.monotonic() + seconds
    for character in stream:
        piece.append(character)
        if time.monotonic() >= until:
            break
    return "".join(piece)
