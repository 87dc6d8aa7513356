"""What the app answers, without Gradio and without holding anything of any user."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence

from textgen import checks
from textgen.service import passages
from textgen.service.models import ModelCatalog
from textgen.service.request import Request
from textgen.service.resolve import ResolvedRequest, resolve
from textgen.service.reuse import about
from textgen.service.surprise import score_text, text_surprise
from textgen.service.temperatures import compare_temperatures
from textgen.service.wire import Continuation, Passage, Reuse, Surprise, Temperatures
from textgen.service.writing import Writer
from textgen.timeline.timeline import Timeline

MAX_ADDRESS = 2000
FIRST_PASSAGE_SECONDS = 2.0  # that the start may take for texts which no user then asks for
GATHER_SECONDS = 0.2  # between two messages with more snapshots' texts: each costs the server time


class Service:
    """Answers questions on the models of a catalog.

    Args:
        timelines: at least one.

    Attributes:
        catalog: the models by name.

    Raises:
        SettingsError: there is none.
    """

    def __init__(self, timelines: Sequence[Timeline]) -> None:
        self.catalog = ModelCatalog(timelines)
        self._writer = Writer(self.catalog)

    def resolve(self, request: Request) -> ResolvedRequest:
        """Look up what a request is about.

        Raises:
            SettingsError: there is no such model.
            TimelineError: there is no such snapshot.
        """
        return resolve(request, self.catalog)

    def write(self, request: Request) -> Iterator[Passage]:
        """Continue a prompt with the chosen snapshot, and give the passage as it grows.

        Several times a second, that is.

        Raises:
            TextGenError: there is no such model or snapshot; before anything is given.
        """
        resolved = self.resolve(request)
        for written in self._writer.write(resolved):
            yield _passage(resolved, {resolved.snapshot.step: written})

    def compare(self, request: Request) -> Iterator[Passage]:
        """Continue a prompt with every snapshot, and give the passage as snapshots are done.

        The chosen one is done first, and what is done within a moment comes together.

        Raises:
            TextGenError: there is no such model or snapshot; before anything is given.
        """
        resolved = self.resolve(request)
        others = [one for one in resolved.timeline.snapshots if one is not resolved.snapshot]
        texts: dict[int, Continuation] = {}
        given = time.monotonic()
        for snapshot in (resolved.snapshot, *others):
            of_snapshot = dataclasses.replace(resolved, snapshot=snapshot)
            *_, texts[snapshot.step] = self._writer.write(of_snapshot, watched=False)
            if time.monotonic() - given >= GATHER_SECONDS:
                given = time.monotonic()
                yield _passage(resolved, texts)
        yield _passage(resolved, texts)

    def first(self, request: Request) -> Passage:
        """Return the passage that everybody sees first, with as many texts as come soon.

        Raises:
            TextGenError: there is no such model or snapshot.
        """
        if self.catalog.timeline(request.model).source.repo_id is not None:
            *_, passage = self.write(request)  # what it does not need is fetched later
            return passage
        until = time.monotonic() + FIRST_PASSAGE_SECONDS
        for passage in self.compare(request):
            if time.monotonic() >= until:
                return passage
        return passage

    def temperatures(self, request: Request) -> Temperatures:
        """Return the same prompt continued at several temperatures.

        Raises:
            TextGenError: there is no such model or snapshot.
        """
        resolved = self.resolve(request)

        def write(temperature: float) -> str:
            changed = dataclasses.replace(request, temperature=temperature)
            return self._writer.text(dataclasses.replace(resolved, request=changed))

        generator = self.catalog.generator(resolved.timeline, resolved.snapshot)
        return compare_temperatures(generator, resolved.prompt, write)

    def surprise(self, request: Request) -> Surprise:
        """Return how surprising a snapshot finds what it wrote.

        Raises:
            TextGenError: there is no such model or snapshot.
        """
        resolved = self.resolve(request)
        text = self._writer.text(resolved)
        return text_surprise(
            resolved.timeline,
            resolved.snapshot,
            self.catalog.generator(resolved.timeline, resolved.snapshot),
            resolved.prompt + text,
            prompt_length=len(resolved.prompt),
        )

    def score(self, model: str, epoch: float | str, text: str) -> Surprise:
        """Return how surprising a snapshot finds anybody's text.

        Raises:
            TextGenError: there is no such snapshot, or too little is left of the text.
        """
        timeline = self.catalog.timeline(model)
        snapshot = timeline.manifest.find(epoch=epoch)
        return score_text(timeline, snapshot, self.catalog.generator(timeline, snapshot), text)

    def reuse(self, request: Request, address: str) -> Reuse:
        """Return facts on the model, and code that does what is asked.

        Args:
            request: what is shown.
            address: of the page, as the user sees it; up to `MAX_ADDRESS` characters.

        Raises:
            TextGenError: there is no such model or snapshot, or the address is longer.
        """
        checks.text("address", address, MAX_ADDRESS, "give that of the page alone")
        return about(self.resolve(request), address=address)


def _passage(resolved: ResolvedRequest, texts: dict[int, Continuation]) -> Passage:
    return passages.passage(resolved.request, resolved.prompt, resolved.notes, texts)
