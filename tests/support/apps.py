"""Serves the app to tests."""

import contextlib
from collections.abc import Iterator
from typing import Any

import gradio as gr

from tests.support.processes import free_port
from textgen import Timeline
from textgen.page.app import build_demo, launch_options


@contextlib.contextmanager
def launched(demo: gr.Blocks, **options: Any) -> Iterator[str]:
    """Launch a demo while the context lasts, and yield its address.

    Args:
        demo: the Gradio app.
        options: options of `launch`, in place of those that the app uses.
    """
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
    """Serve the app with some timelines while the context lasts, and yield its address."""
    with launched(build_demo(timelines)) as url:
        yield url
