"""A run that was interrupted goes on, and ends as if it never had been."""

import dataclasses
import functools
import hashlib
import shutil
import signal
import time
from pathlib import Path

import keras
import numpy as np
import pytest

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
from textgen.cli.console import INTERRUPTED
from textgen.cli.train import main
from textgen.errors import TimelineError
from textgen.manifest.schema import Manifest
from textgen.text.corpus_index import file_size
from textgen.training.run import train as train_timeline

pytestmark = pytest.mark.slow


def test_ctrl_c_leaves_a_valid_timeline_and_resume_ends_as_if_never_interrupted(
    trained: tuple[Path, Path], tmp_path: Path
) -> None:
    text, reference = trained
    arguments = ["--corpus", str(text), *QUICK, "--output", str(tmp_path / "timeline")]
    with run(arguments) as process:
        read_until(process, "· step 5 ·")  # inside the first epoch
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED, errors
    assert "is a valid timeline up to epoch" in errors
    assert "Traceback" not in errors
    remedy = errors.rpartition("Go on with:")[2].strip()
    assert remedy.endswith("--resume")
    interrupted = Timeline.from_pretrained(tmp_path / "timeline")
    interrupted.verify()
    assert len(interrupted.snapshots) < SNAPSHOTS

    assert main([*arguments, "--resume"]) == 0
    assert weights_of(tmp_path / "timeline") == weights_of(reference)
    index = (tmp_path / "timeline" / "corpus-index.bin").read_bytes()
    assert index == (reference / "corpus-index.bin").read_bytes()


def test_killed_again_and_again_a_run_leaves_valid_timelines_and_ends_in_the_same_weights(
    tmp_path: Path,
) -> None:
    reference, output = tmp_path / "reference", tmp_path / "timeline"
    arguments = ["--corpus", str(book(tmp_path)), "--recipe", "tiny", "--epochs", "8"]
    arguments += ["--precision", "bfloat16", "--optimizer", "muon"]
    arguments += ["--dropout", "0.2", "--dropout-from", "3", "--output"]
    assert main([*arguments, str(reference)]) == 0
    moments = np.random.default_rng(1)
    for kill in range(3):
        with run([*arguments, str(output), "--resume"]) as process:
            read_until(process, "── epoch" if kill else "Training on")
            # While the snapshot, its samples or the checkpoint are written, or in the next epoch.
            time.sleep(moments.uniform(0, 0.5))
            process.kill()
        if (output / "timeline.json").exists():  # as it is from the first snapshot on
            timeline = Timeline.from_pretrained(output)
            timeline.verify()
            assert not timeline.manifest.finished
        else:
            assert not kill
    assert main([*arguments, str(output), "--resume"]) == 0
    assert weights_of(output) == weights_of(reference)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_run_is_gone_on_with_in_the_precision_it_began_with(
    tmp_path: Path, precision: str
) -> None:
    corpus = read_corpus(book(tmp_path, 8_000))
    run = functools.partial(train_timeline, corpus, output=tmp_path / "out", verbose=False)
    run(quick_recipe().override(precision=precision))
    resumed = run(quick_recipe().override(precision="auto"), resume=True)
    assert resumed.manifest.training.precision == precision


def test_resume_of_a_finished_run_changes_nothing(
    trained: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    text, output = trained
    before = (output / "timeline.json").read_bytes()
    assert main(["--corpus", str(text), *QUICK, "--output", str(output), "--resume"]) == 0
    assert (output / "timeline.json").read_bytes() == before
    assert "Epoch" not in capsys.readouterr().out


def test_resume_gives_a_finished_run_from_before_indexes_held_words_its_words(
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


def test_a_run_from_before_there_were_indexes_resumes(
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
    with pytest.raises(TimelineError, match=r"training\.learning_rate 0\.01, received 0\.5"):
        train_timeline(read_corpus(text), recipe, output=output, name="reference", resume=True)


@pytest.mark.parametrize(
    "with_index",
    [False, True],
)
def test_resume_leaves_no_index_that_the_manifest_does_not_name(
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


def test_resume_without_its_checkpoint_keeps_the_timeline(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--corpus", str(trained[0]), *QUICK, "--output", str(tmp_path / "timeline")]
    with run(arguments) as process:
        read_until(process, "── epoch 1 ·")
        process.kill()
    before = (tmp_path / "timeline" / "timeline.json").read_bytes()
    (tmp_path / "timeline.checkpoint" / "variables.npz").unlink()
    assert main([*arguments, "--resume"]) == 1
    assert "its checkpoint" in capsys.readouterr().err
    assert (tmp_path / "timeline" / "timeline.json").read_bytes() == before
