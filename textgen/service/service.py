"""Answers the app's requests, without Gradio and without storing anything about users."""

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
FIRST_PASSAGE_SECONDS = 0.5  # how long the start may spend on writing the first view
GATHER_SECONDS = 0.2  # between two messages of a comparison; each costs the server time


class Service:
    """Answers requests about a list of models.

    Args:
        timelines: at least one.

    Attributes:
        catalog: the models by name.

    Raises:
        SettingsError: the list is empty.
    """

    def __init__(self, timelines: Sequence[Timeline]) -> None:
        self.catalog = ModelCatalog(timelines)
        self._writer = Writer(self.catalog)

    def resolve(self, request: Request) -> ResolvedRequest:
        """Find the timeline, snapshot and prompt of a request.

        Raises:
            SettingsError: the model does not exist.
            TimelineError: the snapshot does not exist.
        """
        return resolve(request, self.catalog)

    def write(self, request: Request) -> Iterator[Passage]:
        """Continue a prompt with the chosen snapshot; yield the growing passage.

        It yields several times a second.

        Raises:
            TextGenError: the model or snapshot does not exist; raised before the first passage.
        """
        resolved = self.resolve(request)
        for written in self._writer.write(resolved):
            yield _passage(resolved, {resolved.snapshot.step: written})

    def compare(self, request: Request) -> Iterator[Passage]:
        """Continue a prompt with every snapshot; yield the passage as texts are added to it.

        The chosen snapshot comes first. Texts finished within `GATHER_SECONDS` come together.

        Raises:
            TextGenError: the model or snapshot does not exist; raised before the first passage.
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
        """Return the passage of the first view, with as many texts as are ready soon.

        Raises:
            TextGenError: the model or snapshot does not exist.
        """
        if self.catalog.timeline(request.model).source.repo_id is not None:
            *_, passage = self.write(request)  # other snapshots are downloaded later
            return passage
        until = time.monotonic() + FIRST_PASSAGE_SECONDS
        for passage in self.compare(request):
            if time.monotonic() >= until:
                return passage
        return passage

    def temperatures(self, request: Request) -> Temperatures:
        """Return the same prompt continued at several temperatures.

        Raises:
            TextGenError: the model or snapshot does not exist.
        """
        resolved = self.resolve(request)

        def write(temperature: float) -> str:
            changed = dataclasses.replace(request, temperature=temperature)
            return self._writer.text(dataclasses.replace(resolved, request=changed))

        generator = self.catalog.generator(resolved.timeline, resolved.snapshot)
        return compare_temperatures(generator, resolved.prompt, write)

    def surprise(self, request: Request) -> Surprise:
        """Return how surprising each character of its own text is to a snapshot.

        Raises:
            TextGenError: the model or snapshot does not exist.
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
        """Return how surprising each character of any text is to a snapshot.

        Raises:
            TextGenError: the model or snapshot does not exist, or the text has too few characters
                that the model knows.
        """
        timeline = self.catalog.timeline(model)
        snapshot = timeline.manifest.find(epoch=epoch)
        return score_text(timeline, snapshot, self.catalog.generator(timeline, snapshot), text)

    def reuse(self, request: Request, address: str) -> Reuse:
        """Return facts about a model, and code that answers a request elsewhere.

        Args:
            request: the request that the page shows.
            address: the app's URL as the user sees it; up to `MAX_ADDRESS` characters.

        Raises:
            TextGenError: the model or snapshot does not exist, or the address is too long.
        """
        checks.text("address", address, MAX_ADDRESS, "give the app's URL without a query")
        return about(self.resolve(request), address=address)


def _passage(resolved: ResolvedRequest, texts: dict[int, Continuation]) -> Passage:
    return passages.passage(resolved.request, resolved.prompt, resolved.notes, texts)
