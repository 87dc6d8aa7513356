"""The page: watch a character LSTM learn to write.

python app.py
python app.py --model timelines/my-book --model USER/REPO
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# A page served to the public reports to nobody, and one visitor's arithmetic takes one core.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import gradio as gr
from starlette.middleware import Middleware

from textgen import TextGenError, Timeline
from textgen.cli.console import accept_any_character
from textgen.page.api import register_endpoints
from textgen.page.components import build_components
from textgen.page.events import bind_events
from textgen.page.queue import FairQueue
from textgen.page.request_filter import RequestFilter
from textgen.page.theme import theme
from textgen.service.service import Service

BUNDLED = Path(__file__).parent / "pretrained"
WEB = (
    Path(__file__).parent / "textgen" / "web"
)  # what runs in the browser: each part's script and style
AT_ONCE = 16  # of each event that does not say otherwise
THREADS = 256  # more than may be writing at once, so that there are some for everything else
MAX_WAITING = 256  # of each kind of event
SESSIONS = 64  # whose last answers Gradio keeps, a few megabytes each


def build_demo(timelines: Sequence[Timeline]) -> gr.Blocks:
    """Return the page for some timelines, at least one; the first is shown at first.

    Example:
        demo = build_demo([Timeline.from_pretrained("pretrained/nietzsche")])
        demo.launch(**launch_options())
    """
    service = Service(timelines)
    service.prefetch()
    with gr.Blocks(title="Watch a network learn to write", analytics_enabled=False) as demo:
        register_endpoints(service)  # first: of what has one name, only the first keeps it
        bind_events(service, build_components(service))
    demo.queue(api_open=False)  # nothing is answered past the queue
    demo._queue = FairQueue(demo, places=MAX_WAITING, at_once=AT_ONCE)
    return demo


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
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in sorted(WEB.glob("*.js")))
    return {
        "theme": theme(),
        "css_paths": sorted(WEB.glob("*.css")),
        "head": f"<script>{scripts}</script>",
        "footer_links": ["api", "settings"],
        "mcp_server": find_spec("mcp") is not None,  # with the extra, programs find tools here
        "enable_monitoring": False,
        "run_history": False,
        "max_threads": THREADS,
        "state_session_capacity": SESSIONS,
        "app_kwargs": {"middleware": [Middleware(RequestFilter)]},
    }


if __name__ == "__main__":
    sys.exit(main())
