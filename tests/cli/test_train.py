"""From a text to a timeline through `train.py`, as a person runs it."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.support.trainings import QUICK, SNAPSHOTS, book
from textgen import Timeline, read_corpus
from textgen.cli import train
from textgen.cli.train import main
from textgen.errors import TimelineError
from textgen.manifest.schema import Manifest
from textgen.text.corpus_index import CorpusIndex
from textgen.text.words import words_of

pytestmark = pytest.mark.slow


def test_a_text_becomes_a_timeline_that_verifies_and_has_learned(
    trained: tuple[Path, Path],
) -> None:
    timeline = Timeline.from_pretrained(trained[1])
    timeline.verify()
    assert timeline.snapshots[0].step == 0
    assert len(timeline.snapshots) == SNAPSHOTS
    assert [snapshot.epoch for snapshot in timeline.snapshots][-2:] == [1.0, 2.0]
    assert timeline.snapshots[-1].val_loss < timeline.snapshots[0].val_loss - 0.8
    assert timeline.snapshots[0].loss is None
    assert all(
        list(snapshot.samples) == ["0.2", "0.5", "1", "1.2"] for snapshot in timeline.snapshots
    )
    assert all(len(text) == 400 for s in timeline.snapshots for text in s.samples.values())
    assert not trained[1].with_name("timeline.checkpoint").exists()


def test_snapshots_hold_weights_and_no_optimizer(trained: tuple[Path, Path]) -> None:
    timeline = Timeline.from_pretrained(trained[1])
    arrays = 2 * timeline.config.parameters  # float16
    assert all(arrays < snapshot.size < arrays + 40_000 for snapshot in timeline.snapshots)


def test_the_index_contains_the_training_text_only(trained: tuple[Path, Path]) -> None:
    timeline = Timeline.from_pretrained(trained[1])
    facts, corpus = timeline.manifest.corpus_index, timeline.manifest.corpus
    text = timeline.manifest.preparation.apply(read_corpus(trained[0]).text)
    training, validation = text[: corpus.train_characters], text[corpus.train_characters :]
    index = (trained[1] / "corpus-index.bin").read_bytes()
    assert index == CorpusIndex.of(training).to_bytes()
    assert facts is not None
    assert facts.sha256 == hashlib.sha256(index).hexdigest()
    assert timeline.novelty(training).copied_share == 1
    assert timeline.novelty(validation).copied_share < 0.5
    assert timeline.known_words(training) == 1
    assert facts.words == len(set(words_of(training)))


def test_no_corpus_index_writes_no_index(tmp_path: Path) -> None:
    text, output = book(tmp_path, 8_000), tmp_path / "out"
    arguments = ["--corpus", str(text), *QUICK, "--epochs", "1", "--output", str(output)]
    assert main([*arguments, "--no-corpus-index"]) == 0
    timeline = Timeline.from_pretrained(output)
    timeline.verify()
    assert timeline.manifest.corpus_index is None
    assert not (output / "corpus-index.bin").exists()
    with pytest.raises(TimelineError, match="no index of its corpus"):
        timeline.novelty("text")
    assert timeline.known_words("text and text") is None


def test_a_run_that_was_killed_at_its_very_end_is_completed(
    trained: tuple[Path, Path], tmp_path: Path
) -> None:
    text, output = trained[0], shutil.copytree(trained[1], tmp_path / "out")
    card = (output / "README.md").read_bytes()
    (output / "README.md").unlink()
    (tmp_path / "out.checkpoint").mkdir()  # deleting it is the last step
    assert main(["--corpus", str(text), *QUICK, "--output", str(output), "--resume"]) == 0
    assert (output / "README.md").read_bytes() == card
    assert not (tmp_path / "out.checkpoint").exists()


def test_resuming_a_finished_run_removes_an_index_that_is_not_asked_for(
    trained: tuple[Path, Path], tmp_path: Path
) -> None:
    text, output = trained[0], shutil.copytree(trained[1], tmp_path / "out")
    arguments = ["--corpus", str(text), *QUICK, "--output", str(output), "--resume"]
    assert main([*arguments, "--no-corpus-index"]) == 0
    assert Manifest.read(output).corpus_index is None
    assert not (output / "corpus-index.bin").exists()


def test_the_samples_of_a_snapshot_can_be_reproduced(trained: tuple[Path, Path]) -> None:
    timeline = Timeline.from_pretrained(trained[1])
    settings = timeline.manifest.sample_settings
    for snapshot in timeline.snapshots[:: SNAPSHOTS - 1]:
        text = timeline.generator(step=snapshot.step).generate(
            settings.seed_text, length=settings.length, temperature=1.0, seed=settings.seed
        )
        assert text == snapshot.samples["1"]


def test_the_timeline_is_readable_without_this_package(trained: tuple[Path, Path]) -> None:
    output = trained[1]
    manifest = json.loads((output / "timeline.json").read_bytes())
    assert manifest["best_step"] == Timeline.from_pretrained(output).best.step
    transcript = (output / "transcript.md").read_text(encoding="utf-8")
    assert transcript.count("\n## Epoch ") == SNAPSHOTS
    assert transcript.count("Temperature 0.2:") == SNAPSHOTS
    assert (output / "assets/learning-curve.png").read_bytes().startswith(b"\x89PNG")
    assert (output / "README.md").read_text(encoding="utf-8").startswith("---\n")


def test_interrupted_training_on_standard_input_asks_for_the_same_text() -> None:
    command = "python train.py --corpus - --epochs 5"
    assert train._resumed(command, "-") == (f"{command} --resume  (send the same text to it again)")
    assert (
        train._resumed("python train.py --corpus a", "a") == "python train.py --corpus a --resume"
    )


def test_the_last_line_is_the_next_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, output = book(tmp_path, 8_000), tmp_path / "out"
    assert main(["--corpus", str(text), *QUICK, "--epochs", "1", "--output", str(output)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        f"Watch it learn:  python app.py --model {output}"
    )
