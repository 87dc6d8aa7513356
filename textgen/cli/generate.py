"""The command that continues a prompt."""

from __future__ import annotations

import argparse

from textgen.cli.arguments import (
    Commands,
    add_epoch,
    add_sampling,
    add_setting,
    add_source,
    sampling_of,
)
from textgen.cli.console import printable, report_removed
from textgen.generation.streams import DEFAULT_LENGTH, LENGTH, SEED
from textgen.timeline.generator import TextGenerator


def add_generate(commands: Commands) -> None:
    """Declare `generate`."""
    generate = commands.add_parser(
        "generate",
        help="continue a prompt",
        description="Print a prompt and its continuation.",
    )
    add_source(generate)
    generate.add_argument(
        "seed_text",
        nargs="?",
        default="",
        metavar="PROMPT",
        help="the text to continue, in quotes (default: empty)",
    )
    add_setting(
        generate,
        "length",
        LENGTH,
        default=DEFAULT_LENGTH,
        help=f"{LENGTH.help}; {LENGTH.range} (default: {DEFAULT_LENGTH})",
    )
    add_sampling(generate)
    add_epoch(generate)
    help = f"{SEED.help}; the same seed repeats the text (default: a new one each time)"
    add_setting(generate, "seed", SEED, default=None, help=help)
    generate.set_defaults(run=_generate)


def _generate(arguments: argparse.Namespace) -> None:
    generator = TextGenerator.from_pretrained(
        arguments.source, epoch=arguments.epoch, revision=arguments.revision
    )
    seed_text, dropped = generator.prepare(arguments.seed_text)
    report_removed(dropped)
    pieces = generator.stream(
        arguments.seed_text,
        length=arguments.length,
        seed=arguments.seed,
        **sampling_of(arguments),
    )
    print(printable(seed_text), end="", flush=True)
    for piece in pieces:
        print(printable(piece), end="", flush=True)
    print()
