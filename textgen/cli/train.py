"""The command that trains a model and publishes it as a timeline."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from textgen.cli import train_arguments, train_publishing
from textgen.cli.arguments import Commands
from textgen.cli.console import INTERRUPTED, run_command
from textgen.cli.parser import Parser
from textgen.cli.train_checks import check_keras, check_length, start_keras
from textgen.cli.train_progress import Reporter, download_bar, what_is_kept
from textgen.manifest.records import Snapshot
from textgen.text.corpus import Corpus, read_corpus, slug
from textgen.timeline.timeline import Timeline
from textgen.training.advice import advice
from textgen.training.output import check_output_free, has_timeline
from textgen.training.publisher import Publisher
from textgen.training.recipes import Recipe
from textgen.training.resume import is_done
from textgen.training.setup import RunOptions
from textgen.training.tracking import Tracking

_FORM: Any = {
    "usage": "%(prog)s --corpus TEXT [options]",
    "description": train_arguments.DESCRIPTION,
    "epilog": train_arguments.EPILOG,
    "formatter_class": argparse.RawDescriptionHelpFormatter,
}


def add_train(commands: Commands) -> None:
    """Declare `train`."""
    parser = commands.add_parser("train", help="train a model on a text", **_FORM)
    train_arguments.add_arguments(parser)
    parser.set_defaults(run=run)


def build_parser() -> Parser:
    """Return the parser of `train.py`."""
    parser = Parser(prog="train.py", **_FORM)
    parser.add_version()
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
        TextGenError: the command cannot be carried out.
    """
    try:
        # NumPy only measures and writes samples here. With threads of its own it would compete with
        # the training, and on a busy machine its threads wait 80 times longer than they work.
        with threadpool_limits(limits=1, user_api="blas"):
            return _run(arguments)
    except KeyboardInterrupt:
        print("\nInterrupted before training began.", file=sys.stderr)
        return INTERRUPTED


def _run(arguments: argparse.Namespace) -> int:
    # Whatever can be checked is checked before anything slow: downloads, Keras, the training.
    check_keras()
    recipe, init_from = train_arguments.recipe_of(arguments), _origin(arguments)
    train_publishing.check_hub(arguments)
    corpus = read_corpus(
        arguments.corpus, encoding=arguments.text_encoding, progress=download_bar()
    )
    output = arguments.output or Path("timelines") / slug(arguments.name or corpus.name)
    _check_output(output, resume=arguments.resume)
    tracking = Tracking(arguments.track, output, resume=arguments.resume)
    reporter = Reporter(output, recipe, samples=arguments.samples, quiet=arguments.quiet)
    reporter.say(f"Read {corpus.source}: {corpus.characters:,} characters.")
    options = _options(arguments, init_from)
    done = arguments.resume and is_done(output, corpus, recipe, options)
    if done and not arguments.push_to_hub:
        print(f"Nothing to do: {output} is already finished.")
        return 0
    check_length(corpus, recipe.training)
    if train_arguments.needs_advice(arguments):
        reporter.say(advice(corpus.characters))
    publisher = _publisher(arguments, output)
    try:
        timeline = _train(arguments, corpus, recipe, reporter, options, tracking, publisher)
    except KeyboardInterrupt:
        again = _resumed(arguments.invocation, arguments.corpus)
        print(f"\nInterrupted. {what_is_kept(output)}\nContinue with:  {again}", file=sys.stderr)
        train_publishing.publish_kept(publisher, arguments, output)
        return INTERRUPTED
    except BaseException:
        train_publishing.publish_kept(publisher, arguments, output)
        raise
    reporter.finish(timeline)
    if arguments.push_to_hub:
        publisher = publisher or train_publishing.new_publisher(arguments, output)
        return train_publishing.publish(publisher, arguments, output)
    print(f"Watch it learn:  {arguments.app} --model {shlex.quote(str(output))}")
    return 0


def _check_output(output: Path, *, resume: bool) -> None:
    if resume and has_timeline(output):
        return
    check_output_free(output)
    if resume:
        print(f"Nothing to resume in {output}; starting from the beginning.", file=sys.stderr)


def _origin(arguments: argparse.Namespace) -> Timeline | None:
    """Return the timeline to fine-tune, None to start from random weights."""
    if arguments.init_from is None:
        return None
    train_arguments.check_free_of_model(arguments)
    timeline = Timeline.from_pretrained(arguments.init_from)
    if not arguments.quiet:
        print(f"Fine-tuning {timeline.name}, from its snapshot at epoch {timeline.best.label}.")
    return timeline


def _publisher(arguments: argparse.Namespace, output: Path) -> Publisher | None:
    """Return what publishes each snapshot, if that was asked for."""
    if not arguments.push_every_snapshot:
        return None
    train_publishing.open_repository(arguments)
    return train_publishing.new_publisher(arguments, output)


def _options(arguments: argparse.Namespace, init_from: Timeline | None) -> RunOptions:
    return RunOptions(
        name=arguments.name,
        seed_text=arguments.seed_text,
        prompts=arguments.prompts,
        corpus_index=arguments.corpus_index,
        weights_dtype=arguments.weights_dtype,
        init_from=init_from,
        devices=arguments.devices,
        publication=train_arguments.publication_of(arguments),
    )


def _train(
    arguments: argparse.Namespace,
    corpus: Corpus,
    recipe: Recipe,
    reporter: Reporter,
    options: RunOptions,
    tracking: Tracking,
    publisher: Publisher | None,
) -> Timeline:
    device = start_keras(options.devices)
    from textgen.training.run import train

    reporter.start(device)
    with tracking:

        def follow(snapshot: Snapshot) -> None:
            reporter.snapshot(snapshot)
            tracking.log(snapshot)
            if publisher is not None:
                publisher.notify()

        return train(
            corpus,
            recipe,
            output=reporter.output,
            **vars(options),
            resume=arguments.resume,
            verbose=not arguments.quiet,
            on_snapshot=follow,
        )


def _resumed(command: str, corpus: str) -> str:
    """Return the command that continues a run."""
    again = command if "--resume" in command.split() else f"{command} --resume"
    return f"{again}  (send the same text to it again)" if corpus == "-" else again
