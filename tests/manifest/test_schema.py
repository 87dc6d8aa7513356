"""`timeline.json`: what a timeline says of itself, and what is not believed."""

import copy
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.letters import INDEX_FACTS
from textgen.errors import TextGenError, TimelineError
from textgen.manifest import schema as manifest
from textgen.manifest.paths import snapshot_file
from textgen.manifest.schema import Manifest, epoch_label
from textgen.text.corpus_index import MAX_NGRAMS, MAX_WORDS

Place = tuple[str | int, ...]


@pytest.fixture
def form(timeline_directory: Path) -> Any:
    """A good manifest as plain data."""
    return json.loads((timeline_directory / "timeline.json").read_bytes())


def read(form: Any) -> Manifest:
    return Manifest.from_json(json.dumps(form).encode())


def changed(form: Any, place: Place, value: Any) -> Any:
    """Return a copy of a form with another value at a place."""
    root = {"": copy.deepcopy(form)}
    node: Any = root
    key: str | int = ""
    for part in place:
        node, key = node[key], part
    node[key] = value
    return root[""]


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


def test_a_manifest_from_before_indexes_held_words_counts_none(form: Any) -> None:
    assert read(form).corpus_index == INDEX_FACTS
    assert INDEX_FACTS.words == 101
    for words in (None, 0, MAX_WORDS):
        facts = read(changed(form, ("corpus_index", "words"), words)).corpus_index
        assert facts == dataclasses.replace(INDEX_FACTS, words=words)
    del form["corpus_index"]["words"]
    assert read(form).corpus_index == dataclasses.replace(INDEX_FACTS, words=None)


def test_readers_without_this_package_are_told_the_best_step(form: Any) -> None:
    assert form["format_version"] == 1
    assert form["best_step"] == 3


def test_the_best_is_the_lowest_held_out_loss_whatever_the_file_says(form: Any) -> None:
    form["best_step"] = 10
    assert read(form).best.step == 3


def test_of_equally_good_snapshots_the_earliest_is_best(form: Any) -> None:
    assert read(changed(form, ("snapshots", 2, "val_loss"), 1.5)).best.step == 3


