"""Loading a generator from a timeline's files, and refusing bad ones."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from textgen.errors import HubError, TimelineError
from textgen.network.engine import Engine
from textgen.text.preparation import Preparation
from textgen.text.vocabulary import Vocabulary
from textgen.timeline.generator import TextGenerator


@pytest.mark.parametrize(
    ("wanted", "step"),
    [
        ({}, 3),
        ({"epoch": "last"}, 10),
        ({"epoch": 0.3}, 3),
        ({"epoch": "0"}, 0),
        ({"step": 10}, 10),
    ],
    ids=str,
)
def test_a_snapshot_is_loaded_from_a_directory(
    timeline_directory: Path, wanted: dict[str, Any], step: int
) -> None:
    generator = TextGenerator.from_pretrained(timeline_directory, **wanted)
    path = timeline_directory / "snapshots" / f"step-{step:07d}.weights.h5"
    expected = Engine.from_file(path, generator.config).logits(generator.vocabulary.encode("bad"))
    np.testing.assert_array_equal(generator.logits("bad"), expected)
    assert generator.vocabulary.characters == tuple("\n abcdé🙂")
    assert generator.prepare("BAD")[0] == "bad"


def test_a_directory_may_be_a_string_or_relative(
    timeline_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = TextGenerator.from_pretrained(str(timeline_directory)).generate(length=9, seed=1)
    monkeypatch.chdir(timeline_directory.parent)
    assert TextGenerator.from_pretrained("timeline").generate(length=9, seed=1) == text


def test_an_unknown_epoch_is_refused(timeline_directory: Path) -> None:
    with pytest.raises(TimelineError, match="no snapshot at epoch '7'"):
        TextGenerator.from_pretrained(timeline_directory, epoch=7)


BEST = "snapshots/step-0000003.weights.h5"


@pytest.fixture
def altered(timeline_directory: Path) -> Iterator[Path]:
    """The best snapshot's file, for the test to alter. The other snapshots must still load."""
    yield timeline_directory / BEST
    assert TextGenerator.from_pretrained(timeline_directory, step=10).generate(length=3)


def test_an_altered_snapshot_is_refused(altered: Path) -> None:
    data = bytearray(altered.read_bytes())
    data[-1] ^= 1
    altered.write_bytes(data)
    with pytest.raises(TimelineError, match="is not the file its manifest names: SHA-256 "):
        TextGenerator.from_pretrained(altered.parents[1])


def test_a_truncated_snapshot_is_refused(altered: Path) -> None:
    data = altered.read_bytes()
    altered.write_bytes(data[:-1])
    with pytest.raises(TimelineError, match=f"has {len(data) - 1:,} bytes.*says {len(data):,}"):
        TextGenerator.from_pretrained(altered.parents[1])


def test_another_snapshots_file_is_refused(altered: Path) -> None:
    shutil.copy(altered.with_name("step-0000000.weights.h5"), altered)
    with pytest.raises(TimelineError, match="is not the file its manifest names"):
        TextGenerator.from_pretrained(altered.parents[1])


@pytest.mark.parametrize("replaced", [False, True])
def test_a_missing_snapshot_is_refused(altered: Path, replaced: bool) -> None:
    altered.unlink()
    if replaced:
        altered.mkdir()
    with pytest.raises(TimelineError, match=r"step-0000003\.weights\.h5 is missing"):
        TextGenerator.from_pretrained(altered.parents[1])


def test_a_snapshot_of_the_wrong_shape_is_refused(timeline_directory: Path) -> None:
    path = timeline_directory / "timeline.json"
    form = json.loads(path.read_bytes())
    form["model"]["lstm_units"] = [4, 7]
    path.write_text(json.dumps(form))
    with pytest.raises(
        TimelineError, match=r"Cannot read the weights .*expected float16 or float32"
    ):
        TextGenerator.from_pretrained(timeline_directory)


@pytest.mark.parametrize("characters", ["\n abcdé", "\n abcdéf", "\n abcdé🙂!"])
def test_another_timelines_vocabulary_is_refused(timeline_directory: Path, characters: str) -> None:
    other = Vocabulary.from_text(characters, Preparation(lowercase=True))
    (timeline_directory / "vocabulary.json").write_text(other.to_json())
    with pytest.raises(TimelineError, match="is not the vocabulary this timeline was trained with"):
        TextGenerator.from_pretrained(timeline_directory)


def test_a_vocabulary_with_other_preprocessing_is_refused(timeline_directory: Path) -> None:
    (timeline_directory / "vocabulary.json").write_text(
        Vocabulary.from_text("\n abcdé🙂").to_json()
    )
    with pytest.raises(TimelineError, match="is not the vocabulary this timeline was trained with"):
        TextGenerator.from_pretrained(timeline_directory)


def test_a_missing_vocabulary_is_refused(timeline_directory: Path) -> None:
    (timeline_directory / "vocabulary.json").unlink()
    with pytest.raises(TimelineError, match=r"Cannot read .*vocabulary\.json: No such file"):
        TextGenerator.from_pretrained(timeline_directory)


def test_a_malformed_vocabulary_is_a_malformed_timeline(timeline_directory: Path) -> None:
    (timeline_directory / "vocabulary.json").write_text("{}")
    with pytest.raises(TimelineError, match=r"vocabulary\.json"):
        TextGenerator.from_pretrained(timeline_directory)


def test_a_directory_that_is_not_a_timeline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TimelineError, match="is not a timeline"):
        TextGenerator.from_pretrained(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "nowhere",
        "./nowhere/at/all",
        "a\0b",
        *(name for name in ("x" * 5000, "~nobody-of-this-name/x")),
    ],
    ids=lambda name: repr(name)[:20],
)
def test_a_name_that_is_neither_directory_nor_repository_is_refused(name: str) -> None:
    with pytest.raises(HubError, match="there is no such directory"):
        TextGenerator.from_pretrained(name)


def test_a_directory_has_no_revision(timeline_directory: Path) -> None:
    with pytest.raises(HubError, match="only Hub repositories have revisions"):
        TextGenerator.from_pretrained(timeline_directory, revision="main")
