"""Measurements for the programs by which people follow training."""

import dataclasses
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.processes import environment, run
from textgen.errors import ConfigError
from textgen.layout import snapshot_file
from textgen.manifest import Snapshot
from textgen.tracking import tracked

SNAPSHOT = Snapshot(
    step=3,
    epoch=0.5,
    file="snapshots/step-0000003.weights.h5",
    sha256="0" * 64,
    size=100,
    loss=2.5,
    val_loss=2.0,
    val_bits_per_char=2.885,
    seconds=1.5,
    samples={},
)


def test_tensorboard_is_told_of_a_run_and_of_its_resumption(tmp_path: Path) -> None:
    output = tmp_path / "out"
    for step in (3, 6):
        with tracked(["tensorboard"], output) as tell:
            tell(dataclasses.replace(SNAPSHOT, step=step, file=snapshot_file(step)))
    events = EventAccumulator(f"{output}.tensorboard").Reload()
    tags = events.Tags()
    names = {*tags["tensors"], *tags["scalars"]}
    assert {"held-out nats", "held-out bits", "training nats", "epoch", "seconds"} <= names
    steps = events.Tensors("held-out nats") if tags["tensors"] else events.Scalars("held-out nats")
    assert [event.step for event in steps] == [3, 6]


TRACKIO = """
import sys
from pathlib import Path
import train
text, output = sys.argv[1:]
arguments = ["--corpus", text, "--recipe", "tiny", "--epochs", "1", "--early-snapshots", "1"]
sys.exit(train.main([*arguments, "--output", output, "--track", "trackio"]))
"""


def test_trackio_is_told_of_a_run(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("the cat sat on the mat, and the dog. " * 200, encoding="utf-8")
    env = environment(tmp_path, TRACKIO_DIR=str(tmp_path / "trackio"), HF_HUB_OFFLINE="1")
    run("-c", TRACKIO, str(text), str(tmp_path / "out"), env=env).check()
    assert any("textgen" in path.name for path in (tmp_path / "trackio").rglob("*"))


def test_what_is_not_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="known are"), tracked(["wandb"], tmp_path / "out"):
        pass


def test_what_is_not_installed_is_named_with_the_remedy(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['trackio'] = None\n"
        "from pathlib import Path; from textgen.tracking import tracked\n"
        "with tracked(['trackio'], Path('out')): pass"
    )
    done = run("-c", script, env=environment(tmp_path))
    assert done.status != 0
    assert "pip install trackio" in done.err
