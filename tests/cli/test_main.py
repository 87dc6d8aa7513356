"""`python -m textgen`, as a person runs it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.hub_server import HubServer
from tests.support.letters import CORPUS
from tests.support.paths import ROOT
from tests.support.processes import TOKEN, Outcome, Worker, environment, run
from tests.support.texts import written
from textgen import Timeline, evaluate

pytestmark = pytest.mark.slow

SAME = ("a bad ", "--seed", "7", "--length", "200", "--temperature", "1.0")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubServer]:
    with HubServer(tmp_path / "hub", tokens={TOKEN: "tester"}) as hub:
        yield hub


def textgen(env: dict[str, str], *arguments: str | Path) -> Outcome:
    """Run `python -m textgen ARGUMENTS` in a fresh process."""
    return run("-m", "textgen", *map(str, arguments), env=env)


def test_a_pushed_timeline_behaves_like_the_local_one(
    timeline: Timeline, hub: HubServer, tmp_path: Path
) -> None:
    env = environment(tmp_path, hub.endpoint)
    pushed = textgen(env, "push", timeline.directory, "tester/letters", "--private").check()
    commit, _creation = hub.commits("tester/letters")
    url = f"{hub.endpoint}/tester/letters/commit/{commit}"
    assert (pushed.out, pushed.err) == (f"Published: {url}\n", "")
    assert hub.repo("tester/letters").private
    hub.commit("tester/letters", {"timeline.json": b"ruined since"})
    here = textgen(env, "generate", timeline.directory, *SAME).check()
    there = textgen(env, "generate", "tester/letters", *SAME, "--revision", commit).check()
    text = timeline.generator().generate("a bad ", seed=7, length=200, temperature=1.0)
    assert here.out == there.out == f"a bad {text}\n"
    assert here.err == ""
    listed = textgen(env, "inspect", "tester/letters", "--revision", commit).check().out
    assert listed == textgen(env, "inspect", timeline.directory).check().out


def test_downloading_from_the_hub_prints_nothing_but_the_text(
    timeline: Timeline, hub: HubServer, tmp_path: Path
) -> None:
    hub.create("tester/quiet")
    hub.commit("tester/quiet", {name: p.read_bytes() for name, p in timeline.files().items()})
    env = environment(tmp_path, hub.endpoint)
    assert textgen(env, "generate", "tester/quiet", *SAME).check().err == ""


def test_inspect_lists_every_snapshot_and_marks_the_best(
    worker: Worker, timeline: Timeline
) -> None:
    first, heading, *rows = worker.textgen("inspect", timeline.directory).check().out.splitlines()
    assert first == (
        "'letters': trained on 'https://example.org/letters.txt', 1,000 characters; 504 "
        "parameters, vocabulary of 10. All files are intact."
    )
    assert heading.split() == ["epoch", "step", "training", "validation", "bits/char"]
    assert [row.split() for row in rows] == [
        ["0", "0", "2.5000", "3.607"],
        ["0.5", "50", "2.1250", "2.0000", "2.885"],
        ["1", "100", "1.6250", "1.5000", "2.164", "best"],
        ["2", "200", "1.8750", "1.7500", "2.525"],
    ]


@pytest.mark.parametrize("epoch", ["best", "last", "0.5", "0"])
def test_generate_uses_the_requested_epoch(worker: Worker, timeline: Timeline, epoch: str) -> None:
    written = worker.textgen("generate", timeline.directory, *SAME, "--epoch", epoch).check().out
    text = timeline.generator(epoch).generate("a bad ", seed=7, length=200, temperature=1.0)
    assert written == f"a bad {text}\n"


def test_generate_uses_every_setting(worker: Worker, timeline: Timeline) -> None:
    flags = (
        "--top-k",
        "3",
        "--top-p",
        "0.9",
        "--min-p",
        "0.01",
        "--no-repeat-ngram-size",
        "5",
        "--temperature",
        "2",
        "--length",
        "50",
        "--seed",
        "1",
    )
    written = worker.textgen("generate", timeline.directory, "ab", *flags).check().out
    text = timeline.generator().generate(
        "ab",
        top_k=3,
        top_p=0.9,
        min_p=0.01,
        no_repeat_ngram_size=5,
        temperature=2.0,
        length=50,
        seed=1,
    )
    assert written == f"ab{text}\n"


def test_generate_without_a_seed_is_new_each_time(worker: Worker, timeline: Timeline) -> None:
    command = ("generate", timeline.directory, "--temperature", "2")
    assert worker.textgen(*command).check().out != worker.textgen(*command).check().out


def test_removed_characters_are_named(worker: Worker, timeline: Timeline) -> None:
    outcome = worker.textgen("generate", timeline.directory, "aXXbØ", "--seed", "1").check()
    assert outcome.out.startswith("ab")
    assert outcome.err == "Removed characters this model does not know: X (2 times), Ø\n"


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (("--length", "0"), "--length: must be"),
        (("--length", "100001"), "--length: must be"),
        (("--temperature", "-1"), "--temperature: must be"),
        (("--temperature", "nan"), "--temperature: must be"),
        (("--top-k", "-1"), "--top-k: must be"),
        (("--top-p", "1.5"), "--top-p: must be"),
        (("--min-p", "1.5"), "--min-p: must be"),
        (("--no-repeat-ngram-size", "1"), "--no-repeat-ngram-size: must be"),
        (("--seed", "-1"), "--seed: must be"),
    ],
)
def test_a_setting_out_of_range_gets_one_line_that_names_its_flag(
    worker: Worker, timeline: Timeline, flags: tuple[str, str], named: str
) -> None:
    outcome = worker.textgen("generate", timeline.directory, *flags)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith(f"python -m textgen generate: {named} ")
    assert outcome.err.count("\n") == 1
    assert "None" not in outcome.err


@pytest.mark.parametrize("epoch", ["7", "soon"])
def test_an_unknown_epoch_gets_one_line(worker: Worker, timeline: Timeline, epoch: str) -> None:
    outcome = worker.textgen("generate", timeline.directory, "--epoch", epoch)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith("textgen: ")
    assert outcome.err.count("\n") == 1
    assert "epoch" in outcome.err


def test_a_closed_pipe_ends_it_quietly(timeline: Timeline, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "textgen", "generate", str(timeline.directory)]
    with subprocess.Popen(
        [*command, "--length", "100000"],
        cwd=ROOT,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert len(process.stdout.read(10)) == 10
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_ctrl_c_ends_it_without_a_traceback(timeline: Timeline, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "textgen", "generate", str(timeline.directory)]
    with subprocess.Popen(
        [*command, "--length", "100000"],
        cwd=ROOT,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert process.stderr.read() == b"\n"
    assert process.returncode == 130


def test_score_measures_a_file(timeline: Timeline, tmp_path: Path) -> None:
    text = "a bad cab. hé 🙂 " * 5
    (tmp_path / "text.txt").write_text(text + "x", encoding="utf-8")
    out = run(
        *("-m", "textgen", "score", str(timeline.directory), str(tmp_path / "text.txt")),
        env=environment(tmp_path),
    ).check()
    score = timeline.generator().score(text)
    assert out.out == (
        f"{score.nats_per_char:.4f} nats, {score.bits_per_char:.4f} bits per character over "
        f"{len(text) - 1} characters\n"
    )
    assert out.err == "Removed characters this model does not know: x\n"


def test_evaluate_measures_with_the_state_carried_and_in_windows(
    worker: Worker, timeline: Timeline, tmp_path: Path
) -> None:
    text = written(tmp_path / "text.txt", "a bad cab, " * 40)
    printed = worker.textgen("evaluate", timeline.directory, text, "--window", "9").check()
    generator = timeline.generator()
    ids = generator.vocabulary.encode(generator.vocabulary.normalize("a bad cab, " * 40)[0])
    lines = []
    for name, window in (("state carried over", None), ("windows of 9", 9)):
        result = evaluate(generator.engine, ids, window=window)
        lines.append(
            f"{name}: {result.nats_per_char:.4f} nats, {result.bits_per_char:.4f} bits per "
            f"character over {len(ids) - 1:,} characters\n"
        )
    assert printed.out == "".join(lines)
    assert printed.err == "Removed characters this model does not know: ',' (40 times)\n"


def test_evaluate_scores_only_the_validation_part_of_the_models_corpus(
    worker: Worker, timeline: Timeline, tmp_path: Path
) -> None:
    corpus = written(tmp_path / "corpus.txt", CORPUS)
    printed = worker.textgen("evaluate", timeline.directory, corpus).check().out
    assert printed.count(" over 100 validation characters\n") == 2


@pytest.mark.parametrize("window", ["0", "-1"])
def test_evaluate_needs_a_window_of_at_least_one_character(
    worker: Worker, timeline: Timeline, tmp_path: Path, window: str
) -> None:
    text = written(tmp_path / "text.txt", "abba")
    outcome = worker.textgen("evaluate", timeline.directory, text, "--window", window)
    assert (outcome.status, outcome.out) == (2, "")
    assert f"--window: must be a whole number of at least 1, received {window}." in outcome.err


@pytest.mark.parametrize("command", ["score", "evaluate", "novelty"])
def test_an_empty_text_is_one_line(
    worker: Worker, timeline: Timeline, tmp_path: Path, command: str
) -> None:
    text = written(tmp_path / "empty.txt", "")
    outcome = worker.textgen(command, timeline.directory, text)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == f"textgen: {text} is empty. Give a text to score.\n"
