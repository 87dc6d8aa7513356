"""What `train.py` prints while it trains."""

import re
from pathlib import Path

import pytest

from tests.support.measured import ngrams_of
from tests.support.processes import environment, run
from tests.support.timelines import manifest_of
from tests.support.trainings import book
from textgen import Timeline
from textgen.cli.train import build_parser, main
from textgen.cli.train_arguments import needs_advice
from textgen.cli.train_progress import PROMPT_SHOWN, SAMPLE_SHOWN, clock, compared, one_line
from textgen.manifest.records import Snapshot
from textgen.text.corpus import BUILTIN_CORPORA
from textgen.training.advice import advice

pytestmark = pytest.mark.slow

# 250 training steps, enough that no note is printed, and four snapshots.
ARGUMENTS = ["--recipe", "tiny", "--epochs", "2", "--early-snapshots", "1", "--batch-size", "2"]
SNAPSHOTS = 4
CHARACTERS = 14_000


def train(output: Path, *flags: str, characters: int = CHARACTERS) -> Timeline:
    """Train quickly and return the timeline."""
    text = book(output.parent, characters)
    assert main(["--corpus", str(text), *ARGUMENTS, "--output", str(output), *flags]) == 0
    return Timeline.from_directory(output)


def result(timeline: Timeline) -> list[str]:
    """Return the two lines that are printed at the end."""
    output, best = timeline.directory, timeline.best
    return [
        f"Saved {SNAPSHOTS} snapshots in {output} after {clock(timeline.snapshots[-1].seconds)} of "
        f"training. The best is epoch {best.label}, with a validation loss of {best.val_loss:.4f} "
        f"nats per character ({best.val_bits_per_char:.3f} bits).{compared(timeline.manifest)}",
        f"Watch it learn:  python app.py --model {output}",
    ]


def assert_figures(line: str, snapshot: Snapshot, *, is_last: bool) -> None:
    """Check that a line has the epoch, the losses, the time spent and the time left."""
    loss = [] if snapshot.loss is None else [f"{snapshot.loss:.4f}"]
    validation = [f"{snapshot.val_loss:.4f}", f"{snapshot.val_bits_per_char:.3f}"]
    figures = [snapshot.label, *loss, *validation, clock(snapshot.seconds)]
    assert line.split()[: len(figures)] == figures
    times = line.split()[len(figures) :]
    has_time_left = snapshot.epoch >= 0.1 and not is_last
    assert len(times) == has_time_left
    assert all(re.fullmatch(r"\d+:\d\d", time) for time in times)


