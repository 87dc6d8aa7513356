"""The package's errors as Gradio shows them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from html import escape

import gradio as gr

from textgen.errors import TextGenError


@contextlib.contextmanager
def show_errors() -> Iterator[None]:
    """Turn the package's errors into a message on the page, escaped, and to API clients."""
    try:
        yield
    except TextGenError as error:
        raise gr.Error(escape(str(error), quote=False), print_exception=False) from error