@pytest.mark.parametrize(("patience", "finished"), [(1, True), (2, False), (None, False)])
def test_it_is_finished_when_patience_is_at_an_end(
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


def test_an_epoch_is_found_as_it_is_shown(form: Any) -> None:
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
def test_what_is_not_there_is_refused_with_what_is(form: Any, wanted: dict[str, Any]) -> None:
    known = "0, 3, 10" if "step" in wanted else "best, last, 0, 0.3, 1"
    with pytest.raises(TimelineError, match=rf"by hand has no snapshot at .*; it has {known}\."):
        read(form).find(**wanted)


def test_step_and_epoch_together_are_refused(form: Any) -> None:
    with pytest.raises(TimelineError, match="not by both"):
        read(form).find(step=0, epoch="best")


@pytest.mark.parametrize(
    ("epoch", "label"), [(0, "0"), (0.0123, "0.012"), (1 / 3, "0.33"), (1, "1"), (120.0, "120")]
)
def test_epochs_are_shown_short(epoch: float, label: str) -> None:
    assert epoch_label(epoch) == label


def test_an_epoch_almost_over_is_not_shown_as_over() -> None:
    assert epoch_label(0.996) != epoch_label(1)


# A manifest from a stranger


def test_a_newer_format_asks_for_an_upgrade(form: Any) -> None:
    form["format_version"] = 2
    form["snapshots"] = "something new"
    with pytest.raises(TimelineError, match=r"format version 2; .* reads up to 1\. Upgrade"):
        read(form)


@pytest.mark.parametrize("version", [0, -1, "1", 1.5, None, [1]])
def test_a_format_that_never_was_is_refused(form: Any, version: Any) -> None:
    with pytest.raises(TimelineError, match="format_version"):
        read(changed(form, ("format_version",), version))


@pytest.mark.parametrize(
    "place",
    [
        ("name",),
        ("format_version",),
        ("corpus",),
        ("corpus", "sha256"),
        ("recipe",),
        ("preparation",),
        ("model",),
        ("model", "vocab_size"),
        ("training",),
        ("vocabulary_sha256",),
        ("sample_settings", "seed_text"),
        ("software",),
        ("snapshots",),
        ("snapshots", 1, "step"),
        ("snapshots", 1, "file"),
        ("snapshots", 1, "sha256"),
        ("snapshots", 1, "size"),
        ("snapshots", 1, "loss"),
        ("snapshots", 1, "samples"),
        ("corpus_index", "ngram_size"),
        ("corpus_index", "ngrams"),
        ("corpus_index", "sha256"),
    ],
    ids=lambda place: ".".join(map(str, place)),
)
def test_a_missing_field_is_named(form: Any, place: Place) -> None:
    node = form
    for part in place[:-1]:
        node = node[part]
    del node[place[-1]]
    with pytest.raises(TimelineError, match=str(place[-1])) as caught:
        read(form)
    assert isinstance(caught.value, TextGenError)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("snapshots",), [], "snapshots"),
        (("snapshots", 1, "file"), "../../etc/passwd", "must be snapshots/step-0000003"),
        (("snapshots", 1, "file"), "/etc/passwd", "must be snapshots/step-0000003"),
        (("snapshots", 1, "file"), "snapshots/../vocabulary.json", "must be snapshots/"),
        (("snapshots", 1, "file"), snapshot_file(10), "must be snapshots/step-0000003"),
        (("snapshots", 1, "size"), 2**40, "claims 1,099,511,627,776 bytes"),
        (("snapshots", 1, "size"), -1, "size"),
        (("snapshots", 1, "sha256"), "A" * 64, "sha256"),
        (("snapshots", 1, "sha256"), "a" * 63, "sha256"),
        (("snapshots", 1, "sha256"), "a" * 64 + "\n", "sha256"),
        (("snapshots", 1, "val_loss"), float("nan"), "val_loss"),
        (("snapshots", 1, "val_loss"), float("inf"), "val_loss"),
        (("snapshots", 1, "loss"), float("-inf"), "loss"),
        (("snapshots", 1, "epoch"), "0.3", "epoch"),
        (("snapshots", 1, "step"), 3.5, "step"),
        (("snapshots", 1, "step"), True, "step"),
        (("snapshots", 1, "samples"), {"x" * 21: "text"}, "samples"),
        (("snapshots", 1, "samples"), {"1": None}, "samples"),
        (("name",), "", "name"),
        (("name",), "x" * 201, "name"),
        (("model", "vocab_size"), 10**9, "vocab_size"),
        (("model", "lstm_units"), [], "lstm_units"),
        (("model", "lstm_units"), [9, "8"], "lstm_units"),
        (("model", "dropout"), float("nan"), "dropout"),
        (("training", "epochs"), 0, "epochs"),
        (("preparation", "lowercase"), "yes", "lowercase"),
        (("corpus", "characters"), 2**53, "characters"),
        (("vocabulary_sha256",), None, "vocabulary_sha256"),
        (("corpus_index",), [], "corpus_index"),
        (("corpus_index", "ngrams"), -1, "ngrams"),
        (("corpus_index", "ngrams"), MAX_NGRAMS + 1, "ngrams"),
        (("corpus_index", "ngrams"), 10**12, "ngrams"),
        (("corpus_index", "ngrams"), 881.5, "ngrams"),
        (("corpus_index", "ngrams"), "881", "ngrams"),
        (("corpus_index", "ngrams"), True, "ngrams"),
        (("corpus_index", "words"), -1, "words"),
        (("corpus_index", "words"), MAX_WORDS + 1, "words"),
        (("corpus_index", "words"), 10**12, "words"),
        (("corpus_index", "words"), 100.5, "words"),
        (("corpus_index", "words"), "101", "words"),
        (("corpus_index", "words"), True, "words"),
        (("corpus_index", "ngram_size"), 7, "ngram_size"),
        (("corpus_index", "ngram_size"), "19", "ngram_size"),
        (("corpus_index", "ngram_size"), None, "ngram_size"),
        (("corpus_index", "sha256"), "A" * 64, "sha256"),
        (("corpus_index", "sha256"), "a" * 63, "sha256"),
        (("corpus_index", "sha256"), "a" * 64 + "\n", "sha256"),
    ],
    ids=repr,
)
def test_a_field_that_cannot_be_is_refused(
    form: Any, place: Place, value: Any, message: str
) -> None:
    with pytest.raises(TimelineError, match=message):
        read(changed(form, place, value))


