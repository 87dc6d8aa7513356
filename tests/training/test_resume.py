"""An interrupted run can be resumed, with the same result as without the interruption."""

import dataclasses
import functools
import hashlib
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.support.timelines import manifest_of
from tests.support.trainings import (
    QUICK,
    SNAPSHOTS,
    book,
    quick_recipe,
    read_until,
    run,
    weights_of,
)
from textgen import Timeline, get_recipe, read_corpus
from textgen.cli import train as train_command
from textgen.cli.console import INTERRUPTED
from textgen.cli.train import main
from textgen.config import TrainConfig
from textgen.errors import TimelineError
from textgen.manifest.records import Origin
from textgen.manifest.schema import Manifest
from textgen.text.corpus_index import file_size
from textgen.training.resume import earlier_run
from textgen.training.run import train as train_timeline

pytestmark = pytest.mark.slow


def test_after_ctrl_c_the_timeline_is_valid_and_resuming_has_the_same_result(
    trained: tuple[Path, Path], tmp_path: Path
) -> None:
    text, reference = trained
    arguments = ["--corpus", str(text), *QUICK, "--output", str(tmp_path / "timeline")]
    with run(arguments) as process:
        read_until(process, "   0.11 ")  # a snapshot within the first epoch
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED, errors
    assert "contains all snapshots up to epoch" in errors
    assert "Traceback" not in errors
    remedy = errors.rpartition("Continue with:")[2].strip()
    assert remedy.endswith("--resume")
    interrupted = Timeline.from_pretrained(tmp_path / "timeline")
    interrupted.verify()
    assert len(interrupted.snapshots) < SNAPSHOTS

    assert main([*arguments, "--resume"]) == 0
    assert weights_of(tmp_path / "timeline") == weights_of(reference)
    index = (tmp_path / "timeline" / "corpus-index.bin").read_bytes()
    assert index == (reference / "corpus-index.bin").read_bytes()


def test_a_run_killed_several_times_leaves_valid_timelines_and_has_the_same_result(
    tmp_path: Path,
) -> None:
    reference, output = tmp_path / "reference", tmp_path / "timeline"
    arguments = ["--corpus", str(book(tmp_path)), "--recipe", "tiny", "--epochs", "8"]
    arguments += ["--precision", "bfloat16", "--optimizer", "muon"]
    arguments += ["--dropout", "0.2", "--dropout-from", "3", "--weight-drop", "0.2"]
    arguments += ["--carry-state", "--output"]
    assert main([*arguments, str(reference)]) == 0
    rng = np.random.default_rng(1)
    for kill in range(3):
        with run([*arguments, str(output), "--resume"]) as process:
            read_until(process, " → " if kill else "Training with")
            # While it writes the snapshot, its samples or the checkpoint, or in the next epoch.
            time.sleep(rng.uniform(0, 0.5))
            process.kill()
        if (output / "timeline.json").exists():  # it exists from the first snapshot on
            timeline = Timeline.from_pretrained(output)
            timeline.verify()
            assert not timeline.manifest.finished
        else:
            assert not kill
    assert main([*arguments, str(output), "--resume"]) == 0
    assert weights_of(output) == weights_of(reference)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_run_is_resumed_in_the_precision_it_began_with(tmp_path: Path, precision: str) -> None:
    corpus = read_corpus(book(tmp_path, 8_000))
    run = functools.partial(train_timeline, corpus, output=tmp_path / "out", verbose=False)
    run(quick_recipe().override(precision=precision))
    resumed = run(quick_recipe().override(precision="auto"), resume=True)
    assert resumed.manifest.training.precision == precision


def test_a_run_is_resumed_with_the_stored_type_it_began_with(tmp_path: Path) -> None:
    corpus = read_corpus(book(tmp_path, 8_000))
    run = functools.partial(train_timeline, corpus, quick_recipe(), verbose=False)
    output = tmp_path / "out"
    run(output=output, weights_dtype="float32")
    assert run(output=output, resume=True).manifest.weights_dtype == "float32"
    with pytest.raises(TimelineError, match="--weights-dtype was 'float32', received 'float16'"):
        run(output=output, weights_dtype="float16", resume=True)
    assert run(output=tmp_path / "new").manifest.weights_dtype == "float16"


