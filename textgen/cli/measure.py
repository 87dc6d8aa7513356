"""Commands that measure a text with a model, a model on a text, or check a timeline's files."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from textgen.checks import Setting
from textgen.cli.arguments import Commands, add_encoding, add_epoch, add_source, add_text
from textgen.cli.console import printable, report_removed
from textgen.cli.parser import checked
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
        "score",
        help="measure how well a model predicts a text",
        description="Print how well a model predicts a text: the mean of -log p(character), in "
        "nats and in bits. Lower is better.",
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
    report_removed(score.dropped)
    print(
        f"{score.nats_per_char:.4f} nats, {score.bits_per_char:.4f} bits per character over "
        f"{len(score.nats):,} characters"
    )


def add_evaluate(commands: Commands) -> None:
    """Declare `evaluate`."""
    measure = commands.add_parser(
        "evaluate",
        help="measure a model on a text, by the protocols that other projects use",
        description="Print how well a model predicts a text, measured in two ways: in one pass "
        "from beginning to end, with the state carried over, and in windows that each start "
        "without context. If the text is the model's own training text, only its validation part "
        "is scored.",
    )
    add_source(measure)
    measure.add_argument("text", metavar="TEXT", help="the text, given as for train.py --corpus")
    add_encoding(measure)
    add_epoch(measure)
    measure.add_argument(
        "--window",
        type=checked(Setting(kind=int, at_least=1)),
        default=256,
        metavar="N",
        help="characters per window, 1 or more; nanoGPT uses 256 (default: %(default)s)",
    )
    measure.set_defaults(run=_evaluate)


def _evaluate(arguments: argparse.Namespace) -> None:
    with contextlib.suppress(OSError):  # read_corpus reports what cannot be read
        if (path := Path(arguments.text)).is_file() and path.stat().st_size == 0:
            raise _empty(arguments.text)
    timeline = Timeline.from_pretrained(arguments.source, revision=arguments.revision)
    given = read_corpus(arguments.text, encoding=arguments.text_encoding)
    text, vocabulary, part = given.text, timeline.vocabulary, "characters"
    if given.sha256 == timeline.manifest.corpus.sha256:
        training_text, validation_text = timeline.split(given.text)
        # The last training character comes first, so that every validation character is predicted.
        text, part = training_text[-1] + validation_text, "validation characters"
    kept, dropped = vocabulary.normalize(text)
    report_removed(dropped)
    engine, ids = timeline.generator(arguments.epoch).engine, vocabulary.encode(kept)
    for name, window in (
        ("state carried over", None),
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
        help="measure how much of a text is copied from the training text",
        description=f"Print how much of a text is copied (in runs of {COPIED_RUN} or more "
        "characters that also occur in the training text) and how many of its words occur there.",
    )
    add_source(novelty)
    add_text(novelty)
    novelty.add_argument(
        "--corpus",
        metavar="TEXT",
        help="the training text, given as for train.py --corpus; makes the result exact (default: "
        "the timeline's index of the training text)",
    )
    novelty.add_argument(
        "--corpus-encoding",
        default="utf-8",
        metavar="NAME",
        help="the corpus's encoding (default: %(default)s)",
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
        raise TimelineError(
            f"{timeline.name} has no index of its corpus. Name the corpus with --corpus."
        )
    novelty = timeline.novelty(text, corpus=corpus)
    known_words = timeline.known_words(text, corpus=corpus)
    print(
        f"Copied: {novelty.copied_share:.1%} of {len(novelty.text):,} characters, in runs of "
        f"{COPIED_RUN} or more that also occur in the training text."
    )
    if novelty.longest_run:
        run = novelty.longest_run
        cut = "" if len(run) <= LONGEST_SHOWN else " …"
        print(f"Longest copy: {len(run):,} characters, {printable(run[:LONGEST_SHOWN])!r}{cut}")
    if known_words is not None:
        print(f"Known words: {known_words:.1%} of its words also occur in the training text.")
    if not novelty.exact:
        print("Measured with the timeline's index, which is rarely wrong; --corpus is exact.")


def add_inspect(commands: Commands) -> None:
    """Declare `inspect`."""
    inspect = commands.add_parser(
        "inspect",
        help="check a timeline's files and list its snapshots",
        description="Check every file of a timeline against its manifest, and list its snapshots "
        "with their losses in nats per character.",
    )
    add_source(inspect)
    inspect.set_defaults(run=_inspect)


def _inspect(arguments: argparse.Namespace) -> None:
    timeline = Timeline.from_pretrained(arguments.source, revision=arguments.revision)
    timeline.verify()
    model, corpus = timeline.config, timeline.manifest.corpus
    print(
        f"{timeline.name!r}: trained on {corpus.source!r}, {corpus.characters:,} characters; "
        f"{model.parameters:,} parameters, vocabulary of {model.vocab_size}. All files are intact."
    )
    print(f"{'epoch':>8} {'step':>9} {'training':>9} {'validation':>10} {'bits/char':>9}")
    for snapshot in timeline.snapshots:
        loss = "" if snapshot.loss is None else f"{snapshot.loss:.4f}"
        best = "  best" if snapshot is timeline.best else ""
        print(
            f"{snapshot.label:>8} {snapshot.step:>9,} {loss:>9} {snapshot.val_loss:>10.4f} "
            f"{snapshot.val_bits_per_char:>9.3f}{best}"
        )


def _read_text(arguments: argparse.Namespace) -> str:
    text = read_text(arguments.text, encoding=arguments.text_encoding, limit=MAX_TEXT_BYTES)
    if not text:
        raise _empty("Standard input" if arguments.text == "-" else arguments.text)
    return text


def _empty(name: str) -> CorpusError:
    return CorpusError(f"{name} is empty. Give a text to score.")
