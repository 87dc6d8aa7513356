"""The page's components and their layout, filled with a first result; events are elsewhere."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from textgen.page.browser import browser_part
from textgen.service.models import POLL_SECONDS
from textgen.service.passages import curve, model_summary
from textgen.service.prompts import prompts
from textgen.service.request import CONTROLS, MAX_SEED_TEXT, Request
from textgen.service.service import Service
from textgen.timeline.timeline import Timeline

VISIBLE = ("length", "temperature")
"""The settings that are not in the fold "More settings"."""


@dataclass(frozen=True, kw_only=True)
class Components:
    """The components that events read or change."""

    model: Component  # a gr.State if there is only one model
    about: gr.HTML
    curve: gr.HTML
    output: gr.HTML
    history: gr.HTML
    seed_text: gr.Textbox
    prompts: gr.HTML
    settings: Mapping[str, Component]  # keyed by the names in `CONTROLS`
    fold: gr.Accordion
    folded: gr.Column  # its content, rendered when it opens, so that the page loads faster
    write: gr.HTML
    temperatures: gr.HTML
    surprise: gr.HTML
    own_text: gr.Textbox
    score: gr.HTML
    scored: gr.HTML
    reuse: gr.HTML
    newest: gr.State  # SHA-256 of the newest snapshot that this user's page shows
    timer: gr.Timer

    @property
    def question(self) -> set[Component]:
        """The components that a request is read from."""
        return {self.model, self.curve, self.seed_text, *self.settings.values()}

    @property
    def of_model(self) -> set[Component]:
        """The components that change with the model."""
        return {self.model, self.about, self.curve, self.prompts, self.newest}

    def show_model(self, model: str, timeline: Timeline, epoch: str) -> dict[Component, Any]:
        """Return the values of `of_model` for a model and one of its snapshots."""
        return {
            self.model: model,
            self.about: model_summary(timeline),
            self.curve: _curve_value(model, timeline, epoch),
            self.prompts: prompts(timeline),
            self.newest: timeline.snapshots[-1].sha256,
        }

    def show_request(self, request: Request) -> dict[Component, Any]:
        """Return the values of the prompt and the settings for a request."""
        settings = {each: getattr(request, name) for name, each in self.settings.items()}
        return {self.seed_text: request.seed_text, **settings}


def _curve_value(model: str, timeline: Timeline, epoch: str) -> dict[str, Any]:
    return {
        "model": model,
        "epoch": epoch,
        "hard_wrapped": timeline.manifest.corpus.hard_wrapped,
        **curve(timeline),
        # Gradio sends a value to the browser only if it differs from the last one.
        "offered": time.time_ns() // 1000,
    }


def build_components(service: Service) -> Components:
    """Add the components to the current `gr.Blocks`, filled with a first text."""
    names = service.catalog.names
    timeline = service.catalog.timeline(names[0])
    ready_made = prompts(timeline)
    gr.HTML("<h1>Watch a small network learn to write</h1>", elem_id="title")
    about = gr.HTML(model_summary(timeline), elem_id="about")
    model: Component = gr.State(names[0])
    if len(names) > 1:
        model = browser_part("models", names[0], events=("take",), elem_id="model", choices=names)
    with gr.Row(equal_height=False, elem_id="top"):
        with gr.Column(scale=6, min_width=320):
            shown = _shown(service, names[0], ready_made[0])
        with gr.Column(scale=4, min_width=320):
            inputs = _inputs(ready_made)
    return Components(
        model=model,
        about=about,
        **shown,
        **inputs,
        **_tabs(),
        newest=gr.State(timeline.snapshots[-1].sha256),
        timer=gr.Timer(POLL_SECONDS, active=service.catalog.growing),
    )


def _shown(service: Service, model: str, prompt: str) -> dict[str, Any]:
    """Add the learning curve and the text; return them by their names in `Components`."""
    timeline = service.catalog.timeline(model)
    first = service.first(Request(model=model, seed_text=prompt))
    curve_value = _curve_value(model, timeline, timeline.best.label)
    curve_part = browser_part("curve", curve_value, heading="Learning curve")
    output = browser_part(
        "output",
        {**first, "request_id": 0},
        heading="Text",
        events=("again", "new_seed", "more", "stop", "rest"),
    )
    browser_part("counting")
    browser_part("context")
    history = browser_part("history", heading="History", events=("open_link",))
    return {"curve": curve_part, "output": output, "history": history}


def _inputs(ready_made: list[str]) -> dict[str, Any]:
    """Add the prompt and the settings; return them by their names in `Components`."""
    seed_text, ready_made_prompts = _prompt(ready_made)
    settings = {name: _control(name) for name in VISIBLE}
    fold = gr.Accordion("More settings", open=False)
    with fold, gr.Column(visible=False) as folded:
        settings |= {name: _control(name) for name in CONTROLS if name not in VISIBLE}
    return {
        "seed_text": seed_text,
        "prompts": ready_made_prompts,
        "settings": settings,
        "fold": fold,
        "folded": folded,
        "write": browser_part("button", elem_id="write", events=("press",), says="Write"),
    }


def _prompt(ready_made: list[str]) -> tuple[gr.Textbox, gr.HTML]:
    seed_text = gr.Textbox(ready_made[0], label="Prompt", lines=1, max_lines=4, elem_id="seed-text")
    hint = f"Only the last {MAX_SEED_TEXT:,} characters are used."
    return seed_text, browser_part(
        "prompts", ready_made, heading="Ready-made prompts", events=("take",), hint=hint
    )


def _control(name: str) -> Component:
    """Return the component of one of `CONTROLS`: a number field for the seed, else a slider."""
    control, default = CONTROLS[name], getattr(Request(model=""), name)
    words = {"label": control.label, "info": control.info, "elem_id": name.replace("_", "-")}
    if name == "seed":
        return gr.Number(default, precision=0, minimum=control.least, maximum=control.most, **words)
    return gr.Slider(control.least, control.most, default, step=control.step, buttons=[], **words)


def _tabs() -> dict[str, Any]:
    """Add the tabs below the text; return their components by their names in `Components`."""
    with gr.Tabs(elem_id="more"):
        with gr.Tab("All snapshots", elem_id="tab-comparison"):
            gr.HTML(
                "<p class='lead'>All snapshots continue the same prompt with the same random seed. "
                "Known words are words that also occur in the training text.</p>"
            )
            browser_part("comparison", heading="All snapshots")
        with gr.Tab("Temperatures", elem_id="tab-temperatures"):
            temperatures = browser_part(
                "temperatures", heading="Temperatures", events=("wanted", "take")
            )
        with gr.Tab("Surprise", elem_id="tab-surprise"):
            surprise = browser_part(
                "surprise", heading="Surprise", events=("wanted",), of="written"
            )
        with gr.Tab("Score your own text", elem_id="tab-score"):
            own_text = gr.Textbox(
                label="Your text",
                info="Paste any text to see how well the chosen snapshot predicts it.",
                lines=4,
                max_lines=12,
                elem_id="own-text",
            )
            score = browser_part("button", elem_id="score", events=("press",), says="Score")
            scored = browser_part(
                "surprise", heading="Your text, scored", elem_id="scored", of="typed"
            )
        with gr.Tab("Use this model", elem_id="tab-reuse"):
            reuse = browser_part("reuse", heading="Use this model", events=("wanted",))
    return {
        "temperatures": temperatures,
        "surprise": surprise,
        "own_text": own_text,
        "score": score,
        "scored": scored,
        "reuse": reuse,
    }
