"""Handles the events of the page."""

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

MAX_REQUEST_ID = 2**53 - 1  # JavaScript's largest safe integer

Values = Mapping[Component, Any]
"""The components' values; Gradio passes a mapping if an event's inputs are a set."""


class EventHandlers:
    """The handler of each event.

    Args:
        service: answers the requests.
        components: hold the requests and show the answers.
    """

    def __init__(self, service: Service, components: Components) -> None:
        self._service, self._components = service, components

    def preview(self, values: Values) -> Iterator[dict[str, Any]]:
        """Continue the prompt with the chosen snapshot; the browser shows the text at once."""
        with show_errors():
            request_id = self._request_id(values)
            for passage in self._service.write(self._request(values)):
                yield {**passage, "request_id": request_id}

    def compare(self, values: Values) -> Iterator[dict[str, Any]]:
        """Continue the prompt with every snapshot."""
        with show_errors():
            request_id = self._request_id(values)
            for passage in self._service.compare(self._request(values)):
                yield {**passage, "request_id": request_id}

    def write(self, values: Values) -> Iterator[dict[str, Any]]:
        """Like `preview`, but the browser shows the text character by character."""
        run = time.time_ns() // 1000
        for passage in self.preview(values):
            yield {**passage, "run": run, "start": 0}

    def more(self, event: gr.EventData, values: Values) -> Iterator[dict[Component, Any]]:
        """Like `write` for a greater length, from the characters that are already shown."""
        run = time.time_ns() // 1000
        length, output = self._components.settings["length"], self._components.output
        with show_errors():
            shown = whole_number("shown", event.shown, 0)
        for passage in self.preview({**values, length: event.length}):
            (written,) = passage["texts"].values()
            # Wait until the new text is as long as the one on the page.
            if len(written["text"]) >= shown:
                yield {length: event.length, output: {**passage, "run": run, "start": shown}}

    def show_link(self, query: Mapping[str, str]) -> Any:
        """Return the values of all components for a link.

        Raises:
            TextGenError: the link names a model or snapshot that does not exist, or a bad value.
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
        """Show the text of a link, or of an entry in the history."""
        try:
            return self.show_link(dict(parse_qsl(str(event.query), keep_blank_values=True)))
        except TextGenError as error:
            gr.Warning(f"This link does not work. {escape(str(error), quote=False)}")
            return gr.skip()

    def change_model(self, values: Values) -> Any:
        """Show another model, with one of its own prompts."""
        model = values[self._components.model]
        with show_errors():
            resolved = self._service.resolve(Request(model=model))
            return {
                **self._components.show_model(model, resolved.timeline, resolved.snapshot.label),
                self._components.seed_text: resolved.prompt,
            }

    def poll(self, values: Values) -> Any:
        """Show the snapshots that a model in training has saved meanwhile."""
        # The user did not ask for this, so errors are not shown.
        with contextlib.suppress(TextGenError):
            self._service.catalog.refresh()
            request = self._request(values)
            timeline = self._service.catalog.timeline(request.model)
            if values[self._components.newest] != timeline.snapshots[-1].sha256:
                if request.epoch not in [snapshot.label for snapshot in timeline.snapshots]:
                    # Another training run replaced the timeline.
                    request = dataclasses.replace(request, epoch=timeline.best.label)
                *_, passage = self._service.compare(request)
                return {
                    **self._components.show_model(request.model, timeline, str(request.epoch)),
                    self._components.output: {**passage, "request_id": self._request_id(values)},
                }
        return gr.skip()

    def temperatures(self, values: Values) -> Any:
        """Return texts of the chosen snapshot at several temperatures."""
        with show_errors():
            return self._service.temperatures(self._request(values))

    def surprise(self, values: Values) -> Any:
        """Return how surprising each character of its own text is to the chosen snapshot."""
        with show_errors():
            return self._service.surprise(self._request(values))

    def score(self, values: Values) -> Any:
        """Return how surprising each character of a user's text is to the chosen snapshot."""
        with show_errors():
            model, epoch = self._snapshot(values)
            return self._service.score(model, epoch, values[self._components.own_text])

    def reuse(self, values: Values) -> Any:
        """Return facts about the model, and code that writes the same text elsewhere."""
        with show_errors():
            address = values[self._components.curve].get("address")  # added by the browser
            return self._service.reuse(self._request(values), address)

    def _request(self, values: Values) -> Request:
        model, epoch = self._snapshot(values)
        settings = {name: values[each] for name, each in self._components.settings.items()}
        if settings["seed"] is None:  # an empty field
            settings["seed"] = DEFAULT_SEED
        seed_text = values[self._components.seed_text]
        return Request(model=model, epoch=epoch, seed_text=seed_text, **settings)

    def _snapshot(self, values: Values) -> tuple[str, str]:
        """Return model and epoch; the browser puts the chosen epoch into the curve's value."""
        model, curve = values[self._components.model], values[self._components.curve]
        # Right after a change of model, the browser still names a snapshot of the old one.
        return model, curve["epoch"] if curve.get("model", model) == model else "best"

    def _request_id(self, values: Values) -> int:
        """Return the id by which the browser recognizes answers to outdated requests."""
        received = values[self._components.curve].get("request_id", 0)
        return whole_number("request_id", received, 0, MAX_REQUEST_ID)
