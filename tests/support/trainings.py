"""Training runs of a few seconds, and `train.py` in a separate process."""

import os
import subprocess
import sys
from pathlib import Path
from pydoc_data.topics import topics

import pytest

from tests.support.paths import ROOT
from textgen import Recipe, Timeline, get_recipe

# A few seconds of training: three early snapshots, then two epochs.
QUICK = ["--recipe", "tiny", "--epochs", "2", "--early-snapshots", "3"]
SNAPSHOTS = 6


def quick_recipe() -> Recipe:
    """Return a recipe with one epoch."""
    return get_recipe("tiny").override(epochs=1, early_snapshots=1)


def book(directory: Path, characters: int = 40_000) -> Path:
    """Write part of Python's reference as a text file: real prose that every machine has."""
    path = directory / "reference.txt"
    path.write_text("\n\n".join(topics.values())[:characters], encoding="utf-8")
    return path


def run(arguments: list[str], **options: object) -> subprocess.Popen[str]:
    """Start `python train.py` in a separate process."""
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
    """Read a process's output up to the line that contains `mark`."""
    assert process.stdout is not None
    for line in process.stdout:
        if mark in line:
            return
    pytest.fail(f"The process ended without printing {mark!r}.")


def weights_of(directory: Path) -> list[tuple[int, str, float]]:
    """Return step, SHA-256 and validation loss of every snapshot of a timeline that verifies."""
    timeline = Timeline.from_pretrained(directory)
    timeline.verify()
    return [(s.step, s.sha256, s.val_loss) for s in timeline.snapshots]
