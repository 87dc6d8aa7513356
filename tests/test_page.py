"""What the page does, without a browser."""

import shutil
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.timelines import grow, manifest_of, write_timeline
from textgen import Timeline
from textgen.errors import SettingsError, TimelineError
from textgen.page import MAX_LENGTH, MAX_SEED_TEXT, Page, Request


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    return write_timeline(tmp_path_factory.mktemp("page") / "letters")


@pytest.fixture(scope="module")
def page(timeline: Timeline) -> Page:
    return Page([timeline])


def test_a_page_needs_a_timeline() -> None:
    with pytest.raises(SettingsError, match="at least one timeline"):
        Page([])


def test_models_of_one_name_are_numbered(timeline: Timeline) -> None:
    assert Page([timeline] * 3).models == ["letters", "letters (2)", "letters (3)"]


def test_writing_grows_from_the_opening_to_the_whole_text(page: Page, timeline: Timeline) -> None:
    request = Request(model="letters", seed_text="a bad ", length=300, seed=5)
    pieces = [text for text, _ in page.write(request, 0.5)]
    assert pieces[-1] == "a bad " + timeline.generator(0.5).generate("a bad ", length=300, seed=5)
    assert all(pieces[-1].startswith(piece) for piece in pieces)


@pytest.mark.parametrize(
    "setting",
    [{"top_k": 2}, {"top_p": 0.5}, {"min_p": 0.5}, {"no_repeat_ngram_size": 2}, {"seed": 9}],
    ids=str,
)
def test_every_setting_reaches_the_generator(
    page: Page, timeline: Timeline, setting: dict[str, Any]
) -> None:
    common: dict[str, Any] = {"temperature": 2.0, "length": 60, "seed": 4}
    texts = []
    for settings in (common, common | setting):
        request = Request(model="letters", seed_text="ab", **settings)
        texts.append([*page.write(request, "best")][-1][0])
        assert texts[-1] == "ab" + timeline.generator().generate("ab", **settings)
    assert texts[0] != texts[1]


def test_a_pace_spreads_the_writing_over_several_pieces(page: Page) -> None:
    request = Request(model="letters", length=200)
    began = time.monotonic()
    pieces = list(page.write(request, "best", pace=500))
    assert time.monotonic() - began > 0.3
    assert len(pieces) > 3
    assert [*page.write(request, "best")][-1] == pieces[-1]


def test_a_long_opening_is_cut_at_its_start_and_that_is_said(
    page: Page, timeline: Timeline
) -> None:
    text, notes = page.opening(
        timeline, Request(model="letters", seed_text="b" + "a" * MAX_SEED_TEXT)
    )
    assert text == "a" * MAX_SEED_TEXT
    assert "1,000" in notes


def test_an_opening_of_nothing_known_becomes_one_of_the_models_own(
    page: Page, timeline: Timeline
) -> None:
    text, notes = page.opening(timeline, Request(model="letters", seed_text="ZZ"))
    assert text == "a bad "
    assert "'Z' 2" in notes
    assert "opening of its own" in notes


def test_stages_show_the_same_opening_for_every_snapshot_picked(page: Page) -> None:
    html = page.stages(Request(model="letters", seed_text="dab "), "best")
    assert html.count("<b>dab </b>") == html.count("<article") >= 3
    assert html.count("class='stage chosen'") == 1


@pytest.mark.parametrize("length", [0, -1, MAX_LENGTH + 1, 1.5, True, "9"])
def test_lengths_out_of_range_are_refused(page: Page, length: int) -> None:
    with pytest.raises(SettingsError, match="length must be"):
        next(page.write(Request(model="letters", length=length), "best"))


def test_what_is_not_there_is_named_with_what_is(page: Page, timeline: Timeline) -> None:
    with pytest.raises(SettingsError, match="no model 'x'; there are 'letters'"):
        page.timeline("x")
    with pytest.raises(TimelineError, match="no snapshot at epoch '9'"):
        next(page.write(Request(model="letters"), 9))
    with pytest.raises(SettingsError, match="seed_text must be a string"):
        page.opening(timeline, Request(model="letters", seed_text=None))  # type: ignore[arg-type]


def test_a_snapshot_altered_on_disk_is_refused(tmp_path: Path) -> None:
    timeline = write_timeline(tmp_path / "letters", manifest_of())
    path = timeline.directory / timeline.best.file
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(TimelineError, match="is not the file its manifest names"):
        list(Page([timeline]).write(Request(model="letters"), "best"))


def grown(tmp_path: Path, timeline: Timeline) -> Path:
    """Return a directory in which training has come to the second snapshot."""
    directory = shutil.copytree(timeline.directory, tmp_path / "growing")
    grow(directory, timeline, 2)
    return directory


def test_a_timeline_in_training_is_looked_at_now_and_then(
    timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textgen.page.POLL_SECONDS", 0.2)
    directory = grown(tmp_path, timeline)
    page = Page([Timeline.from_pretrained(directory), timeline])
    assert page.growing
    grow(directory, timeline, 3)
    page.refresh()  # too early to look again
    assert len(page.timeline("letters").snapshots) == 2
    time.sleep(0.25)
    page.refresh()
    assert len(page.timeline("letters").snapshots) == 3
    (directory / "timeline.json").write_bytes(b"half")
    time.sleep(0.25)
    page.refresh()
    assert len(page.timeline("letters").snapshots) == 3
    assert not Page([timeline]).growing


def test_a_look_that_takes_long_keeps_no_other_visitor_waiting(
    timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textgen.page.POLL_SECONDS", 0.0)
    directory = grown(tmp_path, timeline)
    page = Page([Timeline.from_pretrained(directory)])
    looking, go_on = threading.Event(), threading.Event()

    def newer(_: Timeline) -> None:
        looking.set()
        assert go_on.wait(30)

    monkeypatch.setattr(Timeline, "newer", newer)
    first = threading.Thread(target=page.refresh)
    first.start()
    assert looking.wait(30)
    began = time.monotonic()
    page.refresh()
    assert time.monotonic() - began < 5
    go_on.set()
    first.join()


def test_another_run_of_the_same_name_takes_a_timelines_place(
    timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textgen.page.POLL_SECONDS", 0.0)
    directory = grown(tmp_path, timeline)
    page = Page([Timeline.from_pretrained(directory)])
    request = Request(model="letters", seed_text="a bad ", temperature=1.0)
    before = [*page.write(request, 0.0)][-1][0]
    other = write_timeline(tmp_path / "other", seed=99)
    shutil.rmtree(directory)
    shutil.copytree(other.directory, directory)
    page.refresh()
    after = [*page.write(request, 0.0)][-1][0]
    expected = other.generator(0.0).generate("a bad ", temperature=1.0, length=400, seed=1)
    assert after == "a bad " + expected
    assert after != before


def test_a_directory_that_is_gone_is_not_looked_for_elsewhere(
    timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    directory = Path("timelines/letters")  # also what a repository may be called
    shutil.copytree(timeline.directory, directory)
    opened = Timeline.from_pretrained(directory)
    shutil.rmtree(directory)
    monkeypatch.setattr("textgen.contents.open_place", None)
    with pytest.raises(TimelineError, match="is not a timeline"):
        opened.newer()
