"""The bundled timelines and their order."""

import shutil
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from textgen.timeline import bundled
from textgen.timeline.bundled import bundled_timelines


@pytest.fixture
def pretrained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "pretrained"
    directory.mkdir()
    monkeypatch.setattr(bundled, "BUNDLED", directory)
    return directory


def test_the_timelines_are_shown_in_a_fixed_order(
    pretrained: Path, timeline_directory: Path
) -> None:
    for name in ("zen", "alice", "shakespeare", "nietzsche", "bible"):
        shutil.copytree(timeline_directory, pretrained / name)
    (pretrained / "draft").mkdir()
    (pretrained / "file").touch()
    names = [directory.name for directory in bundled_timelines()]
    assert names == ["shakespeare", "nietzsche", "alice", "bible", "zen"]
    shutil.rmtree(pretrained / "nietzsche")
    assert [directory.name for directory in bundled_timelines()][:2] == ["shakespeare", "alice"]


def test_without_a_clone_there_are_none(pretrained: Path) -> None:
    assert bundled_timelines() == []
    pretrained.rmdir()
    assert bundled_timelines() == []


def test_a_clone_has_some() -> None:
    found = bundled_timelines()
    assert set(found) == {path.parent for path in (ROOT / "pretrained").glob("*/timeline.json")}
    assert found
