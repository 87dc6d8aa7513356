"""`python -m textgen`: open the app, train, write with a timeline, measure, publish."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence

from textgen.cli import app, train
from textgen.cli.console import run_command
from textgen.cli.generate import add_generate
from textgen.cli.measure import add_evaluate, add_inspect, add_novelty, add_score
from textgen.cli.publish import add_deploy, add_push

PROG = "python -m textgen"


def build_parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    parser = argparse.ArgumentParser(prog=PROG, description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (
        app.add_app,
        train.add_train,
        add_generate,
        add_score,
        add_evaluate,
        add_novelty,
        add_inspect,
        add_push,
        add_deploy,
    ):
        add(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    given = sys.argv[1:] if argv is None else argv
    arguments = build_parser().parse_args(given)
    # Commands that are suggested next are run as this one was.
    arguments.invocation = f"{PROG} {shlex.join(given)}"
    arguments.app = f"{PROG} app"
    return run_command("textgen", lambda: arguments.run(arguments))
