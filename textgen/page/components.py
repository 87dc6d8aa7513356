"""The page's components and their places, filled with a first result; no events here."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import gradio as gr

from textgen.checks import whole_number
from textgen.generation.sampling import DEFAULT_TEMPERATURE
from textgen.service import passages as views
from textgen.service.models import POLL_SECONDS
from textgen.service.request import (
    DEFAULT_LENGTH,
    DEFAULT_SEED,
    MAX_LENGTH,
    MAX_SEED_TEXT,
    RANGES,
    Request,
)
from textgen.service.service import Service
from textgen.timeline.timeline import Timeline

MAX_AT = 2**53 - 1  # JavaScript counts no further


@dataclass(frozen=True, kw_only=True)
class Components:
    """The page's components, as far as events read or change them."""

    model: gr.components.Component  # a state where there is nothing to choose
    about: gr.HTML
    curve: gr.HTML
    output: gr.HTML
    history: gr.HTML
    seed_text: gr.Textbox
    prompts: gr.HTML
    settings: list[gr.components.Component]  # as `Request` names them, in its order
    fold: gr.Accordion
    folded: gr.Column  # what is in it: built when it is unfolded, so that the page opens sooner
    write: gr.HTML
    temperatures: gr.HTML
    surprise: gr.HTML
    own_text: gr.Textbox
    score: gr.HTML
    scored: gr.HTML
    reuse: gr.HTML
    shown: gr.State  # the last snapshot this visitor is offered, by its SHA-256
    timer: gr.Timer

    @property
    def request(self) -> list[gr.components.Component]:
        """What the events read, in the order of `read_request`."""
        return [self.model, self.curve, self.seed_text, *self.settings]

    @property
    def of_model(self) -> list[gr.components.Component]:
        """What changes with the model, in the order of `show_model`."""
        return [self.model, self.about, self.curve, self.prompts, self.shown]


def read_request(
    model: str, curve: Any, seed_text: str, *settings: Any
) -> tuple[Request, dict[str, Any]]:
    """Return what the components of `Components.request` hold, and what the answer must repeat.

    The browser puts into the curve's value the chosen snapshot's epoch, and when it asks, by which
    it tells a late answer from one to its last question.

    Raises:
        SettingsError: that is no number that JavaScript counts to.
    """
    length, temperature, top_k, top_p, min_p, no_repeat_ngram_size, seed = settings
    request = Request(
        model=model,
        # A model that was just chosen has other snapshots than the one on the screen.
        epoch=curve["epoch"] if curve.get("model", model) == model else "best",
        seed_text=seed_text,
        length=length,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        min_p=min_p,
        no_repeat_ngram_size=no_repeat_ngram_size,
        seed=DEFAULT_SEED if seed is None else seed,
    )
    return request, {"at": whole_number("at", curve.get("at", 0), 0, MAX_AT)}


def show_request(request: Request) -> list[Any]:
    """Return the values of the seed text's and the settings' components for a request."""
    return [request.seed_text, *(request.settings[name] for name in RANGES)]


def show_model(service: Service, model: str, epoch: str) -> list[Any]:
    """Return the values of `Components.of_model` for a model and one of its snapshots."""
    timeline = service.timeline(model)
    return [
        model,
        views.summary(timeline),
        _curve_value(model, timeline, epoch),
        views.prompts(timeline),
        timeline.snapshots[-1].sha256,
    ]


def _curve_value(model: str, timeline: Timeline, epoch: str) -> dict[str, Any]:
    # The browser hears of a value only where it differs from the last one.
    offered = time.time_ns() // 1000
    return {
        "model": model,
        "epoch": epoch,
        "snapshots": views.snapshots(timeline),
        "guessing": round(math.log2(timeline.vocabulary.size), 3),  # bits, all equally likely
        "offered": offered,
    }


def build_components(service: Service) -> Components:
    """Place the components inside the current `gr.Blocks`: nobody meets an empty form."""
    name = service.models[0]
    best = service.timeline(name).best
    _, summary, curve_value, prompts, last = show_model(service, name, best.label)
    request = Request(model=name, seed_text=prompts[0])
    gr.HTML("<h1>Watch a small network learn to write</h1>", elem_id="title")
    about = gr.HTML(summary, elem_id="about")
    model: gr.components.Component = gr.State(name)
    if len(service.models) > 1:
        model = gr.Dropdown(service.models, value=name, label="Model", elem_id="model")
    with gr.Row(equal_height=False, elem_id="top"):
        with gr.Column(scale=6, min_width=320):
            curve = browser_part("curve", curve_value, heading="How it learned")
            output = browser_part(
                "output",
                {**service.first(request), "at": 0},
                heading="What it writes",
                events=("again", "surprise", "more", "stop", "rest"),
                most=MAX_LENGTH,
            )
            history = browser_part(
                "history", heading="What was written before", events=("open_link",)
            )
        with gr.Column(scale=4, min_width=320):
            seed_text, ready_made = _opening(prompts)
            settings = _settings()
            write = browser_part("button", elem_id="write", events=("press",), says="Write")
    with gr.Tabs(elem_id="more"):
        with gr.Tab("All stages", elem_id="tab-comparison"):
            gr.HTML(
                "<p class='lead'>The same opening and the same dice at every stage. A real word is "
                "one that the text it read has.</p>"
            )
            browser_part("comparison", heading="All stages")
        with gr.Tab("Temperatures", elem_id="tab-temperatures"):
            temperatures = browser_part(
                "temperatures", heading="Temperatures", events=("wanted", "take")
            )
        with gr.Tab("Look inside", elem_id="tab-surprise"):
            surprise = browser_part(
                "surprise", heading="Look inside", events=("wanted",), of="written"
            )
        with gr.Tab("Score your own text", elem_id="tab-score"):
            own_text, score, scored = _scoring()
        with gr.Tab("Use it yourself", elem_id="tab-reuse"):
            reuse = browser_part("reuse", heading="Use it yourself", events=("wanted",))
    return Components(
        model=model,
        about=about,
        curve=curve,
        output=output,
        history=history,
        seed_text=seed_text,
        prompts=ready_made,
        settings=settings.values,
        fold=settings.fold,
        folded=settings.folded,
        write=write,
        temperatures=temperatures,
        surprise=surprise,
        own_text=own_text,
        score=score,
        scored=scored,
        reuse=reuse,
        shown=gr.State(last),
        timer=gr.Timer(POLL_SECONDS, active=service.growing),
    )


