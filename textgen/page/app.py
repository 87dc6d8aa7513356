"""The Gradio app, put together and served."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import gradio as gr
from starlette.middleware import Middleware
from threadpoolctl import threadpool_limits

from textgen.page.api import register_endpoints
from textgen.page.browser import head, styles
from textgen.page.components import build_components
from textgen.page.events import bind_events
from textgen.page.queue import THREADS, FairQueue
from textgen.page.request_filter import RequestFilter
from textgen.page.theme import theme
from textgen.service.service import Service
from textgen.timeline.timeline import Timeline

SESSIONS = 64  # whose last answers Gradio keeps, a few megabytes each


def build_demo(timelines: Sequence[Timeline]) -> gr.Blocks:
    """Return the app for some timelines, at least one; the first is shown at first.

    Example:
        demo = build_demo([Timeline.from_pretrained("pretrained/nietzsche")])
        demo.launch(**launch_options())
    """
    service = Service(timelines)
    service.catalog.prefetch()
    with gr.Blocks(title="Watch a network learn to write", analytics_enabled=False) as demo:
        register_endpoints(service)  # first: of what has one name, only the first keeps it
        bind_events(service, build_components(service))
    demo.queue(api_open=False)  # nothing is answered past the queue
    demo._queue = FairQueue(demo)
    return demo


def launch_options() -> dict[str, Any]:
    """Return the looks and the limits of the app, for `gr.Blocks.launch`."""
    return {
        "theme": theme(),
        "css_paths": styles(),
        "head": head(),
        "footer_links": ["api", "settings"],
        "mcp_server": find_spec("mcp") is not None,  # with the extra, programs find tools here
        "enable_monitoring": False,
        "run_history": False,
        "max_threads": THREADS,
        "state_session_capacity": SESSIONS,
        "app_kwargs": {"middleware": [Middleware(RequestFilter)]},
    }


def serve(
    timelines: Sequence[Timeline], *, host: str | None, port: int | None, share: bool
) -> None:
    """Serve the app until it is interrupted.

    Args:
        timelines: at least one.
        host: address to listen on; None for this machine alone.
        port: None for the first free one from 7860.
        share: whether to make a public link through Gradio's tunnel.

    Raises:
        OSError: the port is taken.
    """
    with threadpool_limits(limits=1, user_api="blas"):  # one user's arithmetic takes one core
        demo = build_demo(timelines)
        _claim_zero_gpu()
        demo.launch(server_name=host, server_port=port, share=share, **launch_options())


def _claim_zero_gpu() -> None:
    """Name ZeroGPU a function to run: it starts no app without, though this one needs no GPU."""
    if os.environ.get("SPACES_ZERO_GPU") == "true":
        import spaces  # which every Gradio Space has

        spaces.GPU(lambda: None)
