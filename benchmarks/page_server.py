"""An app to measure: ours, ours with a generator that does nothing, or an empty Gradio page.

    python benchmarks/page_server.py ours 7861
    python benchmarks/page_server.py idle 7862
    python benchmarks/page_server.py empty 7863

"idle" is the floor for the simulated users: the same app, components, events and messages, and a
text of the same length that costs nothing to write. "empty" is the floor for the browser.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
sys.path.insert(0, str(Path(__file__).parent.parent))

BUNDLED = Path(__file__).parents[1] / "pretrained/nietzsche"


def main() -> int:
    """Serve until the process is stopped."""
    parser = argparse.ArgumentParser(description="Serve an app to measure.")
    parser.add_argument(
        "kind",
        choices=["ours", "idle", "empty"],
        help="this app, this app with a generator that does nothing, or an empty Gradio page",
    )
    parser.add_argument("port", type=int, help="the port to listen on")
    parser.add_argument(
        "--model", default=str(BUNDLED), help="a timeline's directory (default: the bundled one)"
    )
    arguments = parser.parse_args()
    if arguments.kind == "empty":
        import gradio as gr

        with gr.Blocks(analytics_enabled=False) as empty:
            gr.HTML("<p id='empty'>Nothing is here.</p>")
        empty.launch(server_port=arguments.port, quiet=True)
        return 0
    from textgen.cli.app import load_timelines
    from textgen.page.app import serve

    if arguments.kind == "idle":
        write_nothing()
    serve(load_timelines([arguments.model]), host=None, port=arguments.port, share=False)
    return 0


def write_nothing() -> None:
    """Replace every generator with one that streams a prepared text."""
    from textgen import TextGenerator, Timeline
    from textgen.service.request import MAX_LENGTH

    class Idle(TextGenerator):
        def stream(self, *_: Any, **settings: Any) -> Iterator[str]:
            return itertools.islice(text, settings["length"])

    real = Timeline.from_pretrained(BUNDLED).generator()
    text = real.generate(length=MAX_LENGTH, seed=0)
    idle = Idle(real.engine, real.vocabulary)
    setattr(Timeline, "generator", lambda *_, **__: idle)  # noqa: B010 - no method to mypy


if __name__ == "__main__":
    sys.exit(main())
