"""The app, served to tests."""

import contextlib
from collections.abc import Iterator
from typing import Any

import gradio as gr

from tests.support.processes import free_port
from textgen import Timeline
from textgen.page.app import build_demo, launch_options


@contextlib.contextmanager
def launched(demo: gr.Blocks, **options: Any) -> Iterator[str]:
    """Launch a demo as long as the context lasts, and give its address; the options are the app's
    own but for those given."""
    settings = {**launch_options(), **options}
    _, url, _ = demo.launch(
        prevent_thread_lock=True, quiet=True, server_port=free_port(), **settings
    )
    try:
        yield url
    finally:
        demo.close()


@contextlib.contextmanager
def served(*timelines: Timeline) -> Iterator[str]:
    """Serve the app on some timelines as long as the context lasts, and give its address."""
    with launched(build_demo(timelines)) as url:
        yield url
