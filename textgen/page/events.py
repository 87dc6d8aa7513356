"""Binds the events of the page's components to their handlers."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import gradio as gr

from textgen.checks import settings_of
from textgen.generation.sampling import Sampling
from textgen.page.browser import ASK, ASK_IN_SIGHT, UNFOLD, WANTED
from textgen.page.components import Components
from textgen.page.errors import show_errors
from textgen.page.handlers import EventHandlers
from textgen.page.queue import COMPARING_AT_ONCE, WRITING_AT_ONCE
from textgen.service.request import MAX_SEED_TEXT
from textgen.service.service import Service

MAX_NEW_SEED = 9999


def bind_events(service: Service, components: Components) -> None:
    """Bind all events of the page. They are private; API clients use the endpoints of `api`.

    After every change the texts are updated at once. Only after Write does the browser show the
    text character by character.
    """
    wiring = _Wiring(EventHandlers(service, components), components)
    written = wiring.bind_writing()
    wiring.bind_comparing([*written, *wiring.bind_previews()])
    wiring.bind_tabs()
    wiring.bind_polling()


class _Wiring:
    """Binds the events in groups, which share arguments."""

    def __init__(self, handlers: EventHandlers, components: Components) -> None:
        self._handlers, self._components = handlers, components
        self._own: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        # If several are triggered while one runs, only the last one is sent.
        self._asking: dict[str, Any] = {
            **self._own,
            "js": ASK,
            "inputs": components.question,
            "trigger_mode": "always_last",
        }
        limits = {"concurrency_limit": WRITING_AT_ONCE, "concurrency_id": "write"}
        self._asking_text = {**self._asking, **limits}

    def bind_writing(self) -> list[Any]:
        """Bind what writes a text character by character, and Stop; return the writing events."""
        handlers, components, output = self._handlers, self._components, self._components.output
        settings, own = components.settings, self._own
        watched = {**self._asking_text, "js": ASK_IN_SIGHT, "outputs": output}
        new_seed = output.new_seed(_new_seed, None, settings["seed"], **own)
        taken = components.temperatures.take(_temperature, None, settings["temperature"], **own)
        writing = [
            *(
                asks(handlers.write, **watched)
                for asks in (components.write.press, components.seed_text.submit, output.again)
            ),
            output.more(handlers.more, outputs={settings["length"], output}, **self._asking_text),
            new_seed.then(handlers.write, **watched),
            taken.then(handlers.write, **watched),
        ]
        return [*writing, output.stop(None, cancels=writing, **own)]

    def bind_previews(self) -> list[Any]:
        """Bind what updates the text at once; return those events."""
        handlers, components, own = self._handlers, self._components, self._own
        linked = {components.seed_text, *components.of_model, *components.settings.values()}
        changing = [
            components.prompts.take(_text, None, components.seed_text, **own),
            components.history.open_link(handlers.open_link, None, linked, **own),
        ]
        if isinstance(components.model, gr.HTML):
            changing.append(
                components.model.take(
                    handlers.change_model,
                    {components.model},
                    {components.seed_text, *components.of_model},
                    js=WANTED,
                    trigger_mode="always_last",  # the arrow keys pass several models
                    **own,
                )
            )
        typing = [each.input for each in components.settings.values()]
        asking = {**self._asking_text, "outputs": components.output}
        return [
            gr.on([components.seed_text.blur, *typing], handlers.preview, **asking),
            *(event.then(handlers.preview, **asking) for event in changing),
        ]

    def bind_comparing(self, after: Sequence[Any]) -> None:
        """Let all snapshots continue the prompt, at first and after the given events."""
        for compare in (self._components.output.rest, *(event.then for event in after)):
            compare(
                self._handlers.compare,
                outputs=self._components.output,
                concurrency_limit=COMPARING_AT_ONCE,
                concurrency_id="compare",
                **self._asking,
            )

    def bind_tabs(self) -> None:
        """Fill the fold and the tabs when they become visible."""
        handlers, components = self._handlers, self._components
        components.fold.expand(None, None, components.folded, js=UNFOLD, **self._own)
        for part, handler in (
            (components.temperatures, handlers.temperatures),
            (components.surprise, handlers.surprise),
            (components.reuse, handlers.reuse),
        ):
            part.wanted(handler, outputs=part, **self._asking)
        scoring = {**self._asking, "inputs": {*components.question, components.own_text}}
        for asks in (components.score.press, components.own_text.submit):
            asks(handlers.score, outputs=components.scored, **scoring)

    def bind_polling(self) -> None:
        """Look for new snapshots of a model in training at intervals."""
        components = self._components
        components.timer.tick(
            self._handlers.poll,
            outputs={*components.of_model, components.output},
            **{**self._asking, "inputs": {*components.question, components.newest}},
        )


def _new_seed() -> int:
    return 1 + secrets.randbelow(MAX_NEW_SEED)


def _temperature(event: gr.EventData) -> float:
    with show_errors():
        declared = settings_of(Sampling)["temperature"]
        temperature: float = declared.check("temperature", event.temperature)
    return temperature


def _text(event: gr.EventData) -> str:
    return str(event.text)[:MAX_SEED_TEXT]
