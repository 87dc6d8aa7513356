"""From a text to a timeline through `train.py`, as a person runs it."""

import dataclasses
import functools
import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from pydoc_data.topics import topics

import keras
import numpy as np
import pytest

from tests.support.paths import ROOT
from textgen import Recipe, Timeline, get_recipe, read_corpus
from textgen.cli.console import INTERRUPTED
from textgen.cli.train import main
from textgen.errors import ConfigError, TimelineError, TrainingError
from textgen.manifest.schema import Manifest, Snapshot
from textgen.text.corpus_index import CorpusIndex, file_size
from textgen.text.words import words_of
from textgen.training.hardware import best_precision
from textgen.training.run import train as train_timeline

# A few seconds of training: three early snapshots, then two epochs.
QUICK = ["--recipe", "tiny", "--epochs", "2", "--early-snapshots", "3"]
SNAPSHOTS = 6


def book(directory: Path, characters: int = 40_000) -> Path:
    """Write some of Python's own reference, real prose that every machine has, as a text file."""
    path = directory / "reference.txt"
    path.write_text("\n\n".join(topics.values())[:characters], encoding="utf-8")
    return path


def run(arguments: list[str], **options: object) -> subprocess.Popen[str]:
    """Start `python train.py` in a process of its own."""
    process: subprocess.Popen[str] = subprocess.Popen(
        [sys.executable, str(ROOT / "train.py"), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        **options,  # type: ignore[call-overload]
    )
    return process


def read_until(process: subprocess.Popen[str], mark: str) -> None:
    """Read a process's output up to the line that holds `mark`."""
    assert process.stdout is not None
    for line in process.stdout:
        if mark in line:
            return
    pytest.fail(f"The process ended without printing {mark!r}.")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A book and the timeline of a run on it that nothing disturbed."""
    directory = tmp_path_factory.mktemp("trained")
    text, output = book(directory), directory / "timeline"
    assert main(["--corpus", str(text), *QUICK, "--output", str(output)]) == 0
    return text, output


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
    arrays = 4 * timeline.config.parameters
    assert all(arrays < snapshot.size < arrays + 40_000 for snapshot in timeline.snapshots)


def test_the_index_knows_the_text_trained_on_and_no_other(trained: tuple[Path, Path]) -> None:
    timeline = Timeline.from_pretrained(trained[1])
    facts, corpus = timeline.manifest.corpus_index, timeline.manifest.corpus
    text = timeline.manifest.preparation.apply(read_corpus(trained[0]).text)
    read, held_out = text[: corpus.train_characters], text[corpus.train_characters :]
    index = (trained[1] / "corpus-index.bin").read_bytes()
    assert index == CorpusIndex.of(read).to_bytes()
    assert facts is not None
    assert facts.sha256 == hashlib.sha256(index).hexdigest()
    assert timeline.novelty(read).copied_share == 1
    assert timeline.novelty(held_out).copied_share < 0.5
    assert timeline.real_words(read) == 1
    assert facts.words == len(set(words_of(read)))


def test_a_run_may_leave_the_index_out(tmp_path: Path) -> None:
    text, output = book(tmp_path, 8_000), tmp_path / "out"
    arguments = ["--corpus", str(text), *QUICK, "--epochs", "1", "--output", str(output)]
    assert main([*arguments, "--no-corpus-index"]) == 0
    timeline = Timeline.from_pretrained(output)
    timeline.verify()
    assert timeline.manifest.corpus_index is None
    assert not (output / "corpus-index.bin").exists()
    with pytest.raises(TimelineError, match="no index of its corpus"):
        timeline.novelty("text")
    assert timeline.real_words("text and text") is None


def test_the_samples_of_a_snapshot_are_what_it_writes(trained: tuple[Path, Path]) -> None:
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


def test_the_end_says_what_to_run_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, output = book(tmp_path, 8_000), tmp_path / "out"
    assert main(["--corpus", str(text), *QUICK, "--epochs", "1", "--output", str(output)]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith(f"python app.py --model {output}")


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


def test_killed_ten_times_a_run_leaves_valid_timelines_and_ends_in_the_same_weights(
    tmp_path: Path,
) -> None:
    reference, output = tmp_path / "reference", tmp_path / "timeline"
    arguments = ["--corpus", str(book(tmp_path)), "--recipe", "tiny", "--epochs", "8"]
    arguments += ["--precision", "bfloat16", "--optimizer", "muon"]
    arguments += ["--dropout", "0.2", "--dropout-from", "3", "--output"]
    assert main([*arguments, str(reference)]) == 0
    moments, kills, in_training = np.random.default_rng(1), 0, 0
    while kills < 10:
        with run([*arguments, str(output), "--resume"]) as process:
            read_until(process, "Training on")
            time.sleep(moments.uniform(0, 4))
            kills += process.poll() is None
            process.kill()
        if (output / "timeline.json").exists():
            timeline = Timeline.from_pretrained(output)
            timeline.verify()
            in_training += not timeline.manifest.finished and len(timeline.snapshots) > 1
            if timeline.manifest.finished:  # too fast for us: once more from the start
                shutil.rmtree(output)
    assert in_training, "every kill came before training began"
    assert main([*arguments, str(output), "--resume"]) == 0
    assert weights_of(output) == weights_of(reference)


def test_late_dropout_drops_nothing_before_its_epoch(tmp_path: Path) -> None:
    def weights(dropout: float, dropout_from: int) -> list[str]:
        recipe = quick_recipe().override(epochs=2, dropout=dropout, dropout_from=dropout_from)
        output = tmp_path / f"{dropout}-{dropout_from}"
        train_timeline(read_corpus(text), recipe, output=output, verbose=False)
        timeline = Timeline.from_pretrained(output)
        saved = json.loads((output / "config.json").read_bytes())["config"]["layers"]
        rates = [layer["config"]["rate"] for layer in saved if layer["class_name"] == "Dropout"]
        assert rates == [dropout, dropout]
        return [snapshot.sha256 for snapshot in timeline.snapshots]

    text = book(tmp_path, 8_000)
    little, much, at_once = weights(0.2, 1), weights(0.6, 1), weights(0.2, 0)
    assert [a == b for a, b in zip(little, much, strict=True)] == [True, True, True, False]
    assert [a == b for a, b in zip(little, at_once, strict=True)] == [True, False, False, False]


def test_precision_is_chosen_for_the_machine_and_written_down(tmp_path: Path) -> None:
    recipe = quick_recipe().override(precision="auto")
    timeline = train_timeline(
        read_corpus(book(tmp_path, 8_000)), recipe, output=tmp_path / "out", verbose=False
    )
    assert timeline.manifest.training.precision == best_precision()


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_run_is_gone_on_with_in_the_precision_it_began_with(
    tmp_path: Path, precision: str
) -> None:
    corpus = read_corpus(book(tmp_path, 8_000))
    run = functools.partial(train_timeline, corpus, output=tmp_path / "out", verbose=False)
    run(quick_recipe().override(precision=precision))
    resumed = run(quick_recipe().override(precision="auto"), resume=True)
    assert resumed.manifest.training.precision == precision


def weights_of(directory: Path) -> list[tuple[int, str, float]]:
    """Return step, SHA-256 and held-out loss of every snapshot of a timeline that verifies."""
    timeline = Timeline.from_pretrained(directory)
    timeline.verify()
    return [(s.step, s.sha256, s.val_loss) for s in timeline.snapshots]


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


def quick_recipe() -> Recipe:
    return get_recipe("tiny").override(epochs=1, early_snapshots=1)


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


def test_a_loss_that_is_no_number_stops_at_the_last_good_snapshot(tmp_path: Path) -> None:
    class Poison(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_end(self, batch: int, logs: object = None) -> None:
            if batch == 2:
                variable = self.model.trainable_variables[0]
                variable.assign(variable * float("nan"))

    seen: list[Snapshot] = []
    with pytest.raises(TrainingError, match="--learning-rate"):
        train_timeline(
            read_corpus(book(tmp_path, 8_000)),
            quick_recipe(),
            output=tmp_path / "out",
            callbacks=[Poison()],
            on_snapshot=seen.append,
        )
    timeline = Timeline.from_pretrained(tmp_path / "out")
    timeline.verify()
    assert len(timeline.snapshots) == len(seen) >= 1


def test_training_that_diverges_stops_with_the_last_good_snapshot(tmp_path: Path) -> None:
    recipe = quick_recipe().override(
        optimizer="rmsprop", schedule="constant", learning_rate=1.0, clip_norm=0.0, epochs=3
    )
    with pytest.raises(TrainingError, match=r"diverged: .*lower --learning-rate than 1,"):
        train_timeline(
            read_corpus(book(tmp_path, 8_000)), recipe, output=tmp_path / "out", verbose=False
        )
    Timeline.from_pretrained(tmp_path / "out").verify()


def test_training_stops_out_of_patience(tmp_path: Path) -> None:
    recipe = quick_recipe().override(
        epochs=90, patience=2, learning_rate=0.03, schedule="constant", seq_length=20
    )
    corpus = read_corpus(book(tmp_path, 8_000))
    run = functools.partial(train_timeline, corpus, recipe, verbose=False)
    timeline = run(output=tmp_path / "out")
    assert timeline.manifest.finished
    assert timeline.snapshots[-3] is timeline.best
    assert timeline.snapshots[-1].epoch < 90
    seen: list[Snapshot] = []
    run(output=tmp_path / "out", resume=True, on_snapshot=seen.append)
    assert not seen


def test_a_run_goes_on_from_another_timeline(trained: tuple[Path, Path], tmp_path: Path) -> None:
    origin = Timeline.from_pretrained(trained[1])
    text = tmp_path / "other.txt"
    text.write_text(trained[0].read_text(encoding="utf-8")[::-1] + "é", encoding="utf-8")
    timeline = train_timeline(
        read_corpus(text),
        quick_recipe().override(lstm_units=(3,)),
        output=tmp_path / "out",
        init_from=origin,
        verbose=False,
    )
    timeline.verify()
    first, source = timeline.manifest.snapshots[0], timeline.manifest.init_from
    assert source is not None
    assert (source.name, source.step) == (origin.name, origin.best.step)
    assert source.sha256 == first.sha256 == origin.best.sha256
    assert timeline.config == origin.config
    assert timeline.vocabulary == origin.vocabulary
    assert timeline.manifest.corpus.unseen_characters >= 1
    assert timeline.best.val_loss < first.val_loss
    held_out = timeline.split(read_corpus(text).text)[1]
    assert len(held_out) == timeline.manifest.corpus.held_out_characters


def test_a_recipe_goes_on_from_models_that_it_can_train(
    trained: tuple[Path, Path], tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=r"context must be seq_length, 60, received None"):
        train_timeline(
            read_corpus(trained[0]),
            get_recipe("nietzsche-classic"),
            output=tmp_path / "out",
            init_from=Timeline.from_pretrained(trained[1]),
        )
    assert not (tmp_path / "out").exists()


def test_what_the_other_timeline_decides_cannot_be_chosen(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--corpus", str(trained[0]), "--init-from", str(trained[1]), "--lstm-units", "3"]
    assert main([*command, "--output", str(tmp_path / "out")]) == 1
    assert "--lstm-units cannot be chosen with --init-from" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_published_recipe_writes_a_timeline_like_any_other(tmp_path: Path) -> None:
    recipe = get_recipe("nietzsche-classic").override(
        epochs=1, early_snapshots=0, seq_length=12, context=12, lstm_units=(16,), batch_size=32
    )
    corpus = read_corpus(book(tmp_path, 8_000))
    timeline = train_timeline(corpus, recipe, output=tmp_path / "out", verbose=False)
    timeline.verify()
    assert timeline.best.val_loss < timeline.snapshots[0].val_loss - 0.5
    generator = timeline.generator()
    text = "forgotten " + corpus.text[-40:].lower()
    # Trained on windows, it writes from windows.
    assert generator.generate(text, seed=1) == generator.generate(text[-12:], seed=1)


def limited() -> None:
    # The system refuses every byte past this, in files of any kind.
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))


def test_a_disk_that_refuses_keeps_what_was_written(
    trained: tuple[Path, Path], tmp_path: Path
) -> None:
    text, output = trained[0], tmp_path / "timeline"
    # The snapshots fit under the limit; the checkpoint, three times as large, does not.
    arguments = ["--corpus", str(text), *QUICK, "--output", str(output)]
    with run(arguments, preexec_fn=limited) as process:
        _, errors = process.communicate(timeout=120)
    no_room(process.returncode, errors)
    Timeline.from_pretrained(output).verify()
    assert not list(tmp_path.rglob(".partial-*"))


def no_room(status: int, errors: str) -> None:
    assert status == 1
    message = errors.strip().splitlines()[-1]
    assert message.startswith("train.py: Cannot write ")
    assert "Free some space" in message
    assert "Traceback" not in errors


def test_a_full_disk_keeps_what_was_written(trained: tuple[Path, Path], tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1500k", "none", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        output = disk / "timeline"
        with run(["--corpus", str(trained[0]), *QUICK, "--output", str(output)]) as process:
            _, errors = process.communicate(timeout=120)
        no_room(process.returncode, errors)
        assert "No space left on device" in errors
        timeline = Timeline.from_pretrained(output)
        timeline.verify()
        assert len(timeline.snapshots) > 1
    finally:
        subprocess.run(["umount", str(disk)], check=True)


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


def write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


BAD_INPUT: dict[str, tuple[Callable[[Path], list[str]], str]] = {
    "missing corpus": (lambda d: ["--corpus", str(d / "none.txt")], "No corpus"),
    "empty corpus": (lambda d: ["--corpus", write(d / "a.txt", b" \n")], "is empty"),
    "short corpus": (lambda d: ["--corpus", write(d / "a.txt", b"so short")], "too short"),
    "binary corpus": (lambda d: ["--corpus", write(d / "a.txt", b"ab\0cd" * 99)], "looks binary"),
    "undecodable": (lambda d: ["--corpus", write(d / "a.txt", b"caf\xe9 ")], "0xe9 at offset 3"),
    "unknown recipe": (lambda d: ["--corpus", str(book(d)), "--recipe", "x"], "Unknown recipe 'x'"),
    "bad setting": (lambda d: ["--corpus", str(book(d)), "--dropout", "2"], "dropout must be"),
    "bad encoding": (
        lambda d: ["--corpus", str(book(d)), "--text-encoding", "x"],
        "Unknown encoding",
    ),
    "no corpus": (lambda d: ["--corpus", ""], "No corpus was named"),
    "foreign seed text": (
        lambda d: ["--corpus", str(book(d)), *QUICK, "--seed-text", "ЖЖ"],
        "has none of the seed text's characters: 'ж' 2",
    ),
    "bad repository": (
        lambda d: ["--corpus", str(book(d)), "--push-to-hub", "no slash"],
        "Invalid repository name 'no slash'",
    ),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input_gets_one_clear_line_and_writes_nothing(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, message = BAD_INPUT[case]
    assert main([*arguments(tmp_path), "--output", str(tmp_path / "out")]) == 1
    errors = capsys.readouterr().err
    assert message in errors
    assert errors.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_seed_text_is_stored_as_it_is_used(tmp_path: Path) -> None:
    timeline = train_timeline(
        read_corpus(book(tmp_path, 8_000)),
        quick_recipe(),
        output=tmp_path / "out",
        seed_text="The Ж",
        verbose=False,
    )
    assert timeline.manifest.sample_settings.seed_text == "the "


@pytest.mark.parametrize("name", ["a" * 300, "reference.txt/below"])
def test_an_output_that_cannot_be_is_one_clear_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = book(tmp_path)
    assert main(["--corpus", str(text), *QUICK, "--output", str(tmp_path / name)]) == 1
    errors = capsys.readouterr().err
    assert "Cannot write" in errors
    assert errors.count("\n") == 1


def test_a_backend_that_is_not_installed_is_one_clear_line(tmp_path: Path) -> None:
    arguments = ["--corpus", str(book(tmp_path)), *QUICK, "--output", str(tmp_path / "out")]
    # `None` in place of a module makes every import of it fail, as if it were not installed.
    script = "import sys, train; sys.modules['jax'] = None; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "train.py: Keras' backend cannot be loaded" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_directory_with_anything_in_it_is_not_written_to(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, output = trained
    before = sorted(output.rglob("*"))
    assert main(["--corpus", str(text), *QUICK, "--output", str(output)]) == 1
    assert "already holds a timeline" in capsys.readouterr().err
    assert sorted(output.rglob("*")) == before
    (tmp_path / "letter.txt").write_text("dear")
    assert main(["--corpus", str(text), *QUICK, "--output", str(tmp_path)]) == 1
    assert "not an empty directory" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    "text",
    [
        "Все счастливые семьи похожи друг на друга, каждая несчастлива по-своему.\n" * 60,
        "千里之行，始於足下。合抱之木，生於毫末；九層之臺，起於累土。\n" * 120,
        "\\begin{align}\n  e^{i\\pi} + 1 &= 0 \\\\ % Euler\n\\end{align}\n\n" * 80,
        "# A heading\n\n- *one*, `two`, [three](https://example.org)\n\n| a | b |\n|---|---|\n"
        * 60,
        "def f(x):\n\treturn {'a': x ** 2}  # 🙂👍🏽 café\n" * 80,
    ],
    ids=["cyrillic", "chinese", "latex", "markdown", "code-and-emoji"],
)
def test_any_script_trains_and_writes_in_its_own_characters(tmp_path: Path, text: str) -> None:
    path = tmp_path / "text.txt"
    path.write_text(text, encoding="utf-8")
    timeline = train_timeline(
        read_corpus(path), quick_recipe(), output=tmp_path / "out", verbose=False
    )
    assert set(timeline.generator().generate(text[:20], length=50, seed=1)) <= set(text.lower())
