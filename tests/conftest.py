"""Fixtures that several test files share, and the order of the tests."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

from tests.support.letters import CORPUS_FACTS, INDEX, INDEX_FACTS
from textgen.config import ModelConfig, TrainConfig
from textgen.files import sha256_of
from textgen.manifest.paths import CORPUS_INDEX, snapshot_file
from textgen.manifest.records import SampleSettings, Snapshot
from textgen.manifest.schema import Manifest
from textgen.network.weights import shapes
from textgen.text.preparation import Preparation
from textgen.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from playwright.sync_api import Browser

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before anything imports TensorFlow

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Shells start background jobs with SIGINT ignored; processes that tests start inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


SLOW_FIXTURES = {"browser", "clone", "page", "trained", "worker", "world"}
"""A test that uses one of these takes seconds, and is marked as slow."""
LONGEST = ("test_snippets.py", "test_publisher.py", "test_resume.py")
"""Test files that run first; if they came last, one worker would run long after the others."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if SLOW_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path.name not in LONGEST, item.path not in slow))


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test an empty download cache, apart from the user's and from other tests'."""
    monkeypatch.setenv("TEXTGEN_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    from tests.support.chromium import chromium  # imports Playwright only if a test needs it

    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A text, and a timeline trained on it without interruption; tests must not change either."""
    from tests.support.trainings import QUICK, book  # the first import of Keras takes seconds
    from textgen.cli.train import main

    directory = tmp_path_factory.mktemp("trained")
    text, output = book(directory), directory / "timeline"
    assert main(["--corpus", str(text), *QUICK, "--output", str(output)]) == 0
    return text, output


@pytest.fixture
def timeline_directory(tmp_path: Path) -> Path:
    """A timeline of three snapshots with random weights; the middle one, epoch 0.3, is the best."""
    directory = tmp_path / "timeline"
    (directory / "snapshots").mkdir(parents=True)
    vocabulary = Vocabulary.from_text("\n abcdé🙂", Preparation(lowercase=True))
    config = ModelConfig(
        vocab_size=vocabulary.size, embedding_dim=3, lstm_units=(7, 4), dropout=0.0
    )
    snapshots = []
    for step, epoch, val_loss in ((0, 0.0, 2.0), (3, 0.3, 1.5), (10, 1.0, 1.75)):
        path = directory / snapshot_file(step)
        random = np.random.default_rng(step)
        with h5py.File(path, "w") as file:
            for name, shape in shapes(config).items():
                file[name] = random.normal(size=shape).astype(np.float32)
        snapshots.append(
            Snapshot(
                step=step,
                epoch=epoch,
                file=snapshot_file(step),
                sha256=sha256_of(path),
                size=path.stat().st_size,
                loss=None if step == 0 else val_loss + 0.125,
                val_loss=val_loss,
                val_bits_per_char=val_loss / float(np.log(2)),
                seconds=float(step),
                samples={"0.5": "a cab\n", "1": "🙂 é"},
            )
        )
    manifest = Manifest(
        name="by hand",
        corpus=CORPUS_FACTS,
        recipe="tiny",
        preparation=vocabulary.preparation,
        model=config,
        training=TrainConfig(epochs=1),
        vocabulary_sha256=vocabulary.sha256,
        sample_settings=SampleSettings(seed_text="a bad ", length=6, seed=0),
        software={"textgen": "0.1.0"},
        device="2 CPU cores",
        snapshots=tuple(snapshots),
        corpus_index=INDEX_FACTS,
    )
    (directory / "vocabulary.json").write_text(vocabulary.to_json(), encoding="utf-8")
    (directory / CORPUS_INDEX).write_bytes(INDEX)
    (directory / "timeline.json").write_bytes(manifest.to_json())
    return directory
