"""The page's components and their places, filled with a first result; no events here."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from textgen import views
from textgen.page import (
    DEFAULT_LENGTH,
    DEFAULT_SEED,
    MAX_LENGTH,
    MAX_SEED_TEXT,
    POLL_SECONDS,
    Page,
    Request,
)
from textgen.sampling import DEFAULT_TEMPERATURE
from textgen.timeline import Timeline

MIN_LENGTH = 50
MAX_TEMPERATURE = 1.5
MAX_TOP_K, MAX_NO_REPEAT = 50, 40
MAX_SEED = 2**32 - 1


@dataclass(frozen=True, kw_only=True)
class Widgets:
    """The page's components, as far as events read or change them."""

    model: gr.Dropdown
    about: gr.HTML
    seed_text: gr.Textbox
    ready_made: gr.Dataset
    settings: list[gr.components.Component]  # as `Request` names them, in its order
    write: gr.Button
    stop: gr.Button
    epoch: gr.Radio
    curve: gr.HTML
    output: gr.Textbox
    notes: gr.Markdown
    stages: gr.HTML
    shown: gr.State  # the last snapshot this visitor is offered, by its SHA-256
    timer: gr.Timer

    @property
    def request(self) -> list[gr.components.Component]:
        """What the events read, in the order of `read_request`."""
        return [self.model, self.epoch, self.seed_text, *self.settings]


def read_request(
    model: str,
    epoch: float,
    seed_text: str,
    length: int,
    temperature: float,
    top_k: int,
    top_p: float,
    min_p: float,
    no_repeat_ngram_size: int,
    seed: int | None,
) -> tuple[Request, float]:
    """Return what the components of `Widgets.request` hold, and the chosen epoch."""
    request = Request(
        model=model,
        seed_text=seed_text,
        length=length,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        min_p=min_p,
        no_repeat_ngram_size=no_repeat_ngram_size,
        seed=DEFAULT_SEED if seed is None else seed,
    )
    return request, epoch


def snapshot_choices(timeline: Timeline) -> list[tuple[str, float]]:
    """Return the snapshot selector's labels and values."""
    return [(views.snapshot_label(snapshot), snapshot.epoch) for snapshot in timeline.snapshots]


def lay_out(page: Page) -> Widgets:
    """Place the components inside the current `gr.Blocks`: nobody meets an empty form."""
    name = page.models[0]
    timeline = page.timeline(name)
    request = Request(model=name, seed_text=views.openings(timeline)[0])
    gr.Markdown("# Watch a small network learn to write", elem_id="title")
    about = gr.HTML(views.summary(timeline), padding=False)
    several = len(page.models) > 1
    model = gr.Dropdown(page.models, value=name, label="Model", visible=several, elem_id="model")
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=320):
            seed_text, ready_made = _opening(timeline)
            settings = _settings()
            with gr.Row():
                write = gr.Button("Write", variant="primary", min_width=120, elem_id="write")
                stop = gr.Button("Stop", min_width=120, elem_id="stop")
        with gr.Column(scale=6, min_width=320):
            curve, epoch, output, notes = _result(page, request)
    gr.Markdown("## The same opening and the same dice, at every stage of learning")
    stages = gr.HTML(page.stages(request, "best"), padding=False, elem_id="stages")
    return Widgets(
        model=model,
        about=about,
        seed_text=seed_text,
        ready_made=ready_made,
        settings=settings,
        write=write,
        stop=stop,
        epoch=epoch,
        curve=curve,
        output=output,
        notes=notes,
        stages=stages,
        shown=gr.State(timeline.snapshots[-1].sha256),
        timer=gr.Timer(POLL_SECONDS, active=page.growing),
    )


def _opening(timeline: Timeline) -> tuple[gr.Textbox, gr.Dataset]:
    openings = views.openings(timeline)
    seed_text = gr.Textbox(
        openings[0],
        label="Begin with",
        info=f"Any text; its last {MAX_SEED_TEXT:,} characters are read.",
        lines=2,
        max_lines=4,
        elem_id="seed-text",
    )
    ready_made = gr.Dataset(
        components=[gr.Textbox(visible=False)],
        samples=[[text] for text in openings],
        label="or with",
        elem_id="ready-made",
    )
    return seed_text, ready_made


def _settings() -> list[gr.components.Component]:
    length = gr.Slider(
        MIN_LENGTH,
        MAX_LENGTH,
        DEFAULT_LENGTH,
        step=50,
        label="Length",
        info="Characters to write.",
        elem_id="length",
    )
    temperature = gr.Slider(
        0,
        MAX_TEMPERATURE,
        DEFAULT_TEMPERATURE,
        step=0.05,
        label="Temperature",
        info="How adventurous: 0 always takes the likeliest character, above 1 words break down.",
        elem_id="temperature",
    )
    with gr.Accordion("More settings", open=False):
        top_k = gr.Slider(
            0, MAX_TOP_K, 0, step=1, label="Top k", info="Draw among the k likeliest; 0 for all."
        )
        top_p = gr.Slider(
            0.05,
            1,
            1,
            step=0.05,
            label="Top p",
            info="Draw among the likeliest that together reach this probability; 1 for all.",
        )
        min_p = gr.Slider(
            0,
            1,
            0,
            step=0.01,
            label="Min p",
            info="Leave out what is less than this share as likely as the likeliest; 0 for none.",
        )
        no_repeat = gr.Slider(
            0,
            MAX_NO_REPEAT,
            0,
            step=2,
            label="No repeats",
            info="Never write so many characters in a row twice; 0 lets it. 20 ends the loops of "
            "low temperatures.",
        )
        seed = gr.Number(
            DEFAULT_SEED,
            precision=0,
            minimum=0,
            maximum=MAX_SEED,
            label="Dice",
            info="Same number, same luck.",
            elem_id="seed",
        )
    return [length, temperature, top_k, top_p, min_p, no_repeat, seed]


def _result(page: Page, request: Request) -> tuple[gr.HTML, gr.Radio, gr.Textbox, gr.Markdown]:
    timeline = page.timeline(request.model)
    *_, (written, _) = page.write(request, "best")
    curve = gr.HTML(
        views.learning_curve(timeline.manifest, timeline.best), padding=False, elem_id="curve"
    )
    epoch = gr.Radio(
        snapshot_choices(timeline),
        value=timeline.best.epoch,
        label="Snapshot",
        info="Epoch · held-out bits per character. Choose one: it continues the same opening.",
        elem_id="epoch",
    )
    output = gr.Textbox(
        written,
        label="What it writes",
        lines=9,
        max_lines=30,
        interactive=False,
        buttons=["copy"],
        elem_id="output",
    )
    return curve, epoch, output, gr.Markdown(elem_id="notes")
