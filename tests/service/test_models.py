"""The models of the app: their known words, and their updates during training."""

import dataclasses
import shutil
import threading
import time
from pathlib import Path

import pytest

from tests.support.requests import REQUEST, asking, expected, text_of, texts
from tests.support.timelines import grow, manifest_of, write_timeline
from textgen import Timeline
from textgen.errors import HubError, TimelineError
from textgen.manifest.records import IndexFacts
from textgen.service.service import Service
from textgen.text.corpus_index import CorpusIndex


def with_index(timeline: Timeline, directory: Path, text: str | None) -> Timeline:
    """Return a copy of the timeline with the corpus index of another text, or without one."""
    shutil.copytree(timeline.directory, directory)
    facts = None
    if text is not None:
        index = CorpusIndex.of(text)
        (directory / "corpus-index.bin").write_bytes(index.to_bytes())
        facts = IndexFacts(
            ngram_size=19, ngrams=index.ngrams, words=index.words, sha256=index.sha256
        )
    manifest = dataclasses.replace(timeline.manifest, corpus_index=facts)
    (directory / "timeline.json").write_bytes(manifest.to_json())
    return Timeline.from_pretrained(directory)


def test_known_words_come_from_each_timelines_own_training_text(
    timeline: Timeline, tmp_path: Path
) -> None:
    request = asking(length=300)
    text = expected(timeline, request)
    others = [
        with_index(timeline, tmp_path / "same", text * 3),
        with_index(timeline, tmp_path / "none", None),
        timeline,
    ]
    service = Service(others)
    shares = []
    for model in service.catalog.names:
        *_, passage = service.write(dataclasses.replace(request, model=model))
        assert texts(passage)[100] == text
        shares.append(passage["texts"]["100"]["known_words"])
    known = timeline.known_words(text, seed_text="a bad ")
    assert known is not None
    assert shares[0] is not None
    assert shares[0] > 0.9 > known
    assert shares[1:] == [None, round(known, 3)]


def test_without_an_answer_of_the_hub_only_the_known_words_are_missing(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service([timeline])

    def unreachable(*_: object, **__: object) -> float:
        raise HubError("No.")

    with monkeypatch.context() as patch:
        patch.setattr(Timeline, "known_words", unreachable)
        *_, passage = service.compare(REQUEST)
        assert texts(passage)[200] == expected(timeline, REQUEST, 200)
        assert {one["known_words"] for one in passage["texts"].values()} == {None}
    *_, passage = service.compare(REQUEST)
    assert None not in {one["known_words"] for one in passage["texts"].values()}


def test_an_altered_snapshot_is_refused(tmp_path: Path) -> None:
    timeline = write_timeline(tmp_path / "letters", manifest_of())
    path = timeline.directory / timeline.best.file
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(TimelineError, match="is not the file its manifest names"):
        list(Service([timeline]).write(REQUEST))


def grown(tmp_path: Path, timeline: Timeline) -> Path:
    """Return the directory of a timeline whose training has saved two snapshots so far."""
    directory = shutil.copytree(timeline.directory, tmp_path / "growing")
    grow(directory, timeline, 2)
    return directory


def test_a_timeline_in_training_is_updated_at_intervals(
    timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textgen.service.models.POLL_SECONDS", 0.2)
    directory = grown(tmp_path, timeline)
    service = Service([Timeline.from_pretrained(directory), timeline])
    assert service.catalog.growing
    grow(directory, timeline, 3)
    service.catalog.refresh()  # too early to look again
    assert len(service.catalog.timeline("letters").snapshots) == 2
    time.sleep(0.25)
    service.catalog.refresh()
    assert len(service.catalog.timeline("letters").snapshots) == 3
    (directory / "timeline.json").write_bytes(b"half")
    time.sleep(0.25)
    service.catalog.refresh()
    assert len(service.catalog.timeline("letters").snapshots) == 3
    assert not Service([timeline]).catalog.growing


def test_a_slow_update_keeps_no_other_user_waiting(
    timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textgen.service.models.POLL_SECONDS", 0.0)
    directory = grown(tmp_path, timeline)
    service = Service([Timeline.from_pretrained(directory)])
    looking, go_on = threading.Event(), threading.Event()

    def newer(_: Timeline) -> None:
        looking.set()
        assert go_on.wait(30)

    monkeypatch.setattr(Timeline, "newer", newer)
    first = threading.Thread(target=service.catalog.refresh)
    first.start()
    assert looking.wait(30)
    second = threading.Thread(target=service.catalog.refresh)
    second.start()
    second.join(30)
    assert not second.is_alive()
    go_on.set()
    first.join()


def test_another_run_with_the_same_name_replaces_a_timeline(
    timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textgen.service.models.POLL_SECONDS", 0.0)
    directory = grown(tmp_path, timeline)
    service = Service([Timeline.from_pretrained(directory)])
    request = asking(epoch=0)
    before = text_of(service, request)
    assert before == expected(timeline, request)
    other = write_timeline(tmp_path / "other", seed=99)
    shutil.rmtree(directory)
    shutil.copytree(other.directory, directory)
    service.catalog.refresh()
    after = text_of(service, request)
    assert after == expected(other, request)
    assert after != before
    *_, passage = service.compare(request)
    assert texts(passage)[200] == expected(other, request, 200)
    assert service.surprise(request)["text"] == "a bad " + after


def test_a_deleted_directory_is_not_searched_elsewhere(
    timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    directory = Path("timelines/letters")  # also a valid name of a repository
    shutil.copytree(timeline.directory, directory)
    opened = Timeline.from_pretrained(directory)
    shutil.rmtree(directory)
    monkeypatch.setattr("textgen.timeline.reader.open_source", None)
    with pytest.raises(TimelineError, match="is not a timeline"):
        opened.newer()
