"""What the page answers while a model is in training, and where another is chosen."""

import shutil
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from tests.support.handlers import SKIPPED, Harness, expected, harness_of, text
from tests.support.timelines import grow
from textgen import Timeline


def changed_model(harness: Harness, model: Any) -> Any:
    values = {harness.components.model: model, harness.components.curve: {"model": "letters"}}
    return harness.handlers.change_model(values)


def test_another_model_begins_with_a_prompt_of_its_own(harness: Harness) -> None:
    filled = harness.shown(changed_model(harness, "letters (2)"))
    assert filled["model"] == "letters (2)"
    assert filled["curve"]["epoch"] == "1"
    assert filled["seed_text"] == "a bad "
    assert set(filled) == {"model", "about", "curve", "prompts", "newest", "seed_text"}
    others: list[Any] = ["<b>", None, []]
    for model in others:
        with pytest.raises(gr.Error, match="There is no model"):
            changed_model(harness, model)


def test_a_model_that_was_only_passed_over_stays_as_it_is(harness: Harness) -> None:
    assert changed_model(harness, "letters") == SKIPPED


def polled(harness: Harness, newest: str, epoch: str, **changes: Any) -> Any:
    values = {**harness.values(epoch, **changes), harness.components.newest: newest}
    filled = harness.handlers.poll(values)
    return filled if filled == SKIPPED else harness.shown(filled)


@pytest.fixture
def directory(timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A timeline in training, which is looked at whenever the page asks."""
    monkeypatch.setattr("textgen.service.models.POLL_SECONDS", 0.0)
    return shutil.copytree(timeline.directory, tmp_path / "growing")


def test_a_poll_offers_what_is_new_and_keeps_what_is_chosen(
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
    assert "Training has come to epoch 1" in offered["about"]
    passage = offered["output"]
    assert passage["request_id"] == 12
    assert {step: text(passage, int(step)) for step in passage["texts"]} == {
        str(step): expected(timeline, step) for step in (0, 50, 100)
    }
    assert polled(harness, offered["newest"], "0") == SKIPPED


def test_a_poll_of_another_run_shows_its_best(timeline: Timeline, directory: Path) -> None:
    grow(directory, timeline, 3)
    harness = harness_of(Timeline.from_pretrained(directory))
    grow(directory, timeline, 1)  # another run's first snapshot, where epoch 0.5 was chosen
    offered = polled(harness, "another", "0.5")
    assert offered["curve"]["epoch"] == "0"
    assert text(offered["output"], 0) == expected(timeline, 0)
    assert list(offered["output"]["texts"]) == ["0"]


def test_what_goes_wrong_in_a_poll_bothers_nobody(harness: Harness) -> None:
    assert polled(harness, "another", "best", length=10**9) == SKIPPED
    assert polled(harness, "another", "best", model="gone") == SKIPPED