@pytest.mark.parametrize("counts", [(0, 0, 0), (100, 100, 0), (100, 0, 100), (101, 90, 10)])
def test_a_corpus_has_what_its_two_parts_have(form: Any, counts: tuple[int, ...]) -> None:
    names = ("characters", "train_characters", "held_out_characters")
    form["corpus"] |= dict(zip(names, counts, strict=True))
    with pytest.raises(TimelineError, match=rf"corpus: .* {counts[0]} characters cannot have"):
        read(form)


def test_snapshots_out_of_order_are_refused(form: Any) -> None:
    form["snapshots"].reverse()
    with pytest.raises(
        TimelineError, match=r"in the order of their steps .* after step 10, epoch 1 comes step 3"
    ):
        read(form)


def test_two_snapshots_at_one_step_are_refused(form: Any) -> None:
    form["snapshots"].insert(1, form["snapshots"][1])
    with pytest.raises(TimelineError, match="in the order of their steps"):
        read(form)


def test_two_snapshots_of_the_same_weights_are_refused(form: Any) -> None:
    twin = changed(form, ("snapshots", 2, "sha256"), form["snapshots"][0]["sha256"])
    with pytest.raises(TimelineError, match="at steps 0 and 10 hold the same weights"):
        read(twin)


@pytest.mark.parametrize("epoch", [1.0, 7.0])
def test_epochs_that_repeat_or_run_backwards_are_refused(form: Any, epoch: float) -> None:
    with pytest.raises(TimelineError, match="epoch"):
        read(changed(form, ("snapshots", 1, "epoch"), epoch))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not JSON",
        b"{",
        b"null",
        b"1",
        b"[]",
        b'["format_version"]',
        b"{}",
        b"\xff\xfe{}",
        b'{"format_version": 1}',
        b'{"format_version": NaN}',
        b'{"format_version": %s}' % (b"9" * 10_000),
        b"[" * 100_000,
        b'{"format_version": 1, "name": %s' % (b'{"name":' * 100_000),
    ],
    ids=lambda data: repr(data[:24]),
)
def test_what_is_no_manifest_at_all_is_refused(data: bytes) -> None:
    with pytest.raises(TimelineError, match=r"timeline\.json is not a timeline's manifest"):
        Manifest.from_json(data)


def places(node: Any, place: Place = ()) -> Iterator[Place]:
    """Give the place of every value in plain data."""
    yield place
    items = (
        enumerate(node)
        if isinstance(node, list)
        else node.items()
        if isinstance(node, dict)
        else ()
    )
    for key, value in items:
        yield from places(value, (*place, key))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -1,
        0.5,
        2**63,
        1e308,
        float("nan"),
        float("-inf"),
        "",
        "\ud800",
        "../x",
        "x" * 200_000,
        [],
        [[]],
        {},
        {"step": None},
        10**400,
    ],
    ids=lambda value: repr(value)[:12],
)
def test_any_value_anywhere_is_read_or_refused(form: Any, value: Any) -> None:
    for place in places(form):
        try:
            assert isinstance(read(changed(form, place, value)), Manifest)
        except TimelineError as error:
            assert "\n" not in str(error), "an error is one line"


# Files


def test_a_directory_without_a_manifest_is_not_a_timeline(tmp_path: Path) -> None:
    with pytest.raises(TimelineError, match=r"is not a timeline: timeline\.json cannot be read"):
        Manifest.read(tmp_path)
    (tmp_path / "timeline.json").mkdir()
    with pytest.raises(TimelineError, match=r"is not a timeline: timeline\.json cannot be read"):
        Manifest.read(tmp_path)


def test_a_manifest_too_large_is_not_even_parsed(
    timeline_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = (timeline_directory / "timeline.json").stat().st_size
    monkeypatch.setattr(manifest, "MAX_MANIFEST_BYTES", size)
    Manifest.read(timeline_directory)
    monkeypatch.setattr(manifest, "MAX_MANIFEST_BYTES", size - 1)
    with pytest.raises(TimelineError, match="is larger than"):
        Manifest.read(timeline_directory)
