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
from textgen.service.models import ModelCatalog, Recent, identity
from textgen.service.request import MAX_SEED_TEXT, Request
from textgen.service.reuse import about
from textgen.service.scheduler import PrioritySemaphore
from textgen.service.surprise import score_text, text_surprise
from textgen.service.temperatures import temperatures
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
class ResolvedRequest:
    """What a request is about, looked up once: its timeline may be replaced meanwhile.

    Attributes:
        request: what is asked.
        timeline, snapshot: what it chooses.
        prompt: what is used for what the visitor typed; never empty.
        notes: what to tell of it.
    """

    request: Request
    timeline: Timeline
    snapshot: Snapshot
    prompt: str
    notes: list[str]


class Service(ModelCatalog):
    """What visitors may ask of the timelines on a shelf."""

    def __init__(self, timelines: Sequence[Timeline]) -> None:
        super().__init__(timelines)
        self._texts: Recent[views.Continuation] = Recent(
            CACHED_TEXTS
        )  # they follow from their request
        self._semaphore = PrioritySemaphore(COMPUTING_AT_ONCE)

    def resolve(self, request: Request) -> ResolvedRequest:
        """Look up what a request is about.

        Raises:
            SettingsError: there is no such model, or `seed_text` is not a string.
            TimelineError: there is no such snapshot.
        """
        timeline, typed = self.timeline(request.model), request.seed_text
        if not isinstance(typed, str):
            raise SettingsError(f"seed_text must be a string, received {type(typed).__name__}.")
        kept = typed[-MAX_SEED_TEXT:]
        prompt, dropped = timeline.vocabulary.normalize(kept)
        notes = views.prompt_notes(kept, dropped, timeline.vocabulary)
        if len(typed) > MAX_SEED_TEXT:
            notes.insert(0, f"Only the last {MAX_SEED_TEXT:,} characters of the opening are read.")
        if not prompt.strip():
            prompt = views.prompts(timeline)[0]
            notes.append("Nothing was left to start from, so here is an opening of its own.")
        return ResolvedRequest(
            request=request,
            timeline=timeline,
            snapshot=timeline.manifest.find(epoch=request.epoch),
            prompt=prompt,
            notes=notes,
        )

    def write(self, request: Request) -> Iterator[dict[str, Any]]:
        """Continue an opening with the chosen snapshot, and give the passage as it grows.

        Several times a second, that is; see `views.passage`.

        Raises:
            TextGenError: a value is outside its range; before anything is given.
        """
        resolved = self.resolve(request)
        for continuation in self._continuation(resolved):
            yield views.passage(
                request, resolved.prompt, resolved.notes, {resolved.snapshot.step: continuation}
            )

    def compare(self, request: Request) -> Iterator[dict[str, Any]]:
        """Continue an opening with every snapshot, and give the passage as snapshots are done.

        The chosen one is done first, and what is done within a moment comes together.

        Raises:
            TextGenError: a value is outside its range; before anything is given.
        """
        resolved = self.resolve(request)
        others = [one for one in resolved.timeline.snapshots if one is not resolved.snapshot]
        texts: dict[int, views.Continuation] = {}
        given = time.monotonic()
        for snapshot in (resolved.snapshot, *others):
            of_snapshot = dataclasses.replace(resolved, snapshot=snapshot)
            *_, texts[snapshot.step] = self._continuation(of_snapshot, watched=False)
            if time.monotonic() - given >= GATHER_SECONDS:
                given = time.monotonic()
                yield views.passage(request, resolved.prompt, resolved.notes, texts)
        yield views.passage(request, resolved.prompt, resolved.notes, texts)

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

    def _continuation(
        self, resolved: ResolvedRequest, *, watched: bool = True
    ) -> Iterator[views.Continuation]:
        """Give the continuation of the opening so far, several times a second, at last the whole.

        Many visitors' texts take turns: first those of which nothing is there yet, at last those
        that nobody has before his eyes, which are not `watched`.
        """
        request, timeline, prompt = resolved.request, resolved.timeline, resolved.prompt
        stream = request.stream(self.generator(timeline, resolved.snapshot), prompt)
        settings = dataclasses.replace(request, model="", epoch="", seed_text=prompt)
        # Which of its words are real depends on the corpus, of which another run may have another.
        index = timeline.manifest.corpus_index
        key = (*identity(timeline, resolved.snapshot), index, settings)
        if (continuation := self._texts.get(key)) is None:
            text = ""
            while True:
                first = watched and not text
                with self._semaphore.acquire(priority=0 if first else 1 if watched else 2):
                    piece = _piece(stream, FIRST_SECONDS if first else FLUSH_SECONDS)
                text += piece
                if not piece or len(text) >= request.length:
                    break
                yield text, None
            try:
                continuation = text, timeline.real_words(text, seed_text=prompt)
            except HubError:  # it passes, and the text needs no index
                yield text, None
                return
            self._texts[key] = continuation
        yield continuation

    def temperatures(self, request: Request) -> dict[str, Any]:
        """Return the same opening continued at several temperatures.

        Raises:
            TextGenError: a value is outside its range.
        """
        resolved = self.resolve(request)

        def write(temperature: float) -> str:
            warmer = dataclasses.replace(request, temperature=temperature)
            *_, (text, _) = self._continuation(dataclasses.replace(resolved, request=warmer))
            return text

        return temperatures(
            self.generator(resolved.timeline, resolved.snapshot), resolved.prompt, write
        )

    def surprise(self, request: Request) -> dict[str, Any]:
        """Return how surprising a snapshot finds what it wrote; see `surprise.text_surprise`.

        Raises:
            TextGenError: a value is outside its range.
        """
        resolved = self.resolve(request)
        *_, (text, _) = self._continuation(resolved)
        return text_surprise(
            resolved.timeline,
            resolved.snapshot,
            self.generator(resolved.timeline, resolved.snapshot),
            resolved.prompt + text,
            prompt_length=len(resolved.prompt),
        )

    def score(self, model: str, epoch: float | str, text: str) -> dict[str, Any]:
        """Return how surprising a snapshot finds anybody's text; see `surprise.score_text`.

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
        resolved = self.resolve(request)
        timeline, snapshot, prompt = resolved.timeline, resolved.snapshot, resolved.prompt
        request.stream(self.generator(timeline, snapshot), prompt)  # only to refuse the same
        settings = {**request.settings, "seed_text": prompt, "epoch": snapshot.label}
        return about(timeline, snapshot, settings, address=address)


def _piece(stream: Iterator[str], seconds: float) -> str:
    """Return what a stream gives in so many seconds, at least a character unless it has ended."""
    piece, until = [], time.monotonic() + seconds
    for character in stream:
        piece.append(character)
        if time.monotonic() >= until:
            break
    return "".join(piece)
