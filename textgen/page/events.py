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
from textgen.page.components import Widgets, read_request, show_model, show_request
from textgen.service.request import Request
from textgen.service.service import WRITING_AT_ONCE, Page

# Runs in the browser before an event does, and adds what only the browser knows.
ASK = "(...values) => textgen.ask(values)"
# And brings the text in sight: on a phone it is not on the button's screen.
ASK_IN_SIGHT = "(...values) => textgen.ask(values, document.querySelector('#reader'))"
# Runs in place of an event, and builds what was folded away.
SHOW = "() => ({ __type__: 'update', visible: true })"
COMPARING_AT_ONCE = 2  # so that whoever waits for a first text does not wait for others' all
MAX_DICE = 9999

Passages = Iterator[dict[str, Any]]


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn the package's errors into a message on the page, escaped, and to API clients."""
    try:
        yield
    except TextGenError as error:
        raise gr.Error(escape(str(error), quote=False), print_exception=False) from error


class Answers:
    """What the page answers to each event; `values` are those of `Widgets.request`."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def sketch(self, *values: Any) -> Passages:
        """Continue with the chosen snapshot, to be shown at once."""
        with explained():
            request, asked = read_request(*values)
            for passage in self._page.write(request):
                yield passage | asked

    def compare(self, *values: Any) -> Passages:
        """Continue with every snapshot."""
        with explained():
            request, asked = read_request(*values)
            for passage in self._page.compare(request):
                yield passage | asked

    def write(self, *values: Any) -> Passages:
        """Continue with the chosen snapshot, to be shown character by character."""
        run = time.time_ns() // 1000
        for passage in self.sketch(*values):
            yield passage | {"run": run, "from": 0}

    def more(self, event: gr.EventData, *values: Any) -> Iterator[tuple[int, dict[str, Any]]]:
        """Do the same for a greater length, to be shown from where the reader is."""
        run = time.time_ns() // 1000
        model, curve, seed_text, _, *others = values
        with explained():
            whole_number("shown", event.shown, 0)
        for passage in self.sketch(model, curve, seed_text, event.length, *others):
            (written,) = passage["texts"].values()
            # What is shown already is not taken back while it is written again.
            if len(written["text"]) >= event.shown:
                yield event.length, passage | {"run": run, "from": event.shown}

    def of_link(self, query: Mapping[str, str]) -> Any:
        """Return what all components show for a link."""
        request = Request.from_link(query, self._page.models)
        if request is None:
            return gr.skip()
        asked = self._page.look_up(request)
        if "seed_text" not in query:
            request = dataclasses.replace(request, seed_text=asked.opening)
        of_model = show_model(self._page, request.model, asked.snapshot.label)
        return [*of_model, *show_request(request)]

    def recall(self, event: gr.EventData) -> Any:
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
        with explained():
            asked = self._page.look_up(Request(model=model))
            return [*show_model(self._page, model, asked.snapshot.label), asked.opening]

    def look(self, shown: str, *values: Any) -> Any:
        """Offer the snapshots that a model in training has made meanwhile."""
        # Nobody asked for this, so what goes wrong here bothers nobody.
        with contextlib.suppress(TextGenError):
            self._page.refresh()
            request, asked = read_request(*values)
            timeline = self._page.timeline(request.model)
            if shown != timeline.snapshots[-1].sha256:
                if request.epoch not in [snapshot.label for snapshot in timeline.snapshots]:
                    # Another run has taken its place.
                    request = dataclasses.replace(request, epoch=timeline.best.label)
                *_, passage = self._page.compare(request)
                offered = show_model(self._page, request.model, str(request.epoch))
                return [*offered, passage | asked]
        return gr.skip()

    def ladder(self, *values: Any) -> dict[str, Any]:
        """Return the chosen snapshot at several temperatures."""
        with explained():
            return self._page.ladder(read_request(*values)[0])

    def inside(self, *values: Any) -> dict[str, Any]:
        """Return how surprising the chosen snapshot finds what it wrote."""
        with explained():
            return self._page.inside(read_request(*values)[0])

    def score(self, own_text: str, *values: Any) -> dict[str, Any]:
        """Return how surprising the chosen snapshot finds a visitor's text."""
        with explained():
            request, _ = read_request(*values)
            return self._page.score(request.model, request.epoch, own_text)

    def reuse(self, *values: Any) -> dict[str, Any]:
        """Return facts on the model, and how to do elsewhere what is shown."""
        with explained():
            address = values[1].get("address")  # which the browser knows
            return self._page.reuse(read_request(*values)[0], address)


