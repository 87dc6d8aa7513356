"""Recognizes hard-wrapped prose: paragraphs that are cut into lines of a common width."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

_LONGEST_LINE = 200  # characters; a longer line is not wrapped
_LEAST_WORDS = 3  # in a line of prose
_WORD = re.compile(r"\W{0,3}[^\W\d_]+(?:[-–—'’]+[^\W\d_]+)*\W{0,3}")  # with its punctuation
_LEAST_BREAKS = 10
_LEAST_SHARE = 0.65  # of the breaks that a common width explains: prose 0.7 to 1, verse up to 0.4


def is_hard_wrapped(text: str) -> bool:
    """Return whether a text is prose with a line break every 70 characters or so.

    A program that wraps prose breaks a line exactly where the next word no longer fits. So there is
    a width that explains nearly all line breaks inside paragraphs: every line fits into it, but not
    together with the first word of the next line. Verse, code, lists and tables have no such width.
    A line break is inside a paragraph if the next line is neither blank nor indented; these are the
    line breaks that the app shows as spaces (`textgen.softBreaks` in `web/prose.js`).

    Args:
        text: a text after preprocessing, or a sample of it.

    Example:
        >>> import textwrap
        >>> lines = textwrap.fill(textwrap.TextWrapper.__doc__)
        >>> is_hard_wrapped(lines), is_hard_wrapped(lines.replace("\\n", " "))
        (True, False)
    """
    lines = breaks = 0
    lengths, widths, words = Counter[int](), Counter[int](), Counter[str]()
    for line, following in pairwise(map(str.rstrip, text.split("\n"))):
        lines += bool(line)
        if not line or not following or following[0].isspace():
            continue
        breaks += 1
        word = following.split(maxsplit=1)[0]
        lengths[len(line)] += 1
        words[word] += 1
        if len(line) <= _LONGEST_LINE and _WORD.fullmatch(word) and _is_prose(line):
            widths.update(range(len(line), len(line) + 1 + len(word)))
    return (
        breaks >= max(_LEAST_BREAKS, lines / 3)
        and max(widths.values(), default=0) >= _LEAST_SHARE * breaks
        # Tables have lines of one length; the lines of logs begin with the same word.
        and max(lengths.values()) <= breaks / 2
        and max(words.values()) <= breaks / 4
    )


def _is_prose(line: str) -> bool:
    """Return whether a line has a few words, unlike one of numbers or in Chinese."""
    return sum(_WORD.fullmatch(word) is not None for word in line.split()) >= _LEAST_WORDS
