"""The page: watch a character LSTM learn to write.

python app.py
python app.py --model timelines/my-book --model USER/REPO
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

# A page served to the public reports to nobody, and one visitor's arithmetic takes one core.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import gradio as gr

from textgen import TextGenError, Timeline, views
from textgen.console import accept_any_character
from textgen.page import DEFAULT_LENGTH, DEFAULT_SEED, Page, Request
from textgen.sampling import DEFAULT_TEMPERATURE
from textgen.widgets import Widgets, lay_out, read_request, snapshot_choices

BUNDLED = Path(__file__).parent / "pretrained"
STYLE = Path(__file__).parent / "app.css"
PACE = 600  # characters a second that Write shows: fast to read, slow enough to watch and to stop
# Runs in the browser before Write does: on a phone the text is below the button's screen.
SHOW_OUTPUT = (
    "(...values) => { document.querySelector('#output').scrollIntoView({block: 'nearest'}); "
    "return values; }"
)
VISITORS_AT_ONCE = 16
MAX_WAITING = 256


def build_demo(timelines: Sequence[Timeline]) -> gr.Blocks:
    """Return the page for some timelines, at least one; the first is shown at first.

    Example:
        build_demo([Timeline.from_pretrained("pretrained/nietzsche")]).launch()
    """
    page = Page(timelines)
    page.prefetch()
    with gr.Blocks(title="Watch a network learn to write", analytics_enabled=False) as demo:
        _connect(page, lay_out(page))
        gr.api(_endpoint(page), api_name="generate")
    return demo.queue(default_concurrency_limit=VISITORS_AT_ONCE, max_size=MAX_WAITING)


def _connect(page: Page, widgets: Widgets) -> None:
    """Wire the events; all of them are the page's own, machines use `/generate`."""
    own: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

    def write(*values: Any) -> Iterator[tuple[str, str]]:
        with explained():
            request, epoch = read_request(*values)
            for text, notes in page.write(request, epoch, pace=PACE):
                yield text, escape(notes)

    def rewrite(*values: Any) -> tuple[str, str, str]:
        with explained():
            request, epoch = read_request(*values)
            *_, (text, notes) = page.write(request, epoch)
            manifest, chosen = page.timeline(request.model).manifest, page.snapshot(request, epoch)
            return text, escape(notes), views.learning_curve(manifest, chosen)

    def compare(*values: Any) -> str:
        with explained():
            return page.stages(*read_request(*values))

    def change_model(model: str) -> tuple[Any, ...]:
        timeline = page.timeline(model)
        samples = [[text] for text in views.openings(timeline)]
        return (
            views.summary(timeline),
            samples[0][0],
            gr.Dataset(samples=samples),
            gr.Radio(snapshot_choices(timeline), value=timeline.best.epoch),
            timeline.snapshots[-1].sha256,
        )

    def look(shown: str, *values: Any) -> Any:
        # Nobody asked for this, so what goes wrong here bothers nobody.
        with contextlib.suppress(TextGenError):
            page.refresh()
            request, epoch = read_request(*values)
            timeline = page.timeline(request.model)
            manifest = timeline.manifest
            if shown == manifest.snapshots[-1].sha256:
                return gr.skip()
            if epoch not in [snapshot.epoch for snapshot in timeline.snapshots]:
                epoch = timeline.best.epoch  # another run has taken its place
            stages = gr.skip()
            with contextlib.suppress(TextGenError):
                stages = page.stages(request, epoch)
            return (
                views.summary(timeline),
                gr.Radio(snapshot_choices(timeline), value=epoch),
                views.learning_curve(manifest, manifest.find(epoch=epoch)),
                stages,
                manifest.snapshots[-1].sha256,
            )
        return gr.skip()

    writing = gr.on(
        [widgets.write.click, widgets.seed_text.submit],
        write,
        widgets.request,
        [widgets.output, widgets.notes],
        js=SHOW_OUTPUT,
        trigger_mode="always_last",  # pressed again while it writes, it writes again
        **own,
    )
    choosing = widgets.epoch.input(None, cancels=writing, **own)
    opening = widgets.ready_made.click(
        lambda sample: sample[0], widgets.ready_made, widgets.seed_text, cancels=writing, **own
    )
    changing = widgets.model.input(
        change_model,
        widgets.model,
        [widgets.about, widgets.seed_text, widgets.ready_made, widgets.epoch, widgets.shown],
        cancels=writing,
        **own,
    )
    # Whatever was chosen, the text is there at once: only Write takes its time, to be watched.
    outputs = [widgets.output, widgets.notes, widgets.curve]
    rewriting = [
        event.then(rewrite, widgets.request, outputs, **own)
        for event in (choosing, opening, changing)
    ]
    for event in (writing, *rewriting):
        event.then(compare, widgets.request, widgets.stages, **own)
    widgets.timer.tick(
        look,
        [widgets.shown, *widgets.request],
        [widgets.about, widgets.epoch, widgets.curve, widgets.stages, widgets.shown],
        **own,
    )
    widgets.stop.click(None, cancels=writing, **own)


