"""`timeline.json`: writing and reading it, and finding snapshots in it."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from tests.support.letters import INDEX_FACTS
from tests.support.manifests import changed, read
from textgen.errors import TextGenError, TimelineError
from textgen.manifest.records import epoch_label
from textgen.manifest.schema import Manifest
from textgen.text.corpus_index import MAX_WORDS

# Reading and writing


def test_it_survives_the_round_trip(timeline_directory: Path) -> None:
    data = (timeline_directory / "timeline.json").read_bytes()
    manifest = Manifest.from_json(data)
    assert manifest.to_json() == data
    assert Manifest.read(timeline_directory) == manifest
    assert manifest.model.lstm_units == (7, 4)
    assert manifest.preparation.lowercase is True
    assert [snapshot.loss for snapshot in manifest.snapshots] == [None, 1.625, 1.875]
    assert manifest.snapshots[2].samples == {"0.5": "a cab\n", "1": "🙂 é"}


def test_a_manifest_from_before_there_were_indexes_names_none(form: Any) -> None:
    assert read(form).corpus_index == INDEX_FACTS
    assert read(changed(form, ("corpus_index",), None)).corpus_index is None
    del form["corpus_index"]
    assert read(form).corpus_index is None


def test_a_manifest_from_before_indexes_had_words_counts_none(form: Any) -> None:
    assert read(form).corpus_index == INDEX_FACTS
    assert INDEX_FACTS.words == 101
    for words in (None, 0, MAX_WORDS):
        facts = read(changed(form, ("corpus_index", "words"), words)).corpus_index
        assert facts == dataclasses.replace(INDEX_FACTS, words=words)
    del form["corpus_index"]["words"]
    assert read(form).corpus_index == dataclasses.replace(INDEX_FACTS, words=None)


def test_the_file_names_the_best_step_for_readers_without_this_package(form: Any) -> None:
    assert form["format_version"] == 1
    assert form["best_step"] == 3


def test_the_best_has_the_lowest_validation_loss_whatever_the_file_says(form: Any) -> None:
    form["best_step"] = 10
    assert read(form).best.step == 3


def test_of_equally_good_snapshots_the_earliest_is_best(form: Any) -> None:
    assert read(changed(form, ("snapshots", 2, "val_loss"), 1.5)).best.step == 3


@pytest.mark.parametrize(("patience", "finished"), [(1, True), (2, False), (None, False)])
def test_it_is_finished_when_patience_runs_out(
    form: Any, patience: int | None, finished: bool
) -> None:
    unfinished = changed(form, ("training", "epochs"), 9)
    form = changed(unfinished, ("training", "patience"), patience)
    losses = [snapshot["val_loss"] for snapshot in form["snapshots"]]
    form["snapshots"][-1]["val_loss"] = min(losses) + 0.1  # the best is the last but one
    form["snapshots"][-2]["val_loss"] = min(losses) / 2
    assert read(form).finished is finished


def test_it_is_finished_when_the_last_snapshot_is_at_the_last_epoch(form: Any) -> None:
    assert read(form).finished
    assert not read(changed(form, ("training", "epochs"), 2)).finished


@pytest.mark.parametrize("name", ["", "x" * 201, "\udce9"], ids=["empty", "long", "surrogate"])
def test_what_could_not_be_read_back_is_not_written(form: Any, name: str) -> None:
    with pytest.raises(TextGenError):
        dataclasses.replace(read(form), name=name).to_json()


# Finding a snapshot


@pytest.mark.parametrize(
    ("wanted", "step"),
    [
        ({}, 3),
        ({"epoch": "best"}, 3),
        ({"epoch": "last"}, 10),
        ({"epoch": 0}, 0),
        ({"epoch": 0.3}, 3),
        ({"epoch": "0.30"}, 3),
        ({"epoch": 1}, 10),
        ({"epoch": "1"}, 10),
        ({"epoch": "1.0"}, 10),
        ({"step": 0}, 0),
        ({"step": 10}, 10),
    ],
    ids=str,
)
def test_a_snapshot_is_found(form: Any, wanted: dict[str, Any], step: int) -> None:
    assert read(form).find(**wanted).step == step


def test_an_epoch_is_found_as_it_is_displayed(form: Any) -> None:
    early = read(changed(form, ("snapshots", 1, "epoch"), 0.1111))
    assert early.snapshots[1].label == "0.11"
    assert early.find(epoch="0.11").step == early.find(epoch=0.1111).step == 3


@pytest.mark.parametrize(
    "wanted",
    [
        {"epoch": 2},
        {"epoch": "first"},
        {"epoch": ""},
        {"epoch": float("nan")},
        {"epoch": float("inf")},
        {"epoch": "-0.3"},
        {"epoch": [1]},
        {"step": 1},
        {"step": -1},
        {"step": "3"},
    ],
    ids=str,
)
def test_a_missing_snapshot_is_refused_with_those_there_are(
    form: Any, wanted: dict[str, Any]
) -> None:
    known = "0, 3, 10" if "step" in wanted else "best, last, 0, 0.3, 1"
    with pytest.raises(TimelineError, match=rf"by hand has no snapshot at .*; it has {known}\."):
        read(form).find(**wanted)


def test_step_and_epoch_together_are_refused(form: Any) -> None:
    with pytest.raises(TimelineError, match="Received both step and epoch"):
        read(form).find(step=0, epoch="best")


@pytest.mark.parametrize(
    ("epoch", "label"), [(0, "0"), (0.0123, "0.012"), (1 / 3, "0.33"), (1, "1"), (120.0, "120")]
)
def test_epochs_are_displayed_short(epoch: float, label: str) -> None:
    assert epoch_label(epoch) == label


def test_an_epoch_that_is_almost_over_is_not_displayed_as_over() -> None:
    assert epoch_label(0.996) != epoch_label(1)
