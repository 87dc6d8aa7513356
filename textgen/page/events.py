"""What happens when a visitor does something: the page's components wired to what the page does."""

from __future__ import annotations

import contextlib
import dataclasses
import secrets
import time
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any
from urllib.parse import parse_qsl

import gradio as gr

from textgen.checks import whole_number
from textgen.errors import TextGenError
from textgen.page.components import Components, read_request, show_model, show_request
from textgen.service.request import Request
from textgen.service.service import WRITING_AT_ONCE, Service

# Runs in the browser before an event does, and adds what only the browser knows.
ASK = "(...values) => textgen.ask(values)"
# And brings the text in sight: on a phone it is not on the button's screen.
ASK_IN_SIGHT = "(...values) => textgen.ask(values, document.querySelector('#output'))"
# Runs in place of an event, and builds what was folded away.
SHOW = "() => ({ __type__: 'update', visible: true })"
COMPARING_AT_ONCE = 2  # so that whoever waits for a first text does not wait for others' all
MAX_DICE = 9999

Passages = Iterator[dict[str, Any]]


@contextlib.contextmanager
def show_errors() -> Iterator[None]:
    """Turn the package's errors into a message on the page, escaped, and to API clients."""
    try:
        yield
    except TextGenError as error:
        raise gr.Error(escape(str(error), quote=False), print_exception=False) from error


class EventHandlers:
    """What the page answers to each event; `values` are those of `Components.request`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def preview(self, *values: Any) -> Passages:
        """Continue with the chosen snapshot, to be shown at once."""
        with show_errors():
            request, answered = read_request(*values)
            for passage in self._service.write(request):
                yield passage | answered

    def compare(self, *values: Any) -> Passages:
        """Continue with every snapshot."""
        with show_errors():
            request, answered = read_request(*values)
            for passage in self._service.compare(request):
                yield passage | answered

    def write(self, *values: Any) -> Passages:
        """Continue with the chosen snapshot, to be shown character by character."""
        run = time.time_ns() // 1000
        for passage in self.preview(*values):
            yield passage | {"run": run, "from": 0}

    def more(self, event: gr.EventData, *values: Any) -> Iterator[tuple[int, dict[str, Any]]]:
        """Do the same for a greater length, to be shown from where the reader is."""
        run = time.time_ns() // 1000
        model, curve, seed_text, _, *others = values
        with show_errors():
            whole_number("shown", event.shown, 0)
        for passage in self.preview(model, curve, seed_text, event.length, *others):
            (written,) = passage["texts"].values()
            # What is shown already is not taken back while it is written again.
            if len(written["text"]) >= event.shown:
                yield event.length, passage | {"run": run, "from": event.shown}

    def of_link(self, query: Mapping[str, str]) -> Any:
        """Return what all components show for a link."""
        request = Request.from_link(query, self._service.models)
        if request is None:
            return gr.skip()
        resolved = self._service.resolve(request)
        if "seed_text" not in query:
            request = dataclasses.replace(request, seed_text=resolved.prompt)
        of_model = show_model(self._service, request.model, resolved.snapshot.label)
        return [*of_model, *show_request(request)]

    def open_link(self, event: gr.EventData) -> Any:
        """Show what a link says: one that a visitor came by, or one to what was shown before."""
        try:
            return self.of_link(dict(parse_qsl(str(event.query), keep_blank_values=True)))
        except TextGenError as error:
            gr.Warning(f"This link cannot be shown. {escape(str(error), quote=False)}")
            return gr.skip()

    def change_model(self, model: str, curve: Mapping[str, Any]) -> Any:
        """Show another model, which begins with an opening of its own."""
        if model == curve.get("model"):
            return gr.skip()  # Gradio's list says that it was changed when it is only left
        with show_errors():
            resolved = self._service.resolve(Request(model=model))
            return [*show_model(self._service, model, resolved.snapshot.label), resolved.prompt]

    def poll(self, shown: str, *values: Any) -> Any:
        """Offer the snapshots that a model in training has made meanwhile."""
        # Nobody asked for this, so what goes wrong here bothers nobody.
        with contextlib.suppress(TextGenError):
            self._service.refresh()
            request, answered = read_request(*values)
            timeline = self._service.timeline(request.model)
            if shown != timeline.snapshots[-1].sha256:
                if request.epoch not in [snapshot.label for snapshot in timeline.snapshots]:
                    # Another run has taken its place.
                    request = dataclasses.replace(request, epoch=timeline.best.label)
                *_, passage = self._service.compare(request)
                offered = show_model(self._service, request.model, str(request.epoch))
                return [*offered, passage | answered]
        return gr.skip()

    def temperatures(self, *values: Any) -> dict[str, Any]:
        """Return the chosen snapshot at several temperatures."""
        with show_errors():
            return self._service.temperatures(read_request(*values)[0])

    def surprise(self, *values: Any) -> dict[str, Any]:
        """Return how surprising the chosen snapshot finds what it wrote."""
        with show_errors():
            return self._service.surprise(read_request(*values)[0])

    def score(self, own_text: str, *values: Any) -> dict[str, Any]:
        """Return how surprising the chosen snapshot finds a visitor's text."""
        with show_errors():
            request, _ = read_request(*values)
            return self._service.score(request.model, request.epoch, own_text)

    def reuse(self, *values: Any) -> dict[str, Any]:
        """Return facts on the model, and how to do elsewhere what is shown."""
        with show_errors():
            address = values[1].get("address")  # which the browser knows
            return self._service.reuse(read_request(*values)[0], address)


