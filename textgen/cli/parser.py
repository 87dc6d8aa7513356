"""An argument parser for people: its errors are one line that names the likely intention."""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from textgen.checks import Setting, did_you_mean
from textgen.errors import SettingsError
from textgen.version import __version__

MISUSE = 2  # the shell's exit status for a wrong command line
_REQUIRED = "the following arguments are required: "  # how argparse starts the message


@dataclass(frozen=True)
class MainFlag:
    """The flag that a stray word on the command line was probably meant for.

    Args:
        flag: the flag, which takes one value.
        required: what is missing if the flag is absent, as a sentence; "" for an optional flag.
        example: a value, for that error.
        several: what to do instead of giving the flag several files; "" for no advice.
    """

    flag: str
    required: str = ""
    example: str = ""
    several: str = ""


class Parser(argparse.ArgumentParser):
    """An `argparse.ArgumentParser` without abbreviations and with short, helpful errors."""

    def __init__(self, **form: Any) -> None:
        super().__init__(allow_abbrev=False, **form)
        self.main_flag: MainFlag | None = None

    def add_version(self) -> None:
        """Declare `--version`."""
        version = f"textgen {__version__}"
        self.add_argument("--version", action="version", version=version, help="print the version")

    def error(self, message: str) -> NoReturn:
        """Print one line and exit: what is wrong, and how to see what is accepted."""
        message = message.removeprefix("argument ").rstrip(".")
        if message.startswith(_REQUIRED):
            names = message.removeprefix(_REQUIRED).split(", ")
            message = f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} missing"
        end = "" if message.endswith("?") else "."
        self.exit(MISUSE, f"{self.prog}: {message}{end} See {self.prog} --help.\n")

    # argparse's types differ between Python versions, hence Any.
    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse, and explain arguments that nothing takes here, where the options are known."""
        given = sys.argv[1:] if args is None else list(args)
        namespace, extras = super().parse_known_args(given, namespace)
        main = self.main_flag
        words = _words(extras)
        if extras and not words:
            flag = extras[0].partition("=")[0]
            self.error(f"unknown option {flag}{did_you_mean(flag, self._option_string_actions)}")
        if main and main.required and getattr(namespace, main.flag.lstrip("-")) is None:
            self._refuse_without(main, words)
        if words:
            self._refuse(words, given)
        return namespace, extras

    def _refuse_without(self, main: MainFlag, words: Sequence[str]) -> NoReturn:
        """Refuse a command line without the required main flag."""
        if not words:
            example = f"{self.prog} {main.flag} {main.example}"
            self.error(f"{main.required}. Give {main.flag}, for example: {example}")
        value = " ".join(words) if _is_one_value(words) else words[0]
        self.error(f"{main.required}. Did you mean {main.flag} {shlex.quote(value)}?")

    def _refuse(self, words: Sequence[str], given: Sequence[str]) -> NoReturn:
        """Refuse words that nothing takes, and suggest what was meant."""
        first, main = words[0], self.main_flag
        place = max((i for i, word in enumerate(given) if word == first), default=0)
        before = given[max(place - 2, 0) : place]
        if before and not before[-1].startswith("-"):
            value = [before[-1], *words]
            files = all(_exists(word) or Path(word).suffix for word in value)
            if main and main.several and before[0] == main.flag and files:
                self.error(f"unexpected {first!r}. {main.flag} {main.several}")
            if _is_one_value(value):
                quoted = shlex.quote(" ".join(value))
                self.error(
                    f"unexpected {' '.join(words)!r}. Quote a value that contains spaces: {quoted}"
                )
        meant = ""
        if main and not main.required:
            meant = f". Did you mean {main.flag} {shlex.quote(first)}?"
        self.error(f"unexpected {first!r}{meant}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            choices = [str(choice) for choice in action.choices]
            raise argparse.ArgumentError(
                action,
                f"{value!r} is not one of {', '.join(choices)}{did_you_mean(str(value), choices)}",
            )


def _words(extras: Sequence[str]) -> list[str]:
    """Return the arguments up to the first that looks like an option."""
    return list(itertools.takewhile(lambda word: word == "-" or not word.startswith("-"), extras))


def _is_one_value(words: Sequence[str]) -> bool:
    """Return whether words are probably one value whose spaces the shell has split."""
    return not any(" " in word or _is_number(word) or _exists(word) for word in words)


def _exists(word: str) -> bool:
    try:
        return Path(word).exists()
    except OSError:  # too long for a path
        return False


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def checked(setting: Setting) -> Callable[[str], int | float]:
    """Return the function that converts and checks the value of a setting's flag, for argparse.

    An error then names the flag as it was typed. A flag that is absent is not checked, so errors do
    not offer None.

    Args:
        setting: a number, or several.
    """
    one = dataclasses.replace(setting, optional=False, several=False)
    convert = whole_number if setting.kind is int else number

    def value_of(text: str) -> int | float:
        value = convert(text)
        try:
            one.check("", value)
        except SettingsError:
            raise argparse.ArgumentTypeError(f"must be {one.accepted}, received {text}") from None
        return value

    return value_of


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