def test_resuming_a_finished_run_changes_nothing_and_needs_no_keras(
    trained: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text, output = trained
    monkeypatch.setattr(train_command, "start_keras", None)  # calling it would fail
    before = {path: path.stat().st_mtime_ns for path in output.rglob("*")}
    assert main(["--corpus", str(text), *QUICK, "--output", str(output), "--resume"]) == 0
    assert {path: path.stat().st_mtime_ns for path in output.rglob("*")} == before
    assert capsys.readouterr().out.splitlines()[1:] == [
        f"Nothing to do: {output} is already finished."
    ]


def test_resuming_adds_words_to_an_index_from_an_earlier_version(
    trained: tuple[Path, Path], tmp_path: Path
) -> None:
    text, output = trained[0], shutil.copytree(trained[1], tmp_path / "old")
    manifest, whole = Manifest.read(output), (output / "corpus-index.bin").read_bytes()
    assert manifest.corpus_index is not None
    ngrams = whole[: file_size(manifest.corpus_index.ngrams, None)]
    facts = dataclasses.replace(
        manifest.corpus_index, words=None, sha256=hashlib.sha256(ngrams).hexdigest()
    )
    old = dataclasses.replace(manifest, corpus_index=facts)
    (output / "timeline.json").write_bytes(old.to_json())
    (output / "corpus-index.bin").write_bytes(ngrams)
    Timeline.from_pretrained(output).verify()
    assert main(["--corpus", str(text), *QUICK, "--output", str(output), "--resume"]) == 0
    timeline = Timeline.from_pretrained(output)
    timeline.verify()
    assert timeline.manifest == manifest
    assert (output / "corpus-index.bin").read_bytes() == whole


def test_a_run_from_a_version_without_indexes_can_be_resumed(
    trained: tuple[Path, Path], tmp_path: Path
) -> None:
    text, output = trained[0], shutil.copytree(trained[1], tmp_path / "old")
    manifest = dataclasses.replace(Manifest.read(output), corpus_index=None)
    (output / "timeline.json").write_bytes(manifest.to_json())
    (output / "corpus-index.bin").unlink()
    assert main(["--corpus", str(text), *QUICK, "--output", str(output), "--resume"]) == 0
    Timeline.from_pretrained(output).verify()


def test_resume_refuses_other_settings(trained: tuple[Path, Path]) -> None:
    text, output = trained
    recipe = get_recipe("tiny").override(epochs=2, early_snapshots=3, learning_rate=0.5)
    with pytest.raises(
        TimelineError, match=r"--learning-rate was 0\.01, received 0\.5\. The run is finished\."
    ):
        train_timeline(read_corpus(text), recipe, output=output, name="reference", resume=True)


EARLIER = manifest_of(training=TrainConfig(epochs=9))  # not finished
ORIGIN = Origin(name="origin", step=7, sha256="ab" * 32)


def written(directory: Path, manifest: Manifest) -> Path:
    """Write a timeline that consists of its manifest only."""
    (directory / "timeline.json").write_bytes(manifest.to_json())
    return directory


def test_resume_says_first_that_the_text_has_changed(tmp_path: Path) -> None:
    corpus = dataclasses.replace(
        EARLIER.corpus, name="b", sha256="0" * 64, characters=1500, train_characters=1400
    )
    now = dataclasses.replace(EARLIER, name="b", recipe="default", corpus=corpus)
    with pytest.raises(
        TimelineError,
        match=r"the text has changed since the run began \(1,000 characters then, 1,500 now\)\.",
    ):
        earlier_run(written(tmp_path, EARLIER), now)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"recipe": "default", "training": {"epochs": 3}},
            "--recipe was 'tiny', received 'default'",
        ),
        (
            {"init_from": ORIGIN},
            r"--init-from was not given, received 'origin' at step 7 \(SHA-256 abab",
        ),
        ({"preparation": {"lowercase": True}}, "--lowercase was off, received on"),
        ({"model": {"lstm_units": (8, 4)}}, "--lstm-units was 8, received 8 4"),
        (
            {
                "training": {"val_fraction": 0.2},
                "corpus": {"train_characters": 800, "held_out_characters": 200},
            },
            "--val-fraction was 0.1, received 0.2",
        ),
        ({"training": {"seed": 5}, "sample_settings": {"seed": 5}}, "--seed was 0, received 5"),
        ({"training": {"patience": 3}}, "--patience was off, received 3"),
        ({"name": "b"}, "--name was 'letters', received 'b'"),
        (
            {"name": "b", "corpus": {"name": "b", "source": "b.txt"}},
            r"--corpus was 'https://example\.org/letters\.txt', received 'b\.txt'",
        ),
        ({"sample_settings": {"seed_text": "abc"}}, "--seed-text was 'a bad ', received 'abc'"),
        ({"corpus": {"unseen_characters": 2}}, "corpus.unseen_characters was 1, received 2"),
    ],
)
def test_resume_names_the_flag_that_differs(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    now = EARLIER
    for name, change in changes.items():
        value = change
        if isinstance(change, dict):
            value = dataclasses.replace(getattr(now, name), **change)
        now = dataclasses.replace(now, **{name: value})
    with pytest.raises(
        TimelineError, match=rf": {message}.*--resume added, or .*--output"
    ) as caught:
        earlier_run(written(tmp_path, EARLIER), now)
    assert "\n" not in str(caught.value)


def test_a_finished_run_with_other_settings_is_trained_further_in_another_directory(
    tmp_path: Path,
) -> None:
    finished = manifest_of()
    now = dataclasses.replace(finished, name="b")
    with pytest.raises(TimelineError) as caught:
        earlier_run(written(tmp_path, finished), now)
    assert str(caught.value) == (
        f"Cannot resume {tmp_path}: --name was 'letters', received 'b'. The run is finished. To "
        f"train it further, use --init-from {tmp_path} with another --output."
    )


def test_resume_accepts_other_software_on_another_device(tmp_path: Path) -> None:
    now = dataclasses.replace(
        EARLIER, snapshots=(), software={"keras": "4"}, device="1 GPU", corpus_index=None
    )
    assert earlier_run(written(tmp_path, EARLIER), now) == EARLIER


def test_there_is_nothing_to_resume_without_a_timeline(tmp_path: Path) -> None:
    assert earlier_run(tmp_path, EARLIER) is None
    assert earlier_run(tmp_path / "missing", EARLIER) is None


@pytest.mark.parametrize("with_index", [False, True])
def test_resuming_leaves_no_index_that_is_not_in_the_manifest(
    tmp_path: Path, with_index: bool
) -> None:
    class Interrupt(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_end(self, batch: int, logs: object = None) -> None:
            raise KeyboardInterrupt

    run = functools.partial(
        train_timeline,
        read_corpus(book(tmp_path, 8_000)),
        quick_recipe(),
        output=tmp_path / "out",
        verbose=False,
    )
    with pytest.raises(KeyboardInterrupt):
        run(corpus_index=with_index, callbacks=[Interrupt()])
    run(corpus_index=not with_index, resume=True)
    timeline = Timeline.from_pretrained(tmp_path / "out")
    timeline.verify()
    named = timeline.manifest.corpus_index is not None
    assert (tmp_path / "out" / "corpus-index.bin").exists() is named


def test_resuming_without_a_checkpoint_keeps_the_timeline(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--corpus", str(trained[0]), *QUICK, "--output", str(tmp_path / "timeline")]
    with run(arguments) as process:
        read_until(process, "      1 ")
        process.kill()
    before = (tmp_path / "timeline" / "timeline.json").read_bytes()
    (tmp_path / "timeline.checkpoint" / "variables.npz").unlink()
    assert main([*arguments, "--resume"]) == 1
    assert "its checkpoint" in capsys.readouterr().err
    assert (tmp_path / "timeline" / "timeline.json").read_bytes() == before
