"""How the commands deal with the terminal: characters, errors, interruptions."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable

from textgen.errors import TextGenError
from textgen.text.vocabulary import describe

INTERRUPTED = 130  # the shell's exit status for Ctrl-C


def accept_any_character() -> None:
    """Print "?" for characters that the terminal's encoding lacks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def printable(text: str) -> str:
    """Replace control characters, which could steer a terminal; keep line breaks and tabs."""
    return "".join(
        char if char.isprintable() or char in "\n\t" else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )


def report_removed(characters: dict[str, int]) -> None:
    """Name on standard error the characters that were removed from a text, if any."""
    if characters:
        print(
            f"Removed characters this model does not know: {describe(characters)}", file=sys.stderr
        )


def run_command(prog: str, command: Callable[[], int | None]) -> int:
    """Run a command and return its exit status; print the package's errors as one line.

    Args:
        prog: the name that starts an error line.
        command: the command; it returns its exit status, or None for success.
    """
    accept_any_character()
    try:
        return command() or 0
    except TextGenError as error:
        print(f"{prog}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader closed the pipe, as `head` does
        # At exit Python would flush its buffer into the closed pipe and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
