"""What training needs, checked before anything slow begins: Keras, its backend, enough text."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import json
import math
import os
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from textgen.checks import did_you_mean
from textgen.cli.parser import python_command
from textgen.config import TrainConfig
from textgen.errors import TrainingError
from textgen.text.corpus import Corpus
from textgen.training.schedule import steps_per_epoch, train_size

BACKENDS = ("tensorflow", "jax", "torch")
FEW_STEPS = 200  # of a whole run; with fewer, even a small model learns little more than letters
SMALL_BATCH = 8  # the smallest batch size that is suggested


def check_keras() -> None:
    """Check without importing them that Keras and its backend are installed; imports take seconds.

    Raises:
        TrainingError: one is missing, or `KERAS_BACKEND` is not a backend that can train.
    """
    backend = _backend()
    if backend not in BACKENDS:
        remedy = "Unset KERAS_BACKEND, or set it" if _named() else "Set KERAS_BACKEND"
        raise TrainingError(
            f"KERAS_BACKEND is {backend!r}; training needs one of {', '.join(BACKENDS)}"
            f"{did_you_mean(backend, BACKENDS) or f'. {remedy} to one of them.'}"
        )
    needed = ("keras", "matplotlib", backend)
    missing = [name for name in needed if not _is_installed(name)]
    if not missing:
        return
    python = python_command(sys.executable)
    if missing == [backend] and backend != "tensorflow":
        install = f"{python} -m pip install {backend}"
    else:
        install = f"{python} -m pip install -e '.[train]'"
    *others, last = missing
    names = f"{', '.join(others)} and {last}" if others else last
    are, them = ("are", "them") if others else ("is", "it")
    raise TrainingError(
        f"Training needs {names}, which {are} not installed. Install {them} with: {install}"
    )


def start_keras(devices: int) -> str:
    """Import Keras and its backend, which takes seconds; return the device it trains on, in words.

    Raises:
        TrainingError: the backend cannot be loaded.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's warnings are about itself
    try:
        with _standard_error_held_back():
            from textgen.training.hardware import device_name

            # With another backend, Keras imports TensorFlow later, to set the random seed.
            with contextlib.suppress(ImportError):
                importlib.import_module("tensorflow")
            return device_name(devices)
    except ImportError as error:
        raise TrainingError(
            f"Keras cannot load its backend {_backend()}: {error}. Reinstall it, or set "
            f"KERAS_BACKEND to another one of {', '.join(BACKENDS)}."
        ) from error


def check_length(corpus: Corpus, training: TrainConfig) -> None:
    """Check that a text is long enough, and warn on standard error if it allows few steps.

    Preprocessing may shorten the text further; training checks the exact length.

    Raises:
        CorpusError: the text is too short for one training window.
    """
    characters = train_size(
        corpus.characters, training.val_fraction, seq_length=training.seq_length
    )
    steps = training.epochs * steps_per_epoch(characters, training)
    if steps < FEW_STEPS:
        print(
            f"This text is short: training will take only {steps} "
            f"step{'' if steps == 1 else 's'}, so the model will learn little. Give it more text, "
            f"or try{_more_steps(characters, training)}.",
            file=sys.stderr,
        )


def _more_steps(characters: int, training: TrainConfig) -> str:
    """Return flags that lengthen a run to `FEW_STEPS`: smaller batches first, then more epochs."""
    batch_size = min(SMALL_BATCH, training.batch_size)
    smaller = dataclasses.replace(training, batch_size=batch_size)
    epochs = math.ceil(FEW_STEPS / steps_per_epoch(characters, smaller))
    flags = f" --epochs {epochs}" if epochs > training.epochs else ""
    return flags + (f" --batch-size {batch_size}" if batch_size < training.batch_size else "")


def _named() -> str:
    """Return the backend that the environment names, or nothing."""
    return os.environ.get("KERAS_BACKEND", "")


def _backend() -> str:
    """Return the backend that Keras will use, by Keras' own rules."""
    if name := _named():
        return name
    home = os.environ.get("KERAS_HOME") or Path("~").expanduser() / ".keras"
    with contextlib.suppress(OSError, ValueError):
        settings = json.loads(Path(home, "keras.json").read_text(encoding="utf-8"))
        if isinstance(settings, dict) and isinstance(settings.get("backend"), str):
            return str(settings["backend"])
    return "tensorflow"


def _is_installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False


@contextlib.contextmanager
def _standard_error_held_back() -> Iterator[None]:
    """Print what the backend writes to standard error only if it fails to start.

    TensorFlow's native code prints a greeting, and complaints about a missing GPU, which no setting
    turns off. We print the device that it trains on instead.
    """
    kept = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        except Exception:
            file.seek(0)
            os.write(kept, file.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
