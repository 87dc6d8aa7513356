"""Escaping text for Markdown, so that data never becomes markup."""

from __future__ import annotations

import re
from urllib.parse import quote


def inline(text: str) -> str:
    """Return text as one line for a paragraph or table cell, with all markup escaped."""
    flat = " ".join(text.split())
    return re.sub(r"([\\`*_\[\]<>|#&!$~])", r"\\\1", flat)


def code(text: str) -> str:
    """Return text for an inline code span, without backticks, which would end the span."""
    return " ".join(text.replace("`", "").split())


def address(url: str) -> str:
    """Return a URL for the parentheses of a link, which it cannot end."""
    return quote(url, safe=":/?#[]@!$&'*+,;=%~").replace("&", "&amp;")


def block(text: str) -> str:
    """Return text as a fenced code block, its fence longer than any backticks inside."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
