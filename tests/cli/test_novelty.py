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

# 30 characters of 101 are the corpus's.
COPIED = max(TRAIN.split("🙂"), key=len)[:30]


TEXT = "h" * 35 + COPIED + "x" + "h" * 35


FOUND = f"""\
29.7% of 101 characters stand in runs of 20 or more that the corpus has too.
The longest has 30: {COPIED!r}
80.0% of its words are words of the corpus.
"""


BY_INDEX = "By the timeline's index, which is almost always right; --corpus compares exactly.\n"


def one_line(outcome: Outcome) -> str:
    """Return the error of a command that printed nothing else."""
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith("textgen: ")
    assert outcome.err.count("\n") == 1
    return outcome.err


def test_novelty_tells_what_is_copied_by_the_index_or_the_corpus(
    worker: Worker, timeline: Timeline, tmp_path: Path
) -> None:
    text, corpus = written(tmp_path / "text.txt", TEXT), written(tmp_path / "corpus.txt", CORPUS)
    command = ("novelty", timeline.directory, text)
    by_index = worker.textgen(*command).check()
    assert (by_index.out, by_index.err) == (FOUND + BY_INDEX, "")
    by_corpus = worker.textgen(*command, "--corpus", corpus).check()
    assert (by_corpus.out, by_corpus.err) == (FOUND, "")


def test_novelty_names_a_run_that_is_short_by_the_corpus_only(
    worker: Worker, timeline: Timeline, tmp_path: Path
) -> None:
    text = written(tmp_path / "text.txt", f"hhh{COPIED[:19]}hhh")
    corpus = written(tmp_path / "corpus.txt", CORPUS)
    nothing = "0.0% of 25 characters stand in runs of 20 or more that the corpus has too.\n"
    words = "80.0% of its words are words of the corpus.\n"  # all but the first; the last is cut
    command = ("novelty", timeline.directory, text)
    assert worker.textgen(*command).check().out == nothing + words + BY_INDEX
    assert worker.textgen(*command, "--corpus", corpus).check().out == (
        f"{nothing}The longest has 19: {COPIED[:19]!r}\n{words}"
    )


def test_novelty_of_a_text_without_words_tells_no_share(
    worker: Worker, timeline: Timeline, tmp_path: Path
) -> None:
    text = written(tmp_path / "text.txt", "1984!\n")
    nothing = "0.0% of 6 characters stand in runs of 20 or more that the corpus has too.\n"
    assert worker.textgen("novelty", timeline.directory, text).check().out == nothing + BY_INDEX


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


def test_novelty_reads_the_corpus_as_it_was_trained_on(
    worker: Worker, timeline: Timeline, tmp_path: Path
) -> None:
    text = written(tmp_path / "text.txt", TEXT, "latin-1")
    corpus = written(tmp_path / "corpus.txt", CORPUS)
    flags = ("--corpus", corpus, "--text-encoding", "latin-1")
    outcome = worker.textgen("novelty", timeline.directory, text, *flags)
    assert outcome.check().out == FOUND


def test_novelty_refuses_what_it_cannot_read_or_is_not_the_corpus(
    worker: Worker, timeline: Timeline, tmp_path: Path
) -> None:
    text = written(tmp_path / "text.txt", TEXT)
    for flags, message in (
        ([text, "--corpus", text], "not the corpus of letters"),
        ([text, "--corpus", tmp_path / "none.txt"], "No corpus"),
        ([text, "--text-encoding", "x"], "Unknown encoding 'x'"),
        ([tmp_path / "none.txt"], "No such file"),
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
    assert "letters has no index of its corpus; name it by --corpus" in one_line(
        worker.textgen(*command)
    )
    corpus = written(tmp_path / "corpus.txt", CORPUS)
    assert worker.textgen(*command, "--corpus", corpus).check().out == FOUND
