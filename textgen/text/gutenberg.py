"""Finds the text between the license texts that Project Gutenberg adds to its files."""

from __future__ import annotations

import re

# The title in a marker can be long enough to continue on a second line.
_GUTENBERG_START = re.compile(
    r"^\*\*\* ?START OF TH(?:E|IS) PROJECT GUTENBERG[^*]{0,200}\*\*\*.*$", re.M | re.I
)
_GUTENBERG_END = re.compile(r"^\*\*\* ?END OF TH(?:E|IS) PROJECT GUTENBERG.*$", re.M | re.I)


def find_book(text: str) -> tuple[int, int, str]:
    """Find the text between `*** START OF THE PROJECT GUTENBERG …` and `*** END …`.

    Returns:
        The start and end of the actual text, and what to append to it: a line break. For a
        text without markers, the whole text and an empty string.
    """
    opened = _GUTENBERG_START.search(text)
    start = opened.end() if opened else 0
    closed = _GUTENBERG_END.search(text, start)
    if not opened and not closed:
        return 0, len(text), ""
    book = text[start : closed.start() if closed else len(text)]
    start += len(book) - len(book.lstrip("\n"))
    return start, start + len(book.strip("\n")), "\n"