def bind_events(service: Service, components: Components) -> None:
    """Wire the events; all of them are the page's own, machines have `endpoints`.

    Whatever a visitor changes, every text follows at once; only Write takes its time, in the
    browser, to be watched.
    """
    handlers = EventHandlers(service)
    own: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    # Of those that come while one runs, only the last is asked.
    asking = {**own, "js": ASK, "inputs": components.request, "trigger_mode": "always_last"}
    asking_text = {**asking, "concurrency_limit": WRITING_AT_ONCE, "concurrency_id": "write"}
    asking_in_sight = {**asking_text, "js": ASK_IN_SIGHT}
    length, temperature, *_, seed = components.settings
    whole_model = [*components.of_model, components.seed_text]

    writing = [
        *(
            asks(handlers.write, outputs=components.output, **asking_in_sight)
            for asks in (
                components.write.press,
                components.seed_text.submit,
                components.output.again,
            )
        ),
        components.output.more(handlers.more, outputs=[length, components.output], **asking_text),
        components.output.surprise(lambda: 1 + secrets.randbelow(MAX_DICE), None, seed, **own).then(
            handlers.write, outputs=components.output, **asking_in_sight
        ),
        components.temperatures.take(_temperature, None, temperature, **own).then(
            handlers.write, outputs=components.output, **asking_in_sight
        ),
    ]
    stopping = components.output.stop(None, cancels=writing, **own)

    changing = [
        components.prompts.take(_text, None, components.seed_text, **own),
        components.history.open_link(
            handlers.open_link, None, [*whole_model, *components.settings], **own
        ),
    ]
    if isinstance(components.model, gr.Dropdown):
        changing.append(
            components.model.input(
                handlers.change_model,
                [components.model, components.curve],
                whole_model,
                js=ASK,
                **own,
            )
        )
    typing = [components.seed_text.blur, *(setting.input for setting in components.settings)]
    sketching = [
        gr.on(typing, handlers.preview, outputs=components.output, **asking_text),
        *(
            event.then(handlers.preview, outputs=components.output, **asking_text)
            for event in changing
        ),
    ]
    comparing = [components.output.rest, *(e.then for e in (*writing, *sketching, stopping))]
    for compare in comparing:
        compare(
            handlers.compare,
            outputs=components.output,
            concurrency_limit=COMPARING_AT_ONCE,
            concurrency_id="compare",
            **asking,
        )

    components.fold.expand(None, None, components.folded, js=SHOW, **own)
    components.temperatures.wanted(handlers.temperatures, outputs=components.temperatures, **asking)
    components.surprise.wanted(handlers.surprise, outputs=components.surprise, **asking)
    components.reuse.wanted(handlers.reuse, outputs=components.reuse, **asking)
    for asks in (components.score.press, components.own_text.submit):
        asks(
            handlers.score,
            outputs=components.scored,
            **{**asking, "inputs": [components.own_text, *components.request]},
        )
    components.timer.tick(
        handlers.poll,
        outputs=[*components.of_model, components.output],
        **{**asking, "inputs": [components.shown, *components.request]},
    )


def _temperature(event: gr.EventData) -> float:
    return float(event.temperature)


def _text(event: gr.EventData) -> str:
    return str(event.text)
