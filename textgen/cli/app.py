"""The command line that opens the app."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from textgen.cli.arguments import Commands
from textgen.cli.console import run_command
from textgen.errors import TextGenError, TimelineError
from textgen.page.deploy import MODELS
from textgen.timeline.timeline import Timeline

BUNDLED = Path(__file__).parents[2] / "pretrained"  # in a clone


_FORM: Any = {"description": "Open the page on one or more timelines.", "allow_abbrev": False}


def add_app(commands: Commands) -> None:
    """Declare `app`."""
    parser = commands.add_parser("app", help="open the page", **_FORM)
    _add_arguments(parser)
    parser.set_defaults(run=run)


def build_parser(prog: str = "app.py") -> argparse.ArgumentParser:
    """Return the parser of a command line that only opens the app."""
    parser = argparse.ArgumentParser(prog=prog, **_FORM)
    _add_arguments(parser)
    return parser


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        action="append",
        metavar="PATH_OR_REPO",
        help="a timeline's directory, or USER/REPO or USER/REPO@REVISION on the Hugging Face Hub; "
        f"give it again for more (default: environment variable {MODELS}, separated by commas, "
        "else the timelines in pretrained/)",
    )
    parser.add_argument(
        "--host",
        default=None,
        help="address to listen on; 0.0.0.0 for other machines (default: this machine alone)",
    )
    parser.add_argument(
        "--port",
        type=_port,
        metavar="N",
        help="port, 1 to 65535 (default: the first free one from 7860)",
    )
    parser.add_argument(
        "--share", action="store_true", help="make a public link through Gradio's tunnel for a week"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line of `app.py` and return its exit status."""
    arguments = build_parser().parse_args(argv)
    return run_command("app.py", lambda: run(arguments))


def run(arguments: argparse.Namespace) -> None:
    """Serve the app until it is interrupted.

    Raises:
        TextGenError: a timeline cannot be had or is not one, or the port is taken.
    """
    # A page served to the public reports to nobody; both are read at import.
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    timelines = load_timelines(arguments.model or _named_models())
    from textgen.page.app import serve

    try:
        serve(timelines, host=arguments.host, port=arguments.port, share=arguments.share)
    except OSError as error:
        raise TextGenError(str(error)) from error


def load_timelines(sources: Sequence[str]) -> list[Timeline]:
    """Load timelines from directories and Hub repositories, "user/name" or "user/name@revision".

    Raises:
        TextGenError: one cannot be had or is not a timeline.
    """
    timelines = []
    for source in sources:
        name, _, revision = source.partition("@") if not Path(source).is_dir() else (source, "", "")
        timelines.append(Timeline.from_pretrained(name, revision=revision or None))
    return timelines


def _named_models() -> list[str]:
    """Return what the environment names, else the timelines of the clone."""
    if named := [name.strip() for name in os.environ.get(MODELS, "").split(",") if name.strip()]:
        return named
    if bundled := sorted(str(path.parent) for path in BUNDLED.glob("*/timeline.json")):
        return bundled
    raise TimelineError(
        f"No timeline comes with an installed package: name one by --model, a directory or "
        f"USER/REPO on the Hugging Face Hub, or by the environment variable {MODELS}."
    )


def _port(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"must be a whole number from 1 to 65535, received {text!r}")
