"""What the page answers to each event."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any
from urllib.parse import parse_qsl

import gradio as gr
from gradio.components import Component

from textgen.checks import whole_number
from textgen.errors import TextGenError
from textgen.page.components import Components
from textgen.page.errors import show_errors
from textgen.service.request import DEFAULT_SEED, Request
from textgen.service.service import Service

MAX_REQUEST_ID = 2**53 - 1  # JavaScript counts no further

Values = Mapping[Component, Any]
"""What components hold, as Gradio hands it over where the inputs are a set."""


class EventHandlers:
    """What the page answers to each event.

    Args:
        service: that answers.
        components: that ask, and show the answers.
    """

    def __init__(self, service: Service, components: Components) -> None:
        self._service, self._components = service, components

    def preview(self, values: Values) -> Iterator[dict[str, Any]]:
        """Continue with the chosen snapshot, to be shown at once."""
        with show_errors():
            request_id = self._request_id(values)
            for passage in self._service.write(self._request(values)):
                yield {**passage, "request_id": request_id}

    def compare(self, values: Values) -> Iterator[dict[str, Any]]:
        """Continue with every snapshot."""
        with show_errors():
            request_id = self._request_id(values)
            for passage in self._service.compare(self._request(values)):
                yield {**passage, "request_id": request_id}

    def write(self, values: Values) -> Iterator[dict[str, Any]]:
        """Continue with the chosen snapshot, to be shown character by character."""
        run = time.time_ns() // 1000
        for passage in self.preview(values):
            yield {**passage, "run": run, "start": 0}

    def more(self, event: gr.EventData, values: Values) -> Iterator[dict[Component, Any]]:
        """Do the same for a greater length, to be shown from the characters that are shown."""
        run = time.time_ns() // 1000
        length, output = self._components.settings["length"], self._components.output
        with show_errors():
            shown = whole_number("shown", event.shown, 0)
        for passage in self.preview({**values, length: event.length}):
            (written,) = passage["texts"].values()
            # What is shown already is not taken back while it is written again.
            if len(written["text"]) >= shown:
                yield {length: event.length, output: {**passage, "run": run, "start": shown}}

    def show_link(self, query: Mapping[str, str]) -> Any:
        """Return what all components show for a link.

        Raises:
            TextGenError: it asks for something that there is not.
        """
        request = Request.from_link(query, self._service.catalog.names)
        if request is None:
            return gr.skip()
        resolved = self._service.resolve(request)
        if "seed_text" not in query:
            request = dataclasses.replace(request, seed_text=resolved.prompt)
        return {
            **self._components.show_model(
                request.model, resolved.timeline, resolved.snapshot.label
            ),
            **self._components.show_request(request),
        }

    def open_link(self, event: gr.EventData) -> Any:
        """Show what a link says: one that a user came by, or one to what was shown before."""
        try:
            return self.show_link(dict(parse_qsl(str(event.query), keep_blank_values=True)))
        except TextGenError as error:
            gr.Warning(f"This link cannot be shown. {escape(str(error), quote=False)}")
            return gr.skip()

    def change_model(self, values: Values) -> Any:
        """Show another model, which begins with a prompt of its own."""
        model = values[self._components.model]
        if model == values[self._components.curve].get("model"):
            return gr.skip()  # Gradio's list says that it was changed when it is only left
        with show_errors():
            resolved = self._service.resolve(Request(model=model))
            return {
                **self._components.show_model(model, resolved.timeline, resolved.snapshot.label),
                self._components.seed_text: resolved.prompt,
            }

    def poll(self, values: Values) -> Any:
        """Offer the snapshots that a model in training has made meanwhile."""
        # Nobody asked for this, so what goes wrong here bothers nobody.
        with contextlib.suppress(TextGenError):
            self._service.catalog.refresh()
            request = self._request(values)
            timeline = self._service.catalog.timeline(request.model)
            if values[self._components.newest] != timeline.snapshots[-1].sha256:
                if request.epoch not in [snapshot.label for snapshot in timeline.snapshots]:
                    # Another run has taken its place.
                    request = dataclasses.replace(request, epoch=timeline.best.label)
                *_, passage = self._service.compare(request)
                return {
                    **self._components.show_model(request.model, timeline, str(request.epoch)),
                    self._components.output: {**passage, "request_id": self._request_id(values)},
                }
        return gr.skip()

    def temperatures(self, values: Values) -> Any:
        """Return the chosen snapshot at several temperatures."""
        with show_errors():
            return self._service.temperatures(self._request(values))

    def surprise(self, values: Values) -> Any:
        """Return how surprising the chosen snapshot finds what it wrote."""
        with show_errors():
            return self._service.surprise(self._request(values))

    def score(self, values: Values) -> Any:
        """Return how surprising the chosen snapshot finds a user's text."""
        with show_errors():
            model, epoch = self._snapshot(values)
            return self._service.score(model, epoch, values[self._components.own_text])

    def reuse(self, values: Values) -> Any:
        """Return facts on the model, and how to do elsewhere what is shown."""
        with show_errors():
            address = values[self._components.curve].get("address")  # which the browser knows
            return self._service.reuse(self._request(values), address)

    def _request(self, values: Values) -> Request:
        model, epoch = self._snapshot(values)
        settings = {name: values[each] for name, each in self._components.settings.items()}
        if settings["seed"] is None:  # an empty field
            settings["seed"] = DEFAULT_SEED
        seed_text = values[self._components.seed_text]
        return Request(model=model, epoch=epoch, seed_text=seed_text, **settings)

    def _snapshot(self, values: Values) -> tuple[str, str]:
        """Return model and epoch; into the curve's value the browser puts what is chosen there."""
        model, curve = values[self._components.model], values[self._components.curve]
        # A model that was just chosen has other snapshots than the one on the screen.
        return model, curve["epoch"] if curve.get("model", model) == model else "best"

    def _request_id(self, values: Values) -> int:
        """Return by what the browser tells a late answer from one to its last question."""
        received = values[self._components.curve].get("request_id", 0)
        return whole_number("request_id", received, 0, MAX_REQUEST_ID)
