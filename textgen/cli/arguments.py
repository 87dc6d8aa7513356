"""Arguments that several commands share, built from the settings they set."""

from __future__ import annotations

import argparse
from typing import Any

from textgen.checks import Setting, settings_of
from textgen.cli.parser import checked
from textgen.generation.sampling import Sampling

Commands = Any  # argparse has no public name for what add_subparsers returns


def add_setting(
    parser: argparse._ActionsContainer, name: str, setting: Setting, *, default: Any, help: str
) -> None:
    """Declare the flag of a setting.

    Args:
        parser: the parser, or a group in it.
        name: the setting's name.
        setting: which values it accepts.
        default: the value if the flag is not given.
        help: the flag's help text.
    """
    flag, said = f"--{name.replace('_', '-')}", help.replace("%", "%%")
    if setting.kind is bool:
        parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=default, help=said)
    elif setting.choices:
        parser.add_argument(flag, choices=setting.choices, default=default, help=said)
    else:
        several: dict[str, Any] = {"nargs": "+"} if setting.several else {}
        letter = "N" if setting.kind is int else "X"
        parser.add_argument(
            flag, type=checked(setting), metavar=letter, default=default, help=said, **several
        )


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of `Sampling`'s settings; `sampling_of` reads them."""
    for name, setting in settings_of(Sampling).items():
        default = getattr(Sampling(), name)
        shown = "off" if default is None else default
        add_setting(parser, name, setting, default=default, help=_help(setting, shown))


def _help(setting: Setting, default: object) -> str:
    return f"{setting.help.rstrip('.')}; {setting.range} (default: {default})"


def sampling_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the values of `Sampling`'s settings, as keyword arguments."""
    return {name: getattr(arguments, name) for name in settings_of(Sampling)}


def add_source(parser: argparse.ArgumentParser) -> None:
    """Declare which timeline to use."""
    parser.add_argument(
        "source", metavar="PATH_OR_REPO", help="a timeline: a directory, or USER/REPO on the Hub"
    )
    parser.add_argument(
        "--revision", help="branch, tag or commit of the Hub repository (default: main)"
    )


def add_epoch(parser: argparse.ArgumentParser) -> None:
    """Declare which snapshot to use."""
    parser.add_argument(
        "--epoch",
        default="best",
        help="snapshot to use: 'best', 'last', or an epoch that 'inspect' lists "
        "(default: %(default)s)",
    )


def add_text(parser: argparse.ArgumentParser) -> None:
    """Declare which text to read."""
    parser.add_argument("text", metavar="FILE", help="a text file, or - for standard input")
    add_encoding(parser)


def add_encoding(parser: argparse.ArgumentParser) -> None:
    """Declare how to decode the text."""
    parser.add_argument(
        "--text-encoding",
        default="utf-8",
        metavar="NAME",
        help="the text's encoding (default: %(default)s)",
    )