def connect(page: Page, widgets: Widgets) -> None:
    """Wire the events; all of them are the page's own, machines have `endpoints`.

    Whatever a visitor changes, every text follows at once; only Write takes its time, in the
    browser, to be watched.
    """
    answers = Answers(page)
    own: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    # Of those that come while one runs, only the last is asked.
    asking = {**own, "js": ASK, "inputs": widgets.request, "trigger_mode": "always_last"}
    asking_text = {**asking, "concurrency_limit": WRITING_AT_ONCE, "concurrency_id": "write"}
    asking_in_sight = {**asking_text, "js": ASK_IN_SIGHT}
    length, temperature, *_, seed = widgets.settings
    whole_model = [*widgets.of_model, widgets.seed_text]

    writing = [
        *(
            asks(answers.write, outputs=widgets.reader, **asking_in_sight)
            for asks in (widgets.write.press, widgets.seed_text.submit, widgets.reader.again)
        ),
        widgets.reader.more(answers.more, outputs=[length, widgets.reader], **asking_text),
        widgets.reader.surprise(lambda: 1 + secrets.randbelow(MAX_DICE), None, seed, **own).then(
            answers.write, outputs=widgets.reader, **asking_in_sight
        ),
        widgets.ladder.take(_temperature, None, temperature, **own).then(
            answers.write, outputs=widgets.reader, **asking_in_sight
        ),
    ]
    stopping = widgets.reader.stop(None, cancels=writing, **own)

    changing = [
        widgets.openings.take(_text, None, widgets.seed_text, **own),
        widgets.visit.recall(answers.recall, None, [*whole_model, *widgets.settings], **own),
    ]
    if isinstance(widgets.model, gr.Dropdown):
        changing.append(
            widgets.model.input(
                answers.change_model, [widgets.model, widgets.curve], whole_model, js=ASK, **own
            )
        )
    typing = [widgets.seed_text.blur, *(setting.input for setting in widgets.settings)]
    sketching = [
        gr.on(typing, answers.sketch, outputs=widgets.reader, **asking_text),
        *(event.then(answers.sketch, outputs=widgets.reader, **asking_text) for event in changing),
    ]
    comparing = [widgets.reader.rest, *(e.then for e in (*writing, *sketching, stopping))]
    for compare in comparing:
        compare(
            answers.compare,
            outputs=widgets.reader,
            concurrency_limit=COMPARING_AT_ONCE,
            concurrency_id="compare",
            **asking,
        )

    widgets.fold.expand(None, None, widgets.folded, js=SHOW, **own)
    widgets.ladder.wanted(answers.ladder, outputs=widgets.ladder, **asking)
    widgets.inside.wanted(answers.inside, outputs=widgets.inside, **asking)
    widgets.reuse.wanted(answers.reuse, outputs=widgets.reuse, **asking)
    for asks in (widgets.score.press, widgets.own_text.submit):
        asks(
            answers.score,
            outputs=widgets.scored,
            **{**asking, "inputs": [widgets.own_text, *widgets.request]},
        )
    widgets.timer.tick(
        answers.look,
        outputs=[*widgets.of_model, widgets.reader],
        **{**asking, "inputs": [widgets.shown, *widgets.request]},
    )


def _temperature(event: gr.EventData) -> float:
    return float(event.temperature)


def _text(event: gr.EventData) -> str:
    return str(event.text)
