"""The checks before training: Keras, its backend, the length and the kind of the text."""

import json
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.processes import environment, run
from tests.support.trainings import book
from textgen import Corpus, get_recipe
from textgen.cli.train import main
from textgen.cli.train_checks import check_length
from textgen.errors import CorpusError

UNKNOWN_BACKEND = (
    "train.py: KERAS_BACKEND is 'tensorflw'; training needs one of tensorflow, jax, torch. Did you "
    "mean tensorflow?\n"
)


def test_a_misspelled_backend_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "tensorflw")
    assert main(["--corpus", "LICENSE"]) == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", UNKNOWN_BACKEND)


def test_a_backend_that_cannot_train_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "numpy")
    assert main(["--corpus", "LICENSE"]) == 1
    assert capsys.readouterr().err == (
        "train.py: KERAS_BACKEND is 'numpy'; training needs one of tensorflow, jax, torch. Unset "
        "KERAS_BACKEND, or set it to one of them.\n"
    )


def test_a_misspelled_backend_in_keras_own_settings_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "keras.json").write_text(json.dumps({"backend": "tensorflw"}))
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert main(["--corpus", "LICENSE"]) == 1
    assert capsys.readouterr().err == UNKNOWN_BACKEND


@pytest.mark.slow
def test_a_backend_that_does_not_start_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "jax.py").write_text("raise ImportError('libcuda.so.1: not found')\n")
    env = environment(tmp_path, KERAS_BACKEND="jax", PYTHONPATH=f"{tmp_path / 'broken'}:{ROOT}")
    outcome = run("train.py", "--corpus", str(book(tmp_path, 99_000)), env=env)
    assert outcome.status == 1
    assert outcome.err == (
        "train.py: Keras cannot load its backend jax: libcuda.so.1: not found. Reinstall it, or "
        "set KERAS_BACKEND to another one of tensorflow, jax, torch.\n"
    )


@pytest.mark.slow
def test_a_short_text_is_refused_before_keras_is_imported(tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text("much too short")
    script = (
        "import sys, train\n"
        "status = train.main(sys.argv[1:])\n"
        "print({'keras', 'tensorflow', 'matplotlib'} & sys.modules.keys())\n"
        "sys.exit(status)\n"
    )
    outcome = run("-c", script, "--corpus", str(tmp_path / "short.txt"), env=environment(tmp_path))
    assert outcome.status == 1
    assert outcome.out.splitlines()[-1] == "set()"
    assert outcome.err == (
        "train.py: The corpus is too short: it has 14 characters; about 144 are needed for windows "
        "of 64. Give a longer text or lower --seq-length.\n"
    )
    assert not (tmp_path / "timelines").exists()


@pytest.mark.parametrize(
    ("characters", "settings", "steps", "remedy"),
    [
        (150, {}, 10, "--epochs 200 --batch-size 8"),
        (2_000, {}, 10, "--epochs 50 --batch-size 8"),
        (40_000, {}, 180, "--batch-size 8"),
        (2_000, {"batch_size": 4}, 70, "--epochs 29"),
        (2_000, {"batch_size": 8, "epochs": 49}, 196, "--epochs 50"),
        (150, {"epochs": 1}, 1, "--epochs 200 --batch-size 8"),
    ],
)
def test_few_training_steps_get_a_note_with_better_flags(
    characters: int,
    settings: dict[str, int],
    steps: int,
    remedy: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    training = get_recipe("default").override(**settings).training
    check_length(Corpus.from_text("a" * characters, name="text"), training)
    counted = f"{steps} step{'' if steps == 1 else 's'}"
    assert capsys.readouterr().err == (
        f"This text is short: training will take only {counted}, so the model will learn little. "
        f"Give it more text, or try {remedy}.\n"
    )


@pytest.mark.parametrize(
    ("characters", "settings"),
    [(600_000, {}), (50_000, {}), (2_000, {"batch_size": 8, "epochs": 50})],
)
def test_enough_training_steps_get_no_note(
    characters: int, settings: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    training = get_recipe("default").override(**settings).training
    check_length(Corpus.from_text("a" * characters, name="text"), training)
    assert capsys.readouterr().err == ""


def test_a_text_shorter_than_its_windows_is_refused() -> None:
    with pytest.raises(CorpusError, match="too short"):
        check_length(Corpus.from_text("a" * 100, name="text"), get_recipe("default").training)
