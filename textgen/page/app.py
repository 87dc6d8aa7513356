"""Builds and serves the Gradio app."""

from __future__ import annotations

import errno
import os
import socket
import time
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import gradio as gr
from gradio.http_server import INITIAL_PORT_VALUE, LOCALHOST_NAME, TRY_NUM_PORTS
from starlette.middleware import Middleware
from threadpoolctl import threadpool_limits

from textgen.errors import AppError
from textgen.page.api import register_endpoints
from textgen.page.api_v0 import register_old_endpoints
from textgen.page.browser import head, styles
from textgen.page.components import build_components
from textgen.page.events import bind_events
from textgen.page.queue import THREADS, FairQueue
from textgen.page.request_filter import RequestFilter
from textgen.page.theme import theme
from textgen.service.service import Service
from textgen.timeline.timeline import Timeline

SESSIONS = 64  # Gradio keeps the last answers of this many, a few megabytes each


def build_demo(timelines: Sequence[Timeline]) -> gr.Blocks:
    """Return the app for one or more timelines; it opens with the first.

    Example:
        demo = build_demo([Timeline.from_pretrained("pretrained/nietzsche")])
        demo.launch(**launch_options())
    """
    service = Service(timelines)
    service.catalog.prefetch()
    with gr.Blocks(title="Watch a network learn to write", analytics_enabled=False) as demo:
        # Before the page's events, which must not take their names.
        register_endpoints(service)
        register_old_endpoints(service)
        bind_events(service, build_components(service))
    demo.queue(api_open=False)  # every request goes through the queue
    demo._queue = FairQueue(demo)
    return demo


def launch_options() -> dict[str, Any]:
    """Return the app's look and limits, for `gr.Blocks.launch`."""
    return {
        "theme": theme(),
        "css_paths": styles(),
        "head": head(),
        "footer_links": ["api", "settings"],
        "mcp_server": find_spec("mcp") is not None,  # installed by the extra "mcp"
        "enable_monitoring": False,
        "run_history": False,
        "max_threads": THREADS,
        "state_session_capacity": SESSIONS,
        "app_kwargs": {"middleware": [Middleware(RequestFilter)]},
    }


def serve(
    timelines: Sequence[Timeline],
    *,
    host: str | None = None,
    port: int | None = None,
    share: bool = False,
    open_browser: bool = False,
) -> None:
    """Serve the app until it is interrupted.

    Args:
        timelines: at least one.
        host: the address to listen on; None for 127.0.0.1, this machine only.
        port: the port; None for the first free one from 7860.
        share: also create a public link through Gradio's tunnel.
        open_browser: open the app in the default browser.

    Raises:
        AppError: the port is in use, or the address is not one of this machine.
    """
    if host and ":" in host and not host.startswith("["):
        host = f"[{host}]"  # Gradio puts it into a URL
    _check_address(host or LOCALHOST_NAME, port)
    with threadpool_limits(limits=1, user_api="blas"):  # one core for each user's arithmetic
        demo = build_demo(timelines)
        _claim_zero_gpu()
        try:
            demo.launch(
                server_name=host,
                server_port=port,
                share=share,
                inbrowser=open_browser,
                quiet=True,
                prevent_thread_lock=True,
                **launch_options(),
            )
        except OSError as error:
            last = INITIAL_PORT_VALUE + TRY_NUM_PORTS - 1
            raise AppError(
                f"No port from {INITIAL_PORT_VALUE} to {last} is free. Choose another with --port."
            ) from error
        try:
            print(f"The app is running at {demo.local_url} (Ctrl-C stops it)", flush=True)
            while demo.is_running:
                time.sleep(0.5)
        except KeyboardInterrupt:
            demo.close(verbose=False)


def _check_address(host: str, port: int | None) -> None:
    """Raise AppError if this machine cannot listen there; Gradio would print pages of errors."""
    bare = host.removeprefix("[").removesuffix("]")  # an IPv6 address may have brackets
    try:
        family = socket.getaddrinfo(bare, None, type=socket.SOCK_STREAM)[0][0]
        _listen(family, bare, 0)
    except (OSError, UnicodeError) as error:
        raise AppError(
            f"Cannot listen on {host}: {getattr(error, 'strerror', None) or error}. Give --host "
            "an address of this machine, or 0.0.0.0 for all of them."
        ) from error
    if port is None:
        return
    try:
        _listen(family, bare, port)
    except OSError as error:
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"is refused: {error.strerror}"
        raise AppError(
            f"Port {port} {reason}. Choose another with --port, or leave it out to get a free one."
        ) from error


def _listen(family: int, host: str, port: int) -> None:
    with socket.socket(family) as probe:
        if os.name == "posix":  # elsewhere this option would allow a port that is in use
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        probe.listen()


def _claim_zero_gpu() -> None:
    """Declare a GPU function on ZeroGPU, which starts no app without one; this app needs no GPU."""
    if os.environ.get("SPACES_ZERO_GPU") == "true":
        import spaces  # installed in every Gradio Space

        spaces.GPU(lambda: None)
