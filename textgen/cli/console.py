"""What the command lines print, on any terminal."""

from __future__ import annotations

import io
import sys


def accept_any_character() -> None:
    """Let characters that the terminal's encoding lacks be shown as "?", not end the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def printable(text: str) -> str:
    """Return text with nothing that would steer a terminal; line ends and tabs stay."""
    return "".join(
        char if char.isprintable() or char in "\n\t" else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )
