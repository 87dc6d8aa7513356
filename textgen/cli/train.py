"""The command line that trains a model and publishes it as a timeline."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from textgen.cli import train_arguments, train_publishing
from textgen.cli.arguments import Commands
from textgen.cli.console import INTERRUPTED, run_command
from textgen.cli.train_progress import (
    announcer,
    download_bar,
    greetings_held_back,
    what_is_kept,
)
from textgen.errors import TrainingError
from textgen.manifest.schema import Snapshot
from textgen.text.corpus import Corpus, read_corpus, slug
from textgen.timeline.timeline import Timeline
from textgen.training.output import check_output_free
from textgen.training.publisher import Publisher
from textgen.training.recipes import Recipe
from textgen.training.tracking import Tracking

_FORM: Any = {
    "description": train_arguments.DESCRIPTION,
    "epilog": train_arguments.EPILOG,
    "formatter_class": argparse.RawDescriptionHelpFormatter,
    "allow_abbrev": False,
}


def add_train(commands: Commands) -> None:
    """Declare `train`."""
    parser = commands.add_parser("train", help="train a model on a text", **_FORM)
    train_arguments.add_arguments(parser)
    parser.set_defaults(run=run)


def build_parser(prog: str = "train.py") -> argparse.ArgumentParser:
    """Return the parser of a command line that only trains."""
    parser = argparse.ArgumentParser(prog=prog, **_FORM)
    train_arguments.add_arguments(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line of `train.py` and return its exit status."""
    given = sys.argv[1:] if argv is None else argv
    arguments = build_parser().parse_args(given)
    arguments.invocation = shlex.join(["python", "train.py", *given])
    arguments.app = "python app.py"
    return run_command("train.py", lambda: run(arguments))


def run(arguments: argparse.Namespace) -> int:
    """Train, publish and return the exit status.

    Raises:
        TextGenError: what is asked for cannot be done.
    """
    try:
        # NumPy only measures and writes samples here: threads of its own would fight the
        # training's, and on a busy machine wait for one another eighty times longer than they work.
        with threadpool_limits(limits=1, user_api="blas"):
            return _run(arguments)
    except KeyboardInterrupt:
        print("\nInterrupted before training began.", file=sys.stderr)
        return INTERRUPTED


def _run(arguments: argparse.Namespace) -> int:
    recipe, init_from = train_arguments.recipe_of(arguments), _origin(arguments)
    train_publishing.check_hub(arguments)
    corpus = read_corpus(
        arguments.corpus, encoding=arguments.text_encoding, progress=download_bar()
    )
    output = arguments.output or Path("timelines") / slug(arguments.name or corpus.name)
    if not arguments.resume:
        check_output_free(output)
    tracking = Tracking(arguments.track, output, resume=arguments.resume)
    print(f"Read {corpus.source}: {corpus.characters:,} characters. Recipe {recipe.name}.")
    publisher = None
    if arguments.push_every_snapshot:
        train_publishing.open_repository(arguments)
        publisher = train_publishing.new_publisher(arguments, output)
    try:
        timeline = _train(arguments, corpus, recipe, output, init_from, tracking, publisher)
    except KeyboardInterrupt:
        again = _resumed(arguments.invocation)
        print(f"\nInterrupted. {what_is_kept(output)}\nGo on with:  {again}", file=sys.stderr)
        train_publishing.publish_kept(publisher, arguments, output)
        return INTERRUPTED
    except BaseException:
        train_publishing.publish_kept(publisher, arguments, output)
        raise
    best = timeline.best
    print(
        f"\n{output}: {len(timeline.snapshots)} snapshots, best {best.val_loss:.4f} nats "
        f"({best.val_bits_per_char:.3f} bits) per held-out character at epoch {best.label}."
    )
    if arguments.push_to_hub:
        publisher = publisher or train_publishing.new_publisher(arguments, output)
        return train_publishing.publish(publisher, arguments, output)
    print(f"Watch it learn:  {arguments.app} --model {shlex.quote(str(output))}")
    return 0


def _origin(arguments: argparse.Namespace) -> Timeline | None:
    """Return the timeline to go on from, None for a model of its own."""
    if arguments.init_from is None:
        return None
    train_arguments.check_free_of_model(arguments)
    timeline = Timeline.from_pretrained(arguments.init_from)
    print(f"Going on from {timeline.name}, epoch {timeline.best.label}.")
    return timeline


def _train(
    arguments: argparse.Namespace,
    corpus: Corpus,
    recipe: Recipe,
    output: Path,
    init_from: Timeline | None,
    tracking: Tracking,
    publisher: Publisher | None,
) -> Timeline:
    device = _start_keras(arguments.devices)
    from textgen.training.run import train

    announce = announcer(recipe.training.epochs)
    with tracking:

        def follow(snapshot: Snapshot) -> None:
            announce(snapshot)
            tracking.log(snapshot)
            if publisher is not None:
                publisher.notify()

        print(f"Training on {device}; Ctrl-C stops, and nothing is lost.", flush=True)
        return train(
            corpus,
            recipe,
            output=output,
            name=arguments.name,
            seed_text=arguments.seed_text,
            corpus_index=arguments.corpus_index,
            init_from=init_from,
            devices=arguments.devices,
            resume=arguments.resume,
            on_snapshot=follow,
        )


def _start_keras(devices: int) -> str:
    """Import Keras and its backend, which takes seconds; return the name of what trains."""
    print("Starting Keras …", flush=True)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's warnings are about itself
    try:
        with greetings_held_back():
            from textgen.training.hardware import device_name

            return device_name(devices)
    except ModuleNotFoundError as error:
        raise TrainingError(
            f"Keras' backend cannot be loaded: {error}. Install it, or set KERAS_BACKEND to "
            "tensorflow, jax or torch, whichever is installed."
        ) from error


def _resumed(command: str) -> str:
    return command if "--resume" in command.split() else f"{command} --resume"
