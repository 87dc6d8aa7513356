"""`python -m textgen`: write with a timeline, measure texts by it, inspect and publish it."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from textgen.cli.console import accept_any_character, printable
from textgen.errors import CorpusError, TextGenError, TimelineError
from textgen.generation.evaluation import evaluate
from textgen.generation.sampling import DEFAULT_TEMPERATURE, MAX_TEMPERATURE
from textgen.page.deploy import ACCOUNT_HINT, deploy
from textgen.text.corpus import read_corpus, read_text
from textgen.text.novelty import COPIED_RUN
from textgen.text.vocabulary import describe
from textgen.timeline.generator import DEFAULT_LENGTH, MAX_LENGTH, MAX_SCORED, TextGenerator
from textgen.timeline.timeline import Timeline

MAX_TEXT_BYTES = 4 * MAX_SCORED
LONGEST_SHOWN = 200

_Commands = Any  # argparse has no public name for what add_subparsers returns


def build_parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    parser = argparse.ArgumentParser(
        prog="python -m textgen", description=__doc__, allow_abbrev=False
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (
        _add_generate,
        _add_score,
        _add_evaluate,
        _add_novelty,
        _add_inspect,
        _add_push,
        _add_deploy,
    ):
        add(commands)
    return parser


def _add_sampling(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--temperature",
        type=float,
        default=DEFAULT_TEMPERATURE,
        metavar="X",
        help="how adventurous: 0 always the likeliest character, below 1 safer, above 1 wilder, "
        f"up to {MAX_TEMPERATURE:g} (default: %(default)s)",
    )
    parser.add_argument(
        "--top-k", type=int, metavar="N", help="draw among the N likeliest only (default: all)"
    )
    parser.add_argument(
        "--top-p",
        type=float,
        metavar="X",
        help="draw among the likeliest that reach probability X, above 0 to 1 (default: all)",
    )
    parser.add_argument(
        "--min-p",
        type=float,
        metavar="X",
        help="draw among those at least X times as probable as the likeliest, 0 to 1 "
        "(default: all)",
    )
    parser.add_argument(
        "--no-repeat-ngram-size",
        type=int,
        metavar="N",
        help="never write N characters in a row that stand there already, 2 to 100, unless all "
        "would; 20 ends the loops of low temperatures (default: repeat freely)",
    )


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source", metavar="PATH_OR_REPO", help="a timeline's directory, or USER/REPO on the Hub"
    )
    parser.add_argument("--revision", help="branch, tag or commit of a Hub repository")


def _add_text(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="FILE", help="a text, or - for standard input")
    _add_encoding(parser)


def _add_encoding(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--text-encoding", default="utf-8", help="of the text's bytes (default: %(default)s)"
    )


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    accept_any_character()
    arguments = build_parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except TextGenError as error:
        print(f"textgen: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of a pipe had enough
        # What is still buffered would be flushed into the closed pipe at exit, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return 0


def _add_generate(commands: _Commands) -> None:
    generate = commands.add_parser("generate", help="continue a text", allow_abbrev=False)
    _add_source(generate)
    generate.add_argument("seed_text", nargs="?", default="", help="what the text starts from")
    generate.add_argument(
        "--length",
        type=int,
        default=DEFAULT_LENGTH,
        metavar="N",
        help=f"new characters, 1 to {MAX_LENGTH:,} (default: %(default)s)",
    )
    _add_sampling(generate)
    generate.add_argument(
        "--epoch",
        default="best",
        help="which snapshot: one of the epochs that 'inspect' lists, best or last "
        "(default: %(default)s)",
    )
    generate.add_argument(
        "--seed", type=int, metavar="N", help="repeat a text: same seed, same text (default: new)"
    )
    generate.set_defaults(run=_generate)


def _generate(arguments: argparse.Namespace) -> None:
    generator = TextGenerator.from_pretrained(
        arguments.source, epoch=arguments.epoch, revision=arguments.revision
    )
    seed_text, dropped = generator.prepare(arguments.seed_text)
    if dropped:
        print(f"Left out, the model knows none of these: {describe(dropped)}", file=sys.stderr)
    pieces = generator.stream(
        arguments.seed_text,
        length=arguments.length,
        temperature=arguments.temperature,
        top_k=arguments.top_k,
        top_p=arguments.top_p,
        min_p=arguments.min_p,
        no_repeat_ngram_size=arguments.no_repeat_ngram_size,
        seed=arguments.seed,
    )
    print(printable(seed_text), end="", flush=True)
    for piece in pieces:
        print(printable(piece), end="", flush=True)
    print()


def _read_text(arguments: argparse.Namespace) -> str:
    return read_text(arguments.text, encoding=arguments.text_encoding, limit=MAX_TEXT_BYTES)


def _add_score(commands: _Commands) -> None:
    score = commands.add_parser(
        "score", help="measure how well a model predicts a text", allow_abbrev=False
    )
    _add_source(score)
    _add_text(score)
    score.add_argument("--epoch", default="best", help="which snapshot, as in 'generate'")
    score.set_defaults(run=_score)


def _score(arguments: argparse.Namespace) -> None:
    generator = TextGenerator.from_pretrained(
        arguments.source, epoch=arguments.epoch, revision=arguments.revision
    )
    score = generator.score(_read_text(arguments))
    if score.dropped:
        print(
            f"Left out, the model knows none of these: {describe(score.dropped)}", file=sys.stderr
        )
    print(
        f"{score.nats_per_char:.4f} nats, {score.bits_per_char:.4f} bits per character over "
        f"{len(score.nats):,} characters"
    )


def _add_evaluate(commands: _Commands) -> None:
    measure = commands.add_parser(
        "evaluate",
        help="measure a model on a text as others measure theirs",
        description="Score every character of a text once: with the state carried through all of "
        "it, and in windows that are read from the empty state. Of the corpus that the model was "
        "trained on, only the part held out is scored.",
        allow_abbrev=False,
    )
    _add_source(measure)
    measure.add_argument(
        "text", metavar="TEXT", help="what to measure on, named as the corpus of train.py is"
    )
    _add_encoding(measure)
    measure.add_argument("--epoch", default="best", help="which snapshot, as in 'generate'")
    measure.add_argument(
        "--window",
        type=int,
        default=256,
        metavar="N",
        help="characters in a window, 1 or more; 256 is nanoGPT's (default: %(default)s)",
    )
    measure.set_defaults(run=_evaluate)


def _evaluate(arguments: argparse.Namespace) -> None:
    timeline = Timeline.from_pretrained(arguments.source, revision=arguments.revision)
    given = read_corpus(arguments.text, encoding=arguments.text_encoding)
    text, vocabulary, part = given.text, timeline.vocabulary, "characters"
    if given.sha256 == timeline.manifest.corpus.sha256:
        trained_on, held_out = timeline.split(given.text)
        # The first held-out character is given the last one trained on.
        text, part = trained_on[-1] + held_out, "held-out characters"
    kept, dropped = vocabulary.normalize(text)
    if dropped:
        print(f"Left out, the model knows none of these: {describe(dropped)}", file=sys.stderr)
    engine, ids = timeline.generator(arguments.epoch).engine, vocabulary.encode(kept)
    for name, window in (
        ("carried state", None),
        (f"windows of {arguments.window}", arguments.window),
    ):
        result = evaluate(engine, ids, window=window)
        print(
            f"{name}: {result.nats_per_char:.4f} nats, {result.bits_per_char:.4f} bits per "
            f"character over {result.characters:,} {part}"
        )


def _add_novelty(commands: _Commands) -> None:
    novelty = commands.add_parser(
        "novelty",
        help="tell how much of a text is copied from the corpus, and which share of its words is "
        "there",
        allow_abbrev=False,
    )
    _add_source(novelty)
    _add_text(novelty)
    novelty.add_argument(
        "--corpus",
        metavar="TEXT",
        help="what the model was trained on, named as for train.py, to compare exactly (default: "
        "the timeline's index of it)",
    )
    novelty.add_argument(
        "--corpus-encoding", default="utf-8", help="of the corpus's bytes (default: %(default)s)"
    )
    novelty.set_defaults(run=_novelty)


def _novelty(arguments: argparse.Namespace) -> None:
    timeline = Timeline.from_pretrained(arguments.source, revision=arguments.revision)
    if arguments.corpus == arguments.text == "-":
        raise CorpusError("FILE and --corpus cannot both come from standard input.")
    text, corpus = _read_text(arguments), None
    if arguments.corpus is not None:
        corpus = read_corpus(arguments.corpus, encoding=arguments.corpus_encoding)
    elif timeline.manifest.corpus_index is None:
        raise TimelineError(f"{timeline.name} has no index of its corpus; name it by --corpus.")
    novelty = timeline.novelty(text, corpus=corpus)
    real_words = timeline.real_words(text, corpus=corpus)
    print(
        f"{novelty.copied_share:.1%} of {len(novelty.text):,} characters stand in runs of "
        f"{COPIED_RUN} or more that the corpus has too."
    )
    if novelty.longest_run:
        run = novelty.longest_run
        cut = "" if len(run) <= LONGEST_SHOWN else " …"
        print(f"The longest has {len(run):,}: {printable(run[:LONGEST_SHOWN])!r}{cut}")
    if real_words is not None:
        print(f"{real_words:.1%} of its words are words of the corpus.")
    if not novelty.exact:
        print("By the timeline's index, which is almost always right; --corpus compares exactly.")


def _add_inspect(commands: _Commands) -> None:
    inspect = commands.add_parser(
        "inspect", help="check every file and list the snapshots", allow_abbrev=False
    )
    _add_source(inspect)
    inspect.set_defaults(run=_inspect)


def _inspect(arguments: argparse.Namespace) -> None:
    timeline = Timeline.from_pretrained(arguments.source, revision=arguments.revision)
    timeline.verify()
    model, corpus = timeline.config, timeline.manifest.corpus
    print(
        f"{timeline.name!r}: {corpus.characters:,} characters of {corpus.source!r}, "
        f"{model.vocab_size} symbols; {model.parameters:,} weights; every file is whole."
    )
    print(f"{'epoch':>8} {'step':>9} {'training':>9} {'held-out':>9} {'bits/char':>9}")
    for snapshot in timeline.snapshots:
        loss = "" if snapshot.loss is None else f"{snapshot.loss:.4f}"
        best = "  best" if snapshot is timeline.best else ""
        print(
            f"{snapshot.label:>8} {snapshot.step:>9,} {loss:>9} {snapshot.val_loss:>9.4f} "
            f"{snapshot.val_bits_per_char:>9.3f}{best}"
        )


def _add_push(commands: _Commands) -> None:
    push = commands.add_parser("push", help="publish a timeline on the Hub", allow_abbrev=False)
    push.add_argument("source", metavar="DIR", help="the timeline's directory")
    push.add_argument("repo_id", metavar="USER/REPO", help="created where it is missing")
    push.add_argument(
        "--private",
        action="store_true",
        help="create the repository private; refuse one that is public",
    )
    push.add_argument("--revision", metavar="BRANCH", help="branch to commit to (default: main)")
    push.add_argument("--create-pr", action="store_true", help="open a pull request instead")
    push.set_defaults(run=_push)


def _push(arguments: argparse.Namespace) -> None:
    directory = Path(arguments.source).expanduser()
    if not directory.is_dir():
        raise TimelineError(f"{arguments.source} is not a directory.")
    timeline = Timeline.from_directory(directory)
    url = timeline.push_to_hub(
        arguments.repo_id,
        private=arguments.private or None,
        revision=arguments.revision,
        create_pr=arguments.create_pr,
    )
    print(f"Published: {url}")


def _add_deploy(commands: _Commands) -> None:
    to_space = commands.add_parser(
        "deploy",
        help="put the page into a Space on the Hub",
        description=f"Put the page of this clone into a Hugging Face Space. {ACCOUNT_HINT}",
        allow_abbrev=False,
    )
    to_space.add_argument("space_id", metavar="USER/SPACE", help="created where it is missing")
    to_space.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="USER/REPO",
        help="a timeline on the Hub that the page shows, or USER/REPO@REVISION; give it again for "
        "more (default: the timelines in pretrained/, which go along)",
    )
    to_space.add_argument(
        "--private", action="store_true", help="create the Space private; refuse one that is public"
    )
    to_space.add_argument(
        "--hardware",
        metavar="FLAVOR",
        help="what the Space runs on, as the Hub calls it, cpu-basic or zero-a10g for example "
        "(default: what it has; for a new one, the Hub's choice)",
    )
    to_space.add_argument("--title", metavar="TEXT", help="of the Space (default: the README's)")
    to_space.set_defaults(run=_deploy)


def _deploy(arguments: argparse.Namespace) -> None:
    done = deploy(
        arguments.space_id,
        models=arguments.model,
        private=arguments.private,
        hardware=arguments.hardware,
        title=arguments.title,
    )
    print(f"Published: {done.commit}")
    for model in done.hidden:
        print(
            f"{model} is not public: give the Space a token that may read it, as the secret "
            f"HF_TOKEN in {done.address}/settings"
        )
    print(f"In some minutes the page is at {done.address}")
