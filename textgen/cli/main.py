"""`python -m textgen`: every command of the package."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence

from textgen.cli import app, train
from textgen.cli.console import run_command
from textgen.cli.generate import add_generate
from textgen.cli.measure import add_evaluate, add_inspect, add_novelty, add_score
from textgen.cli.parser import MISUSE, Parser
from textgen.cli.publish import add_deploy, add_push

PROG = "python -m textgen"
DESCRIPTION = (
    "Train character-level LSTMs, watch them learn to write, and share them. A timeline is a model "
    "with all its training snapshots: a directory, or a repository on the Hugging Face Hub."
)


def build_parser() -> Parser:
    """Return the parser of `python -m textgen`."""
    epilog = f"Each command explains its options: {PROG} COMMAND --help"
    parser = Parser(prog=PROG, description=DESCRIPTION, epilog=epilog)
    parser.add_version()
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
    parser = build_parser()
    if not given:
        parser.print_help(sys.stderr)
        return MISUSE
    arguments = parser.parse_args(given)
    # Commands that we suggest next are run the same way as this one.
    arguments.invocation = f"{PROG} {shlex.join(given)}"
    arguments.app = f"{PROG} app"
    return run_command("textgen", lambda: arguments.run(arguments))
