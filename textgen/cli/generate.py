"""The command that continues a text."""

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
from textgen.cli.console import printable, say_dropped
from textgen.generation.streams import DEFAULT_LENGTH, LENGTH, SEED
from textgen.timeline.generator import TextGenerator


def add_generate(commands: Commands) -> None:
    """Declare `generate`."""
    generate = commands.add_parser("generate", help="continue a text", allow_abbrev=False)
    add_source(generate)
    generate.add_argument("seed_text", nargs="?", default="", help="what the text starts from")
    add_setting(
        generate,
        "length",
        LENGTH,
        default=DEFAULT_LENGTH,
        help=f"{LENGTH.help}, {LENGTH.range} (default: {DEFAULT_LENGTH})",
    )
    add_sampling(generate)
    add_epoch(generate)
    add_setting(generate, "seed", SEED, default=None, help=f"{SEED.help} (default: a new one)")
    generate.set_defaults(run=_generate)


def _generate(arguments: argparse.Namespace) -> None:
    generator = TextGenerator.from_pretrained(
        arguments.source, epoch=arguments.epoch, revision=arguments.revision
    )
    seed_text, dropped = generator.prepare(arguments.seed_text)
    say_dropped(dropped)
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
