"""What the command lines share with the terminal."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable

from textgen.errors import TextGenError
from textgen.text.vocabulary import describe

INTERRUPTED = 130  # the shell's exit status for Ctrl-C


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


def say_dropped(characters: dict[str, int]) -> None:
    """Say on standard error which characters of a text a model does not know, if any."""
    if characters:
        print(f"Left out, the model knows none of these: {describe(characters)}", file=sys.stderr)


def run_command(prog: str, command: Callable[[], int | None]) -> int:
    """Run a command and return its exit status; an error of ours is one line.

    Args:
        prog: how errors begin.
        command: returns its status, or None for success.
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
    except BrokenPipeError:  # the reader of a pipe had enough
        # What is still buffered would be flushed into the closed pipe at exit, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
