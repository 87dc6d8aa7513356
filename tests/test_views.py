"""What the page shows, as words and HTML."""

import dataclasses
import re
from pathlib import Path

from tests.timelines import HOSTILE, VOCABULARY, hostile_manifest, manifest_of
from textgen import Timeline, Vocabulary, views
from textgen.hub import Place
from textgen.preparation import Preparation

NOWHERE = Place(directory=Path("unread"))


def test_readings_are_words() -> None:
    first, early, one, later = manifest_of((0, 0.037, 1, 2)).snapshots
    assert views.readings(first) == "before reading anything"
    assert views.readings(early) == "after 3.7 % of one reading"
    assert views.readings(one) == "after 1 reading"
    assert views.readings(later) == "after 2 readings"


def test_stages_step_down_the_loss_evenly_from_the_first_to_the_best() -> None:
    manifest = manifest_of(
        (0, 0.1, 0.2, 0.3, 1, 2, 3), val_losses=(4.0, 3.99, 3.98, 2.8, 2.0, 1.0, 1.5)
    )
    assert [s.val_loss for s in views.stages(manifest, 3)] == [4.0, 2.0, 1.0]
    assert [s.val_loss for s in views.stages(manifest, 5)] == [4.0, 2.8, 2.0, 1.0]
    assert [s.val_loss for s in views.stages(manifest_of((0,), val_losses=(4.0,)), 6)] == [4.0]


def test_the_curve_marks_one_snapshot_and_says_it_in_words() -> None:
    manifest = manifest_of()
    svg = views.learning_curve(manifest, manifest.snapshots[1])
    assert svg.count("class='dot'") == 3
    assert svg.count("class='chosen'") == 1
    assert "chosen: epoch 0.5, 2.89" in svg
    heights = [
        float(y) for y in re.findall(r"class='(?:dot|chosen)' cx='[\d.]+' cy='([\d.]+)'", svg)
    ]
    assert heights[0] < heights[1] < heights[3] < heights[2]  # lower on the page is a lower loss


def test_a_curve_of_one_snapshot_can_be_drawn() -> None:
    manifest = manifest_of((0,), val_losses=(2.0,))
    assert "class='chosen'" in views.learning_curve(manifest, manifest.best)


def test_nothing_from_a_timeline_becomes_markup() -> None:
    manifest = hostile_manifest()
    timeline = Timeline(manifest, VOCABULARY, NOWHERE)
    html = (
        views.summary(timeline)
        + views.learning_curve(manifest, manifest.best)
        + views.stage_cards([(manifest.best, HOSTILE)], HOSTILE, manifest.best)
    )
    assert "<img" not in html
    assert "</style>" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


def test_openings_are_those_the_model_can_read() -> None:
    manifest = manifest_of()
    characters = Vocabulary.from_text("once upon a time ")
    timeline = Timeline(manifest, characters, NOWHERE)
    assert views.openings(timeline) == ["a a ", "once upon a time "]
    foreign = Timeline(manifest, Vocabulary.from_text("xyz"), NOWHERE)
    assert views.openings(foreign) == ["x"]


def test_what_was_changed_in_an_opening_is_said() -> None:
    vocabulary = Vocabulary.from_text("abc ", Preparation(lowercase=True))
    assert views.seed_notes("abc", {}, vocabulary) == []
    assert "'x' 2" in views.seed_notes("xabcx", {"x": 2}, vocabulary)[0]
    assert "Capitals" in views.seed_notes("Abc", {}, vocabulary)[0]
    as_it_is = dataclasses.replace(vocabulary, preparation=Preparation())
    assert views.seed_notes("Abc", {}, as_it_is) == []