def browser_part(
    part: str,
    value: Any = None,
    *,
    heading: str | None = None,
    events: Sequence[str] = (),
    elem_id: str | None = None,
    **props: Any,
) -> gr.HTML:
    """Return a component whose value `web/PART.js` draws.

    Args:
        part: the function's name in the browser.
        value: JSON.
        heading: what stands there, for who goes through the page by headings; it is not seen.
        events: the names that it triggers; Gradio finds them in the script. One that is "wanted"
            comes whenever it is in sight and what it shows is out of date.
        elem_id: default the part's name.
        props: more for the function to read.
    """
    script = f"textgen.{part}(element, props, watch, trigger); // {', '.join(map(repr, events))}"
    if "wanted" in events:
        script += "\ntextgen.whenSeen(element, () => trigger('wanted'));"
    unseen = "" if heading is None else f"<h2 class='unseen'>{heading}</h2>"
    return gr.HTML(
        value,
        html_template=f"{unseen}<div class='{part}'></div>",
        js_on_load=f"element = element.lastElementChild;\n{script}",
        apply_default_css=False,
        elem_id=elem_id or part,
        **props,
    )


def _opening(prompts: list[str]) -> tuple[gr.Textbox, gr.HTML]:
    seed_text = gr.Textbox(
        prompts[0],
        label="Begin with",
        lines=1,
        max_lines=4,
        elem_id="seed-text",
    )
    hint = f"Any text; its last {MAX_SEED_TEXT:,} characters are read."
    return seed_text, browser_part(
        "prompts", prompts, heading="Ready-made openings", events=("take",), hint=hint
    )


class _Settings(NamedTuple):
    values: list[gr.components.Component]
    fold: gr.Accordion
    folded: gr.Column


def _settings() -> _Settings:
    length = _slider("length", DEFAULT_LENGTH, 50, "Length", "Characters to write.")
    temperature = _slider(
        "temperature",
        DEFAULT_TEMPERATURE,
        0.05,
        "Temperature",
        "How adventurous: 0 always takes the likeliest character, above 1 words break down.",
    )
    with gr.Accordion("More settings", open=False) as fold, gr.Column(visible=False) as folded:
        top_k = _slider("top_k", 0, 1, "Top k", "Draw among the k likeliest; 0 for all.")
        top_p = _slider(
            "top_p",
            1,
            0.05,
            "Top p",
            "Draw among the likeliest that together reach this probability; 1 for all.",
        )
        min_p = _slider(
            "min_p",
            0,
            0.01,
            "Min p",
            "Leave out what is less than this share as likely as the likeliest; 0 for none.",
        )
        no_repeat = _slider(
            "no_repeat_ngram_size",
            0,
            2,
            "No repeats",
            "Never write so many characters in a row twice; 0 lets it. 20 ends the loops of low "
            "temperatures.",
        )
        least, most = RANGES["seed"]
        seed = gr.Number(
            DEFAULT_SEED,
            precision=0,
            minimum=least,
            maximum=most,
            label="Dice",
            info="Same number, same luck: the same text again.",
            elem_id="seed",
        )
    return _Settings(
        values=[length, temperature, top_k, top_p, min_p, no_repeat, seed],
        fold=fold,
        folded=folded,
    )


def _slider(name: str, value: float, step: float, label: str, info: str) -> gr.Slider:
    least, most = RANGES[name]
    return gr.Slider(
        least,
        most,
        value,
        step=step,
        label=label,
        info=info,
        buttons=[],
        elem_id=name.replace("_", "-"),
    )


def _scoring() -> tuple[gr.Textbox, gr.HTML, gr.HTML]:
    own_text = gr.Textbox(
        label="Your text",
        info="Paste anything: how well would the chosen snapshot have guessed it?",
        lines=4,
        max_lines=12,
        elem_id="own-text",
    )
    score = browser_part("button", elem_id="score", events=("press",), says="Score it")
    return (
        own_text,
        score,
        browser_part("surprise", heading="Your text, scored", elem_id="scored", of="typed"),
    )
