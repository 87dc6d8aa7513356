"""`python -m textgen novelty`, as a person runs it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.letters import CORPUS, TRAIN
from tests.support.paths import ROOT
from tests.support.processes import Outcome, Worker, environment
from tests.support.texts import written
from textgen import Timeline

pytestmark = pytest.mark.slow

# 30 of 101 characters are copied from the corpus.
COPIED = max(TRAIN.split("🙂"), key=len)[:30]


TEXT = "h" * 35 + COPIED + "x" + "h" * 35


FOUND = f"""\
Copied: 29.7% of 101 characters, in runs of 20 or more that also occur in the training text.
Longest copy: 30 characters, {COPIED!r}
Known words: 80.0% of its words also occur in the training text.
"""


BY_INDEX = "Measured with the timeline's index, which is rarely wrong; --corpus is exact.\n"


NOTHING = (
    "Copied: 0.0% of {} characters, in runs of 20 or more that also occur in the training text.\n"
)


def one_line(outcome: Outcome) -> str:
    """Return the error of a command that printed nothing else."""
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith("textgen: ")
    assert outcome.err.count("\n") == 1
    return outcome.err


def test_novelty_finds_copies_with_the_index_or_the_corpus(
    worker: Worker, timeline: Timeline, tmp_path: Path
) -> None:
    text, corpus = written(tmp_path / "text.txt", TEXT), written(tmp_path / "corpus.txt", CORPUS)
    command = ("novelty", timeline.directory, text)
    by_index = worker.textgen(*command).check()
    assert (by_index.out, by_index.err) == (FOUND + BY_INDEX, "")
    by_corpus = worker.textgen(*command, "--corpus", corpus).check()
    assert (by_corpus.out, by_corpus.err) == (FOUND, "")


def test_novelty_finds_short_copies_only_with_the_corpus(
    worker: Worker, timeline: Timeline, tmp_path: Path
) -> None:
    text = written(tmp_path / "text.txt", f"hhh{COPIED[:19]}hhh")
    corpus = written(tmp_path / "corpus.txt", CORPUS)
    nothing = NOTHING.format(25)
    # All words but the first; the last one is cut off.
    words = "Known words: 80.0% of its words also occur in the training text.\n"
    command = ("novelty", timeline.directory, text)
    assert worker.textgen(*command).check().out == nothing + words + BY_INDEX
    assert worker.textgen(*command, "--corpus", corpus).check().out == (
        f"{nothing}Longest copy: 19 characters, {COPIED[:19]!r}\n{words}"
    )


def test_novelty_prints_no_share_of_words_for_a_text_without_words(
    worker: Worker, timeline: Timeline, tmp_path: Path
) -> None:
    text = written(tmp_path / "text.txt", "1984!\n")
    printed = worker.textgen("novelty", timeline.directory, text).check().out
    assert printed == NOTHING.format(6) + BY_INDEX


def test_novelty_reads_standard_input(timeline: Timeline, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "textgen", "novelty", str(timeline.directory), "-"],
        cwd=ROOT,
        env=environment(tmp_path),
        input=TEXT.encode(),
        capture_output=True,
        check=True,
    )
    assert (done.stdout.decode(), done.stderr) == (FOUND + BY_INDEX, b"")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_novelty_reads_a_text_in_another_encoding(
    worker: Worker, timeline: Timeline, tmp_path: Path, encoding: str
) -> None:
    text = written(tmp_path / "text.txt", TEXT, encoding)
    command = ("novelty", timeline.directory, text, "--text-encoding", encoding)
    assert worker.textgen(*command).check().out == FOUND + BY_INDEX


def test_the_encoding_of_the_text_does_not_apply_to_the_corpus(
    worker: Worker, timeline: Timeline, tmp_path: Path
) -> None:
    text = written(tmp_path / "text.txt", TEXT, "latin-1")
    corpus = written(tmp_path / "corpus.txt", CORPUS)
    flags = ("--corpus", corpus, "--text-encoding", "latin-1")
    outcome = worker.textgen("novelty", timeline.directory, text, *flags)
    assert outcome.check().out == FOUND


def test_novelty_refuses_unreadable_texts_and_another_corpus(
    worker: Worker, timeline: Timeline, tmp_path: Path
) -> None:
    text = written(tmp_path / "text.txt", TEXT)
    for flags, message in (
        ([text, "--corpus", text], "not the corpus of letters"),
        ([text, "--corpus", tmp_path / "none.txt"], "There is no file, directory"),
        ([text, "--text-encoding", "x"], "Unknown encoding 'x'"),
        ([tmp_path / "none.txt"], "There is no file"),
        (["-", "--corpus", "-"], "cannot both come from standard input"),
        (["/dev/zero"], "is longer than 4,000,000 bytes; give a part of it"),
    ):
        assert message in one_line(worker.textgen("novelty", timeline.directory, *flags))


def test_novelty_without_an_index_asks_for_the_corpus(
    worker: Worker, timeline: Timeline, tmp_path: Path
) -> None:
    old = shutil.copytree(timeline.directory, tmp_path / "old")
    form = json.loads((old / "timeline.json").read_bytes())
    del form["corpus_index"]
    (old / "timeline.json").write_text(json.dumps(form), encoding="utf-8")
    command = ("novelty", old, written(tmp_path / "text.txt", TEXT))
    assert "letters has no index of its corpus. Name the corpus with --corpus." in one_line(
        worker.textgen(*command)
    )
    corpus = written(tmp_path / "corpus.txt", CORPUS)
    assert worker.textgen(*command, "--corpus", corpus).check().out == FOUND
