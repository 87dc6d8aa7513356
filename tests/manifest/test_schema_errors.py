"""A manifest from a stranger: each error is one line that names the invalid field."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.manifests import Place, changed, read
from textgen.errors import TextGenError, TimelineError
from textgen.manifest import schema as manifest
from textgen.manifest.paths import snapshot_file
from textgen.manifest.schema import Manifest
from textgen.text.corpus_index import MAX_NGRAMS, MAX_WORDS


def test_a_newer_format_asks_for_an_upgrade(form: Any) -> None:
    form["format_version"] = 2
    form["snapshots"] = "something new"
    with pytest.raises(TimelineError, match=r"format version 2; .* formats up to 1\. Upgrade"):
        read(form)


@pytest.mark.parametrize("version", [0, -1, "1", 1.5, None, [1]])
def test_an_impossible_format_version_is_refused(form: Any, version: Any) -> None:
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
def test_an_invalid_field_is_refused(form: Any, place: Place, value: Any, message: str) -> None:
    with pytest.raises(TimelineError, match=message):
        read(changed(form, place, value))


@pytest.mark.parametrize("counts", [(0, 0, 0), (100, 100, 0), (100, 0, 100), (101, 90, 10)])
def test_the_parts_of_a_corpus_add_up(form: Any, counts: tuple[int, ...]) -> None:
    names = ("characters", "train_characters", "held_out_characters")
    form["corpus"] |= dict(zip(names, counts, strict=True))
    with pytest.raises(TimelineError, match=rf"corpus: .* but {counts[0]} in total; each part"):
        read(form)


def test_snapshots_out_of_order_are_refused(form: Any) -> None:
    form["snapshots"].reverse()
    with pytest.raises(
        TimelineError, match=r"out of order: step 3, epoch 0\.3 follows step 10, epoch 1;"
    ):
        read(form)


def test_two_snapshots_at_one_step_are_refused(form: Any) -> None:
    form["snapshots"].insert(1, form["snapshots"][1])
    with pytest.raises(TimelineError, match="out of order: step 3,"):
        read(form)


def test_unknown_root_files_are_refused(form: Any) -> None:
    form["root_files"] = {"a\nb.py": "0" * 64}
    with pytest.raises(TimelineError, match=r"names \['a\\nb.py'\]; .* config.json and metadata"):
        read(form)


def test_two_snapshots_of_the_same_weights_are_refused(form: Any) -> None:
    twin = changed(form, ("snapshots", 2, "sha256"), form["snapshots"][0]["sha256"])
    with pytest.raises(TimelineError, match="at steps 0 and 10 have the same weights"):
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
def test_data_that_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(TimelineError, match=r"timeline\.json is not a timeline's manifest"):
        Manifest.from_json(data)


def places(node: Any, place: Place = ()) -> Iterator[Place]:
    """Yield the place of every value in plain data."""
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


def test_a_directory_without_a_manifest_is_not_a_timeline(tmp_path: Path) -> None:
    with pytest.raises(TimelineError) as caught:
        Manifest.read(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} is not a timeline: it has no timeline.json. Give the directory that train.py "
        "wrote."
    )
    (tmp_path / "timeline.json").mkdir()
    with pytest.raises(TimelineError, match=r"is not a timeline: timeline\.json cannot be read"):
        Manifest.read(tmp_path)


def test_a_manifest_that_is_too_large_is_not_parsed(
    timeline_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = (timeline_directory / "timeline.json").stat().st_size
    monkeypatch.setattr(manifest, "MAX_MANIFEST_BYTES", size)
    Manifest.read(timeline_directory)
    monkeypatch.setattr(manifest, "MAX_MANIFEST_BYTES", size - 1)
    with pytest.raises(TimelineError, match=r"is larger than .* bytes, the limit"):
        Manifest.read(timeline_directory)
