"""Commands that measure: a text by a model, a model by a text, a timeline's files."""

from __future__ import annotations

import argparse

from textgen.cli.arguments import Commands, add_encoding, add_epoch, add_source, add_text
from textgen.cli.console import printable, say_dropped
from textgen.errors import CorpusError, TimelineError
from textgen.generation.evaluation import evaluate
from textgen.text.corpus import read_corpus, read_text
from textgen.text.novelty import COPIED_RUN
from textgen.timeline.generator import MAX_SCORED, TextGenerator
from textgen.timeline.timeline import Timeline

MAX_TEXT_BYTES = 4 * MAX_SCORED
LONGEST_SHOWN = 200


def add_score(commands: Commands) -> None:
    """Declare `score`."""
    score = commands.add_parser(
        "score", help="measure how well a model predicts a text", allow_abbrev=False
    )
    add_source(score)
    add_text(score)
    add_epoch(score)
    score.set_defaults(run=_score)


def _score(arguments: argparse.Namespace) -> None:
    generator = TextGenerator.from_pretrained(
        arguments.source, epoch=arguments.epoch, revision=arguments.revision
    )
    score = generator.score(_read_text(arguments))
    say_dropped(score.dropped)
    print(
        f"{score.nats_per_char:.4f} nats, {score.bits_per_char:.4f} bits per character over "
        f"{len(score.nats):,} characters"
    )


def add_evaluate(commands: Commands) -> None:
    """Declare `evaluate`."""
    measure = commands.add_parser(
        "evaluate",
        help="measure a model on a text as others measure theirs",
        description="Score every character of a text once: with the state carried through all of "
        "it, and in windows that are read from the empty state. Of the corpus that the model was "
        "trained on, only the part held out is scored.",
        allow_abbrev=False,
    )
    add_source(measure)
    measure.add_argument(
        "text", metavar="TEXT", help="what to measure on, named as the corpus of train.py is"
    )
    add_encoding(measure)
    add_epoch(measure)
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
    say_dropped(dropped)
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


def add_novelty(commands: Commands) -> None:
    """Declare `novelty`."""
    novelty = commands.add_parser(
        "novelty",
        help="tell how much of a text is copied from the corpus, and which share of its words is "
        "there",
        allow_abbrev=False,
    )
    add_source(novelty)
    add_text(novelty)
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


def add_inspect(commands: Commands) -> None:
    """Declare `inspect`."""
    inspect = commands.add_parser(
        "inspect", help="check every file and list the snapshots", allow_abbrev=False
    )
    add_source(inspect)
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


def _read_text(arguments: argparse.Namespace) -> str:
    return read_text(arguments.text, encoding=arguments.text_encoding, limit=MAX_TEXT_BYTES)
