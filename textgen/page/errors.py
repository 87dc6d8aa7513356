"""Shows the package's errors through Gradio."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from html import escape

import gradio as gr

from textgen.errors import TextGenError


@contextlib.contextmanager
def show_errors() -> Iterator[None]:
    """Turn the package's errors into escaped messages on the page and for API clients."""
    try:
        yield
    except TextGenError as error:
        raise gr.Error(escape(str(error), quote=False), print_exception=False) from error
