"""What the handlers return while a model is in training, and when another model is chosen."""

import shutil
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from tests.support.handlers import SKIPPED, Harness, expected, harness_of, text
from tests.support.timelines import grow
from textgen import Timeline


def changed_model(harness: Harness, model: Any) -> Any:
    return harness.handlers.change_model({harness.components.model: model})


def test_another_model_starts_with_its_own_prompt(harness: Harness) -> None:
    filled = harness.shown(changed_model(harness, "letters (2)"))
    assert filled["model"] == "letters (2)"
    assert filled["curve"]["epoch"] == "1"
    assert filled["seed_text"] == "a bad "
    assert set(filled) == {"model", "about", "curve", "prompts", "newest", "seed_text"}
    others: list[Any] = ["<b>", None, []]
    for model in others:
        with pytest.raises(gr.Error, match="There is no model"):
            changed_model(harness, model)


def polled(harness: Harness, newest: str, epoch: str, **changes: Any) -> Any:
    values = {**harness.values(epoch, **changes), harness.components.newest: newest}
    filled = harness.handlers.poll(values)
    return filled if filled == SKIPPED else harness.shown(filled)


@pytest.fixture
def directory(timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A timeline in training; every poll of the page looks for new snapshots."""
    monkeypatch.setattr("textgen.service.models.POLL_SECONDS", 0.0)
    return shutil.copytree(timeline.directory, tmp_path / "growing")


def test_a_poll_shows_new_snapshots_and_keeps_the_chosen_one(
    timeline: Timeline, directory: Path
) -> None:
    grow(directory, timeline, 2)
    harness = harness_of(Timeline.from_pretrained(directory))
    second = timeline.snapshots[1].sha256
    assert polled(harness, second, "0") == SKIPPED
    grow(directory, timeline, 3)
    offered = polled(harness, second, "0")
    assert offered["curve"]["epoch"] == "0"
    assert len(offered["curve"]["snapshots"]) == 3
    assert offered["newest"] == timeline.snapshots[2].sha256
    assert "Training is at epoch 1 of 2" in offered["about"]
    passage = offered["output"]
    assert passage["request_id"] == 12
    assert {step: text(passage, int(step)) for step in passage["texts"]} == {
        str(step): expected(timeline, step) for step in (0, 50, 100)
    }
    assert polled(harness, offered["newest"], "0") == SKIPPED


def test_a_poll_after_another_training_run_shows_its_best_snapshot(
    timeline: Timeline, directory: Path
) -> None:
    grow(directory, timeline, 3)
    harness = harness_of(Timeline.from_pretrained(directory))
    grow(directory, timeline, 1)  # another run, so far without the chosen epoch 0.5
    offered = polled(harness, "another", "0.5")
    assert offered["curve"]["epoch"] == "0"
    assert text(offered["output"], 0) == expected(timeline, 0)
    assert list(offered["output"]["texts"]) == ["0"]


def test_errors_in_a_poll_are_not_shown(harness: Harness) -> None:
    assert polled(harness, "another", "best", length=10**9) == SKIPPED
    assert polled(harness, "another", "best", model="gone") == SKIPPED
