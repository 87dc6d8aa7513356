"""Logging to experiment trackers."""

import contextlib
import json
import math
import sqlite3
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.support.processes import environment, run
from tests.support.timelines import snapshot_of
from textgen import Timeline
from textgen.errors import ConfigError
from textgen.training.tracking import Tracking

pytestmark = pytest.mark.slow


def test_tensorboard_shows_a_run_and_its_resumption(tmp_path: Path) -> None:
    output = tmp_path / "out"
    for epoch in (1, 2):
        with Tracking(["tensorboard"], output, resume=epoch > 1) as tracking:
            tracking.log(snapshot_of(epoch, 2.0 / epoch))
    events = EventAccumulator(f"{output}.tensorboard").Reload()
    expected = {
        "validation nats": [2.0, 1.0],
        "validation bits": [2.0 / math.log(2), 1.0 / math.log(2)],
        "training nats": [2.125, 1.125],
        "epoch": [1.0, 2.0],
        "seconds": [60.0, 120.0],
    }
    for name, values in expected.items():
        logged = events.Tensors(name)
        assert [event.step for event in logged] == [100, 200]
        assert [event.tensor_proto.float_val[0] for event in logged] == pytest.approx(values)


def test_trackio_shows_a_run(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("the cat sat on the mat, and the dog. " * 200, encoding="utf-8")
    env = environment(tmp_path, TRACKIO_DIR=str(tmp_path / "trackio"), HF_HUB_OFFLINE="1")
    arguments = [
        "--recipe",
        "tiny",
        "--epochs",
        "1",
        "--early-snapshots",
        "1",
        "--track",
        "trackio",
    ]
    arguments += ["--corpus", str(text), "--output", str(tmp_path / "out")]
    run("train.py", *arguments, env=env).check()
    (database,) = (tmp_path / "trackio").glob("textgen*.db")
    with contextlib.closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("select step, metrics from metrics order by step").fetchall()
    snapshots = Timeline.from_pretrained(tmp_path / "out").snapshots
    assert [step for step, _ in rows] == [snapshot.step for snapshot in snapshots]
    assert json.loads(rows[-1][1])["validation nats"] == snapshots[-1].val_loss


def test_an_unknown_tracker_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"Unknown trackers \['wandb'\]\. Choose from: \['tensorboard'"
    ):
        Tracking(["wandb"], tmp_path / "out", resume=False)


def test_a_tracker_that_is_not_installed_is_refused_with_the_remedy(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['trackio'] = None\n"
        "from pathlib import Path; from textgen.training.tracking import Tracking\n"
        "Tracking(['trackio'], Path('out'), resume=False)"
    )
    done = run("-c", script, env=environment(tmp_path))
    assert done.status != 0
    assert "pip install trackio" in done.err
