"""Arguments that several command lines share, made from the settings they are about."""

from __future__ import annotations

import argparse
from typing import Any

from textgen.checks import Setting, settings_of
from textgen.generation.sampling import Sampling

Commands = Any  # argparse has no public name for what add_subparsers returns


def add_setting(
    parser: argparse._ActionsContainer, name: str, setting: Setting, *, default: Any, help: str
) -> None:
    """Declare the flag of a setting.

    Args:
        parser: or a group of it.
        name: of the setting.
        setting: which values there are.
        default: where the flag is not given.
        help: what is said of it.
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
            flag, type=setting.kind, metavar=letter, default=default, help=said, **several
        )


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of `Sampling`'s settings; `sampling_of` reads them."""
    for name, setting in settings_of(Sampling).items():
        default = getattr(Sampling(), name)
        shown = "off" if default is None else default
        add_setting(
            parser,
            name,
            setting,
            default=default,
            help=f"{setting.help}, {setting.range} (default: {shown})",
        )


def sampling_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the settings of `Sampling` that were given, as keyword arguments."""
    return {name: getattr(arguments, name) for name in settings_of(Sampling)}


def add_source(parser: argparse.ArgumentParser) -> None:
    """Declare which timeline is meant."""
    parser.add_argument(
        "source", metavar="PATH_OR_REPO", help="a timeline's directory, or USER/REPO on the Hub"
    )
    parser.add_argument("--revision", help="branch, tag or commit of a Hub repository")


def add_epoch(parser: argparse.ArgumentParser) -> None:
    """Declare which snapshot is meant."""
    parser.add_argument(
        "--epoch",
        default="best",
        help="which snapshot: one of the epochs that 'inspect' lists, best or last "
        "(default: %(default)s)",
    )


def add_text(parser: argparse.ArgumentParser) -> None:
    """Declare which text is read."""
    parser.add_argument("text", metavar="FILE", help="a text, or - for standard input")
    add_encoding(parser)


def add_encoding(parser: argparse.ArgumentParser) -> None:
    """Declare how a text's bytes are decoded."""
    parser.add_argument(
        "--text-encoding", default="utf-8", help="of the text's bytes (default: %(default)s)"
    )