def _endpoint(page: Page) -> Callable[..., Iterator[str]]:
    """Return the function behind `/generate`; Gradio reads names, types and defaults off it."""

    def generate(
        model: str = page.models[0],
        epoch: str = "best",
        seed_text: str = "",
        length: int = DEFAULT_LENGTH,
        temperature: float = DEFAULT_TEMPERATURE,
        top_k: int = 0,
        top_p: float = 1.0,
        min_p: float = 0.0,
        no_repeat_ngram_size: int = 0,
        seed: int = DEFAULT_SEED,
    ) -> Iterator[str]:
        """Continue a text with one snapshot; streams the opening and the text so far.

        Args:
            model: a name that the page offers.
            epoch: of the snapshot, as the page shows it, or best or last.
            seed_text: what the text starts from; empty for an opening of the model's own.
            length: new characters, 1 to 2000.
            temperature: 0 for always the likeliest character, else 0.01 to 10.
            top_k: draw among the k likeliest only; 0 for all.
            top_p: draw among the likeliest that reach this probability; 1 for all.
            min_p: draw among those at least so many times as probable as the likeliest; 0 for all.
            no_repeat_ngram_size: never write so many characters in a row twice, unless all would,
                2 to 100; 0 lets it.
            seed: of the random numbers; the same seed repeats a text.
        """
        with explained():
            request = Request(
                model=model,
                seed_text=seed_text,
                length=length,
                temperature=temperature,
                top_k=top_k,
                top_p=top_p,
                min_p=min_p,
                no_repeat_ngram_size=no_repeat_ngram_size,
                seed=seed,
            )
            for text, _ in page.write(request, epoch):
                yield text

    return generate


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn the package's errors into a message on the page, escaped, and to API clients."""
    try:
        yield
    except TextGenError as error:
        raise gr.Error(escape(str(error), quote=False), print_exception=False) from error


def load_timelines(sources: Sequence[str]) -> list[Timeline]:
    """Load timelines from directories and Hub repositories, "user/name" or "user/name@revision".

    Raises:
        TextGenError: one cannot be had or is not a timeline.
    """
    timelines = []
    for source in sources:
        name, _, revision = source.partition("@") if not Path(source).is_dir() else (source, "", "")
        timelines.append(Timeline.from_pretrained(name, revision=revision or None))
    return timelines


def build_parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    parser = argparse.ArgumentParser(
        prog="app.py", description="Open the page on one or more timelines.", allow_abbrev=False
    )
    parser.add_argument(
        "--model",
        action="append",
        metavar="PATH_OR_REPO",
        help="a timeline's directory, or USER/REPO or USER/REPO@REVISION on the Hugging Face Hub; "
        "give it again for more (default: environment variable TEXTGEN_MODELS, separated by "
        "commas, else the timelines in pretrained/)",
    )
    parser.add_argument(
        "--host",
        default=None,
        help="address to listen on; 0.0.0.0 for other machines (default: this machine alone)",
    )
    parser.add_argument(
        "--port",
        type=_port,
        metavar="N",
        help="port, 1 to 65535 (default: the first free one from 7860)",
    )
    parser.add_argument(
        "--share", action="store_true", help="make a public link through Gradio's tunnel for a week"
    )
    return parser


def _port(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"must be a whole number from 1 to 65535, received {text!r}")


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    accept_any_character()
    arguments = build_parser().parse_args(argv)
    named = [name.strip() for name in os.environ.get("TEXTGEN_MODELS", "").split(",")]
    bundled = sorted(str(path.parent) for path in BUNDLED.glob("*/timeline.json"))
    try:
        demo = build_demo(
            load_timelines(arguments.model or [name for name in named if name] or bundled)
        )
        claim_zero_gpu()
        demo.launch(
            server_name=arguments.host,
            server_port=arguments.port,
            share=arguments.share,
            **launch_options(),
        )
    except (TextGenError, OSError) as error:  # OSError: the port is taken
        print(f"app.py: {error}", file=sys.stderr)
        return 1
    return 0


def claim_zero_gpu() -> None:
    """Name ZeroGPU a function to run: it starts no page without, though this one needs no GPU."""
    if os.environ.get("SPACES_ZERO_GPU") == "true":
        import spaces  # which every Gradio Space has

        spaces.GPU(lambda: None)


def launch_options() -> dict[str, Any]:
    """Return the looks and the limits of the page, for `gr.Blocks.launch`."""
    sans = ("system-ui", "sans-serif")
    return {
        "theme": gr.themes.Soft(primary_hue="orange", neutral_hue="stone", font=sans),
        "css_paths": STYLE,
        "footer_links": ["api", "settings"],
        "enable_monitoring": False,
        "run_history": False,
    }


if __name__ == "__main__":
    sys.exit(main())
