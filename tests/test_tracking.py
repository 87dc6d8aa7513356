"""Measurements for the programs by which people follow training."""

import contextlib
import dataclasses
import json
import sqlite3
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.processes import environment, run
from textgen import Timeline
from textgen.errors import ConfigError
from textgen.layout import snapshot_file
from textgen.manifest import Snapshot
from textgen.tracking import Tracking

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
        with Tracking(["tensorboard"], output, resume=step > 3) as tracking:
            tracking.tell(dataclasses.replace(SNAPSHOT, step=step, file=snapshot_file(step)))
    events = EventAccumulator(f"{output}.tensorboard").Reload()
    expected = {"held-out nats": 2.0, "held-out bits": 2.885, "training nats": 2.5, "seconds": 1.5}
    for name, value in expected.items():
        told = events.Tensors(name)
        assert [event.step for event in told] == [3, 6]
        assert [event.tensor_proto.float_val[0] for event in told] == pytest.approx([value] * 2)


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
    (database,) = (tmp_path / "trackio").glob("textgen*.db")
    with contextlib.closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("select step, metrics from metrics order by step").fetchall()
    snapshots = Timeline.from_pretrained(tmp_path / "out").snapshots
    assert [step for step, _ in rows] == [snapshot.step for snapshot in snapshots]
    assert json.loads(rows[-1][1])["held-out nats"] == snapshots[-1].val_loss


def test_what_is_not_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="known are"):
        Tracking(["wandb"], tmp_path / "out", resume=False)


def test_what_is_not_installed_is_named_with_the_remedy(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['trackio'] = None\n"
        "from pathlib import Path; from textgen.tracking import Tracking\n"
        "Tracking(['trackio'], Path('out'), resume=False)"
    )
    done = run("-c", script, env=environment(tmp_path))
    assert done.status != 0
    assert "pip install trackio" in done.err
