"""Text in Markdown: data that stays data, whatever it holds."""

from __future__ import annotations

import re


def inline(text: str) -> str:
    """Return text for a line of Markdown or a table's cell, with nothing left to interpret."""
    flat = " ".join(text.split())
    return re.sub(r"([\\`*_\[\]<>|#&!$~])", r"\\\1", flat)


def code(text: str) -> str:
    """Return text for an inline code span; what would end the span is left out."""
    return " ".join(text.replace("`", "").split())


def block(text: str) -> str:
    """Return text as a fenced code block, whatever it holds."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