def test_each_snapshot_is_one_line_of_figures_and_one_sample(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    timeline = train(tmp_path / "out")
    printed = capsys.readouterr()
    assert printed.err == ""
    read, start, empty, headings, *lines = printed.out.splitlines()
    assert read == f"Read reference.txt: {CHARACTERS:,} characters."
    assert start.startswith("Training with the recipe tiny for 2 epochs on ")
    assert start.endswith(". Ctrl-C stops it; finished snapshots are kept.")
    assert empty == ""
    assert headings.split() == ["epoch", "training", "validation", "bits/char", "time", "left"]
    assert len(timeline.snapshots) == SNAPSHOTS
    prompt = one_line(timeline.manifest.sample_settings.seed_text)
    for snapshot in timeline.snapshots:
        figures, sample, *lines = lines
        assert_figures(figures, snapshot, is_last=snapshot is timeline.snapshots[-1])
        shown, _, text = sample.partition(" → ")
        assert text == one_line(snapshot.samples["0.5"])[:SAMPLE_SHOWN]
        assert prompt.endswith(shown.strip().removeprefix("…"))
        assert 0 < len(shown.strip()) <= PROMPT_SHOWN + 1
    assert lines == ["", *result(timeline)]


def test_samples_prints_all_temperatures_in_full(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    timeline = train(tmp_path / "out", "--samples")
    lines = [line for line in capsys.readouterr().out.splitlines()[4:] if line]
    prompt = timeline.manifest.sample_settings.seed_text
    for snapshot in timeline.snapshots:
        figures, *lines = lines
        assert_figures(figures, snapshot, is_last=snapshot is timeline.snapshots[-1])
        for temperature in ("0.2", "0.5", "1", "1.2"):
            text = one_line(prompt + snapshot.samples[temperature])
            line, *lines = lines
            assert line == f"  temperature {temperature}: {text}"
    assert lines == result(timeline)


def test_settings_that_training_refuses_get_no_headings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = book(tmp_path, CHARACTERS)
    arguments = ["--corpus", str(text), *ARGUMENTS, "--output", str(tmp_path / "out")]
    assert main([*arguments, "--seed-text", "ЖЖ"]) == 1
    assert capsys.readouterr().out == f"Read reference.txt: {CHARACTERS:,} characters.\n"


def test_quiet_prints_only_the_result(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    timeline = train(tmp_path / "out", "--quiet", "--init-from", str(trained[1]))
    printed = capsys.readouterr()
    assert (printed.out.splitlines(), printed.err) == (result(timeline), "")


def said_before_training(flags: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines printed before training, which refuses this prompt."""
    assert main([*flags, "--seed-text", "ЖЖ"]) == 1
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("characters", [CHARACTERS, 60_000])
def test_without_a_recipe_a_text_gets_advice_by_its_length(
    characters: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = book(tmp_path, characters)
    command = ["--corpus", str(text), "--output", str(tmp_path / "out")]
    read = f"Read reference.txt: {characters:,} characters."
    assert said_before_training(command, capsys) == [read, advice(characters)]
    assert said_before_training([*command, "--recipe", "default"], capsys) == [read]
    assert said_before_training([*command, "--quiet"], capsys) == []


def test_a_text_for_fine_tuning_gets_no_advice(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--corpus", str(trained[0]), "--init-from", str(trained[1])]
    lines = said_before_training([*flags, "--output", str(tmp_path / "out")], capsys)
    assert [line.split()[0] for line in lines] == ["Fine-tuning", "Read"]


@pytest.mark.parametrize("corpus", BUILTIN_CORPORA)
def test_a_built_in_text_needs_no_advice(corpus: str) -> None:
    assert not needs_advice(build_parser().parse_args(["--corpus", corpus]))
    assert needs_advice(build_parser().parse_args(["--corpus", f"{corpus}.txt"]))


def test_a_short_text_gets_one_note(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train(tmp_path / "out", "--epochs", "1", characters=2_000)
    assert capsys.readouterr().err == (
        "This text is short: training will take only 17 steps, so the model will learn little. "
        "Give it more text, or try --epochs 12.\n"
    )


def test_resume_with_nothing_to_resume_trains_from_the_beginning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out"
    timeline = train(output, "--resume")
    assert timeline.manifest.finished
    assert capsys.readouterr().err == (
        f"Nothing to resume in {output}; starting from the beginning.\n"
    )


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_the_backend_prints_nothing(backend: str, tmp_path: Path) -> None:
    env = environment(tmp_path, KERAS_BACKEND=backend)
    del env["TF_CPP_MIN_LOG_LEVEL"]  # most users do not set it
    arguments = ["--corpus", str(book(tmp_path, CHARACTERS)), *ARGUMENTS, "--quiet"]
    outcome = run("train.py", *arguments, "--output", str(tmp_path / "out"), env=env).check()
    timeline = Timeline.from_directory(tmp_path / "out")
    assert (outcome.out.splitlines(), outcome.err) == (result(timeline), "")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0:00"), (59.4, "0:59"), (59.6, "1:00"), (750, "12:30"), (3600, "1:00:00")],
)
def test_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


@pytest.mark.parametrize(
    ("bits", "said"),
    [
        ((6.0, 5.0, 4.0), " It predicts better than the best counting model, the 3-gram (2.7726, "),
        (
            (4.0, 2.5, 1.9, 1.8, 1.85),
            " It does not yet predict better than the best counting model, the 4-gram (1.2477, "
            "counted in 0.1 s), but better than the 2-gram (1.7329).",
        ),
        (
            (1.5, 1.2),
            " It does not yet predict better than the best counting model, the 2-gram (0.8318, "
            "counted in 0.1 s), or any other.",
        ),
        ((), ""),
    ],
)
def test_it_says_which_counting_models_the_network_beats(bits: list[float], said: str) -> None:
    found = compared(manifest_of(ngrams=ngrams_of(bits)))  # the network needs 2.16 bits
    assert found.startswith(said)
    assert bool(found) is bool(bits)
