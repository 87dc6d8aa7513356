"""Project Gutenberg's books without the licence around them."""

from __future__ import annotations

import re

# A marker's title may be long enough to run over into a second line.
_GUTENBERG_START = re.compile(
    r"^\*\*\* ?START OF TH(?:E|IS) PROJECT GUTENBERG[^*]{0,200}\*\*\*.*$", re.M | re.I
)
_GUTENBERG_END = re.compile(r"^\*\*\* ?END OF TH(?:E|IS) PROJECT GUTENBERG.*$", re.M | re.I)


def find_book(text: str) -> tuple[int, int, str]:
    """Find a book between its markers, `*** START OF THE PROJECT GUTENBERG …` and `*** END …`.

    Returns:
        Where it starts and stops, and what is to follow it; of another text all, and nothing.
    """
    opened = _GUTENBERG_START.search(text)
    start = opened.end() if opened else 0
    closed = _GUTENBERG_END.search(text, start)
    if not opened and not closed:
        return 0, len(text), ""
    book = text[start : closed.start() if closed else len(text)]
    start += len(book) - len(book.lstrip("\n"))
    return start, start + len(book.strip("\n")), "\n"
