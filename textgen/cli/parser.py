"""An argument parser for people: its errors are one line that names the likely intention."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from textgen.checks import did_you_mean
from textgen.version import __version__

MISUSE = 2  # the shell's exit status for a wrong command line


class Parser(argparse.ArgumentParser):
    """An `argparse.ArgumentParser` without abbreviations and with short, helpful errors."""

    def __init__(self, **form: Any) -> None:
        super().__init__(allow_abbrev=False, **form)

    def add_version(self) -> None:
        """Declare `--version`."""
        version = f"textgen {__version__}"
        self.add_argument("--version", action="version", version=version, help="print the version")

    def error(self, message: str) -> NoReturn:
        """Print one line and exit: what is wrong, and how to see what is accepted."""
        message = message.removeprefix("argument ").rstrip(".")
        end = "" if message.endswith("?") else "."
        self.exit(MISUSE, f"{self.prog}: {message}{end} See {self.prog} --help.\n")

    # argparse's types differ between Python versions, hence Any.
    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse, and explain arguments that nothing takes here, where the options are known."""
        given = sys.argv[1:] if args is None else list(args)
        namespace, extras = super().parse_known_args(given, namespace)
        if extras:
            self._refuse(extras, given)
        return namespace, extras

    def _refuse(self, extras: Sequence[str], given: Sequence[str]) -> NoReturn:
        first = extras[0]
        if first.startswith("-") and first != "-":
            flag = first.partition("=")[0]
            self.error(f"unknown option {flag}{did_you_mean(flag, self._option_string_actions)}")
        words, meant = " ".join(extras), ""
        place = max((i for i, word in enumerate(given) if word == first), default=0)
        if place > 0 and not given[place - 1].startswith("-"):
            quoted = shlex.quote(f"{given[place - 1]} {words}")
            meant = f". Quote a value that contains spaces: {quoted}"
        self.error(f"unexpected {words!r}{meant}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            choices = [str(choice) for choice in action.choices]
            raise argparse.ArgumentError(
                action,
                f"{value!r} is not one of {', '.join(choices)}{did_you_mean(str(value), choices)}",
            )


def whole_number(text: str) -> int:
    """Return a flag's value as an int, for argparse."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number, received {text!r}") from None


def number(text: str) -> float:
    """Return a flag's value as a float, for argparse."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, received {text!r}") from None


def python_command(executable: str) -> str:
    """Return how to run this Python again: relative if it is below the current directory.

    Args:
        executable: the path of the interpreter, `sys.executable`.
    """
    try:
        relative = os.path.relpath(executable)
    except ValueError:  # another drive
        return shlex.quote(executable)
    return shlex.quote(executable if relative.startswith("..") else relative)
