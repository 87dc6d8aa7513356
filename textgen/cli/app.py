"""The command that opens the app."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from textgen.cli.arguments import Commands
from textgen.cli.console import run_command
from textgen.cli.parser import MainFlag, Parser
from textgen.errors import TimelineError
from textgen.page.deploy import MODELS
from textgen.timeline.bundled import bundled_timelines
from textgen.timeline.timeline import Timeline

DESCRIPTION = (
    "Start the app, in which you can watch one or more models learn to write. Open the printed "
    "address in a browser, or use --open."
)


def add_app(commands: Commands) -> None:
    """Declare `app`."""
    parser = commands.add_parser("app", help="open the app", description=DESCRIPTION)
    _add_arguments(parser)
    parser.set_defaults(run=run)


def build_parser() -> Parser:
    """Return the parser of `app.py`."""
    parser = Parser(prog="app.py", description=DESCRIPTION)
    parser.add_version()
    _add_arguments(parser)
    return parser


def _add_arguments(parser: Parser) -> None:
    parser.main_flag = MainFlag("--model")
    parser.add_argument(
        "--model",
        action="append",
        metavar="PATH_OR_REPO",
        help="a timeline to show: a directory, or USER/REPO or USER/REPO@REVISION on the Hugging "
        f"Face Hub; repeat it for more (default: the environment variable {MODELS}, separated by "
        "commas, or else the timelines in pretrained/)",
    )
    parser.add_argument(
        "--host",
        metavar="ADDRESS",
        help="address to listen on; 0.0.0.0 lets other machines connect (default: 127.0.0.1, this "
        "machine only)",
    )
    parser.add_argument(
        "--port",
        type=_port,
        metavar="N",
        help="port to listen on, 1 to 65535 (default: the first free one from 7860)",
    )
    parser.add_argument("--open", action="store_true", help="open the app in the default browser")
    parser.add_argument(
        "--share",
        action="store_true",
        help="also create a public link to this machine, through Gradio's servers, for up "
        "to a week",
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line of `app.py` and return its exit status."""
    arguments = build_parser().parse_args(argv)
    return run_command("app.py", lambda: run(arguments))


def run(arguments: argparse.Namespace) -> None:
    """Serve the app until it is interrupted.

    Raises:
        TextGenError: a timeline is missing or damaged, or the port is in use.
    """
    # The app sends no usage statistics. Both variables are read at import.
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    timelines = load_timelines(arguments.model or _named_models())
    from textgen.page.app import serve

    serve(
        timelines,
        host=arguments.host,
        port=arguments.port,
        share=arguments.share,
        open_browser=arguments.open,
    )


def load_timelines(sources: Sequence[str]) -> list[Timeline]:
    """Load timelines from directories and Hub repositories, "user/name" or "user/name@revision".

    Raises:
        TextGenError: a timeline is missing or damaged, or the Hub is unreachable.
    """
    timelines = []
    for source in sources:
        name, _, revision = source.partition("@") if not Path(source).is_dir() else (source, "", "")
        timelines.append(Timeline.from_pretrained(name, revision=revision or None))
    return timelines


def _named_models() -> list[str]:
    """Return the models that the environment lists, or else the timelines in the clone."""
    if named := [name.strip() for name in os.environ.get(MODELS, "").split(",") if name.strip()]:
        return named
    if bundled := [str(directory) for directory in bundled_timelines()]:
        return bundled
    raise TimelineError(
        "There is no model to show, because the installed package contains none. Name one with "
        f"--model (a directory, or USER/REPO on the Hugging Face Hub) or in {MODELS}."
    )


def _port(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"must be a whole number from 1 to 65535, received {text!r}")
