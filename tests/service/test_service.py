"""What the service answers."""

import dataclasses
import itertools
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.support.timelines import grow, manifest_of, write_timeline
from textgen import Timeline
from textgen.checks import shown
from textgen.errors import HubError, SettingsError, TimelineError
from textgen.manifest.schema import IndexFacts
from textgen.service.request import MAX_LENGTH, MAX_SEED_TEXT, Request
from textgen.service.reuse import about, facts
from textgen.service.service import Service
from textgen.service.surprise import score_text, text_surprise
from textgen.service.temperatures import TEMPERATURES
from textgen.service.wire import Passage
from textgen.text.corpus_index import CorpusIndex

REQUEST = Request(model="letters", seed_text="a bad ", length=60, temperature=0.9, seed=4)
SETTINGS: list[dict[str, Any]] = [
    {"length": 80},
    {"temperature": 1.5},
    {"top_k": 2},
    {"top_p": 0.5},
    {"min_p": 0.5},
    {"no_repeat_ngram_size": 2},
    {"seed": 9},
]
NOTHING_OF_THAT: list[Any] = [
    None,
    [],
    {},
    "x",
    "1",
    1.5,
    -1,
    True,
    float("nan"),
    float("inf"),
    10**5000,
]


def brief(value: object) -> str:
    return shown(value)[:10]


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    return write_timeline(tmp_path_factory.mktemp("service") / "letters")


@pytest.fixture(scope="module")
def service(timeline: Timeline) -> Service:
    return Service([timeline])


def asking(**changes: Any) -> Request:
    return dataclasses.replace(REQUEST, **changes)


def expected(timeline: Timeline, request: Request, step: int | None = None) -> str:
    """What the package continues a request's seed text with, which must be the model's own."""
    settings: Any = dataclasses.asdict(request)
    for name in ("model", "epoch", "seed_text"):
        settings.pop(name)
    settings |= {name: settings[name] or None for name in ("top_k", "no_repeat_ngram_size")}
    step = timeline.manifest.find(epoch=request.epoch).step if step is None else step
    return timeline.generator(step=step).generate(request.seed_text, **settings)


def texts(passage: Passage) -> dict[int, str]:
    return {int(step): one["text"] for step, one in passage["texts"].items()}


def text_of(service: Service, request: Request) -> str:
    *_, passage = service.write(request)
    (text,) = texts(passage).values()
    return text


def test_a_page_needs_a_timeline() -> None:
    with pytest.raises(SettingsError, match="at least one timeline"):
        Service([])


def test_models_of_one_name_are_numbered(timeline: Timeline) -> None:
    assert Service([timeline] * 3).catalog.names == ["letters", "letters (2)", "letters (3)"]


def test_writing_grows_to_the_whole_text(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pause in ("FIRST_SECONDS", "FLUSH_SECONDS"):
        monkeypatch.setattr(f"textgen.service.writing.{pause}", 0)
    request = asking(length=300, epoch=0.5)
    passages = list(Service([timeline]).write(request))
    assert len(passages) > 3
    written = [texts(passage)[50] for passage in passages]
    assert written[-1] == expected(timeline, request)
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(written))
    *growing, whole = [passage["texts"]["50"]["known_words"] for passage in passages]
    assert set(growing) == {None}
    assert whole == round(timeline.real_words(written[-1], seed_text="a bad ") or 0, 3)
    assert {passage["prompt"] for passage in passages} == {"a bad "}
    assert {passage["link"] for passage in passages} == {request.link()}


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_every_setting_reaches_the_generator(
    service: Service, timeline: Timeline, setting: dict[str, Any]
) -> None:
    common = asking(temperature=2.0)
    written = []
    for request in (common, dataclasses.replace(common, **setting)):
        written.append(text_of(service, request))
        assert written[-1] == expected(timeline, request)
    assert written[0] != written[1]


def test_comparing_continues_with_every_snapshot_the_chosen_first(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textgen.service.service.GATHER_SECONDS", 0)
    request = asking(epoch="0.5")
    passages = list(Service([timeline]).compare(request))
    assert [list(texts(passage)) for passage in passages[:4]] == [
        [50],
        [50, 0],
        [50, 0, 100],
        [50, 0, 100, 200],
    ]
    whole = passages[-1]
    assert texts(whole) == {
        snapshot.step: expected(timeline, request, snapshot.step) for snapshot in timeline.snapshots
    }
    for one in whole["texts"].values():
        assert one["known_words"] == round(
            timeline.real_words(one["text"], seed_text="a bad ") or 0, 3
        )


def test_what_is_done_within_a_moment_comes_together(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textgen.service.writing.FLUSH_SECONDS", 1000)
    monkeypatch.setattr("textgen.service.service.GATHER_SECONDS", 1000)
    assert len(list(service.compare(REQUEST))) == 1
    assert len(list(service.write(REQUEST))) == 1


def test_the_ladder_writes_at_each_temperature_what_write_does(
    service: Service, timeline: Timeline
) -> None:
    seen = service.temperatures(REQUEST)
    assert seen["prompt"] == "a bad "
    assert [one["temperature"] for one in seen["temperatures"]] == list(TEMPERATURES)
    for one in seen["temperatures"]:
        request = asking(temperature=one["temperature"])
        assert one["text"] == expected(timeline, request) == text_of(service, request)


def test_inside_is_what_is_seen_in_what_write_writes(service: Service, timeline: Timeline) -> None:
    request = asking(epoch="0.5")
    snapshot = timeline.manifest.find(epoch=0.5)
    text = "a bad " + expected(timeline, request)
    seen = text_surprise(timeline, snapshot, timeline.generator(0.5), text, prompt_length=6)
    assert service.surprise(request) == seen


def test_score_is_the_packages_own(service: Service, timeline: Timeline) -> None:
    for epoch in ("0.5", 0.5):
        snapshot, generator = timeline.manifest.find(epoch=0.5), timeline.generator(0.5)
        seen = score_text(timeline, snapshot, generator, "Abba é")
        assert service.score("letters", epoch, "Abba é") == seen
    bits = timeline.generator().score("bba é").bits_per_char
    assert service.score("letters", "best", "Abba é")["bits_per_char"] == round(bits, 2)


def test_reuse_tells_of_the_opening_and_the_snapshot_that_are_shown(
    service: Service, timeline: Timeline
) -> None:
    address = "http://127.0.0.1:7860"
    request = asking(seed_text="Xab", epoch="last")
    told = service.reuse(request, address)
    assert told == about(service.resolve(request), address=address)
    assert told["facts"] == facts(timeline, timeline.snapshots[-1])
    assert 'opening = "ab"\n' in told["snippets"][0]["code"]
    own = service.reuse(asking(seed_text=""), address)
    assert "a bad " in own["snippets"][0]["code"]


def test_the_snapshot_is_the_one_of_the_epoch(service: Service, timeline: Timeline) -> None:
    for epoch, place in (("best", 2), ("last", 3), ("0.5", 1), (0.5, 1), (0, 0), ("1", 2)):
        assert service.resolve(asking(epoch=epoch)).snapshot is timeline.snapshots[place]


def test_a_long_opening_is_cut_at_its_start_and_that_is_said(service: Service) -> None:
    cut = service.resolve(asking(seed_text="b" + "a" * MAX_SEED_TEXT))
    assert cut.prompt == "a" * MAX_SEED_TEXT
    assert "1,000" in cut.notes[0]
    whole = service.resolve(asking(seed_text="a" * MAX_SEED_TEXT))
    assert (whole.prompt, whole.notes) == (cut.prompt, [])


@pytest.mark.parametrize("typed", ["ZZ", "", " \n", "☃", "\ud800", "Z" * 10_000])
def test_an_opening_of_nothing_known_becomes_one_of_the_models_own(
    service: Service, typed: str
) -> None:
    found = service.resolve(asking(seed_text=typed))
    assert found.prompt == "a bad "
    assert "opening of its own" in found.notes[-1]
    if "Z" in typed:
        assert f"'Z' {min(len(typed), MAX_SEED_TEXT)}" in " ".join(found.notes)
    *_, passage = service.write(asking(seed_text=typed))
    assert passage["prompt"] == found.prompt
    assert passage["notes"] == " ".join(found.notes)


@pytest.mark.parametrize("length", [0, -1, MAX_LENGTH + 1, 1.5, True, "9"])
def test_lengths_out_of_range_are_refused(length: Any) -> None:
    with pytest.raises(SettingsError, match="length must be"):
        asking(length=length)


@pytest.mark.parametrize("value", NOTHING_OF_THAT, ids=brief)
@pytest.mark.parametrize(
    "name",
    ["length", "temperature", "top_k", "top_p", "min_p", "no_repeat_ngram_size", "seed"],
)
def test_what_no_setting_can_be_is_refused_in_words(name: str, value: Any) -> None:
    if (name, value) == ("temperature", 1.5):
        return
    with pytest.raises(SettingsError, match=f"^{name} must be .*received") as refused:
        asking(**{name: value})
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("value", [None, [], {}, 1, b"letters", "x" * 5000], ids=str)
def test_what_no_model_and_no_text_can_be_is_refused_in_words(service: Service, value: Any) -> None:
    calls: list[Callable[[Request], Any]]
    calls = [
        service.write,
        service.compare,
        service.temperatures,
        service.surprise,
        service.resolve,
    ]
    for call in calls:
        with pytest.raises(SettingsError, match="There is no model") as refused:
            list(call(asking(model=value)))
        assert len(str(refused.value)) < 300
    with pytest.raises(SettingsError, match="There is no model"):
        service.score(value, "best", "abba")
    with pytest.raises(SettingsError, match="There is no model"):
        service.reuse(asking(model=value), "http://127.0.0.1")
    if not isinstance(value, str):
        with pytest.raises(SettingsError, match="seed_text must be a string"):
            asking(seed_text=value)
        with pytest.raises(SettingsError, match="text must be a string"):
            service.score("letters", "best", value)


@pytest.mark.parametrize(
    "epoch",
    ["9", 9, [], {}, "nan", "inf", "BEST", "", "1e999", "9" * 5000, 10**5000, -1],
    ids=brief,
)
def test_a_snapshot_that_is_not_there_is_named_with_those_there_are(
    service: Service, epoch: Any
) -> None:
    calls: list[Callable[[Request], Any]]
    calls = [
        service.write,
        service.compare,
        service.temperatures,
        service.surprise,
        service.resolve,
    ]
    for call in calls:
        with pytest.raises(TimelineError, match=r"no snapshot at .* it has best, last, 0, 0\.5,"):
            list(call(asking(epoch=epoch)))
    with pytest.raises(TimelineError, match="no snapshot at"):
        service.score("letters", epoch, "abba")


@pytest.mark.parametrize("text", ["", "a", "Z" * 10_000, "\ud800\ud800"], ids=ascii)
def test_a_text_of_nothing_known_has_no_score(service: Service, text: str) -> None:
    with pytest.raises(SettingsError, match="at least 2 characters that the model has read"):
        service.score("letters", "best", text)


def test_what_is_kept_changes_no_answer(timeline: Timeline) -> None:
    service = Service([timeline])
    requests = [
        asking(temperature=2.0),
        *(asking(**{"temperature": 2.0} | one) for one in SETTINGS),
    ]
    requests += [asking(seed_text="ab"), asking(seed_text="ab "), asking(temperature=1)]
    requests += [asking(epoch=epoch) for epoch in ("best", "last", "0")]
    for _ in range(2):
        for request in requests:
            assert text_of(service, request) == expected(timeline, request)
            *_, passage = service.compare(request)
            assert texts(passage)[200] == expected(timeline, request, 200)


def test_what_is_kept_is_not_written_again(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service([timeline, timeline])
    *_, first = service.compare(REQUEST)
    monkeypatch.setattr(Request, "stream", lambda *_: iter(["other"]))
    *_, again = service.compare(asking(epoch=0, model="letters (2)"))
    assert again["texts"] == first["texts"]
    assert text_of(service, asking(length=61)) == "other"


def test_more_texts_than_are_kept_are_all_what_they_should_be(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textgen.service.writing.CACHED_TEXTS", 3)
    monkeypatch.setattr("textgen.service.models.CACHED_SNAPSHOTS", 2)
    service = Service([timeline])
    for _ in range(2):
        *_, passage = service.compare(REQUEST)
        assert texts(passage) == {
            snapshot.step: expected(timeline, REQUEST, snapshot.step)
            for snapshot in timeline.snapshots
        }
    assert len(service._writer._texts) == 3
    assert len(service.catalog._generators) == 2


def test_visitors_at_once_get_what_each_would_get_alone(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textgen.service.writing.CACHED_TEXTS", 5)
    monkeypatch.setattr("textgen.service.models.CACHED_SNAPSHOTS", 2)
    service = Service([timeline])
    requests = [asking(seed=seed, epoch=epoch) for seed in range(5) for epoch in (0, 0.5, 1, 2)]
    alone = [expected(timeline, request) for request in requests]
    with ThreadPoolExecutor(8) as visitors:
        for _ in range(3):
            assert list(visitors.map(lambda request: text_of(service, request), requests)) == alone


def with_index(timeline: Timeline, directory: Path, text: str | None) -> Timeline:
    """Return the timeline as it were if the model had read another text, or had no index."""
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


def test_real_words_are_those_of_each_timelines_own_text(
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
    known = timeline.real_words(text, seed_text="a bad ")
    assert known is not None
    assert shares[0] is not None
    assert shares[0] > 0.9 > known
    assert shares[1:] == [None, round(known, 3)]


def test_a_hub_that_does_not_answer_costs_the_words_and_not_the_text(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service([timeline])

    def unreachable(*_: object, **__: object) -> float:
        raise HubError("No.")

    with monkeypatch.context() as patch:
        patch.setattr(Timeline, "real_words", unreachable)
        *_, passage = service.compare(REQUEST)
        assert texts(passage)[200] == expected(timeline, REQUEST, 200)
        assert {one["known_words"] for one in passage["texts"].values()} == {None}
    *_, passage = service.compare(REQUEST)
    assert None not in {one["known_words"] for one in passage["texts"].values()}


def test_a_snapshot_altered_on_disk_is_refused(tmp_path: Path) -> None:
    timeline = write_timeline(tmp_path / "letters", manifest_of())
    path = timeline.directory / timeline.best.file
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(TimelineError, match="is not the file its manifest names"):
        list(Service([timeline]).write(REQUEST))


def grown(tmp_path: Path, timeline: Timeline) -> Path:
    """Return a directory in which training has come to the second snapshot."""
    directory = shutil.copytree(timeline.directory, tmp_path / "growing")
    grow(directory, timeline, 2)
    return directory


def test_a_timeline_in_training_is_looked_at_now_and_then(
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


def test_a_look_that_takes_long_keeps_no_other_visitor_waiting(
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


def test_another_run_of_the_same_name_takes_a_timelines_place(
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


def test_a_directory_that_is_gone_is_not_looked_for_elsewhere(
    timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    directory = Path("timelines/letters")  # also what a repository may be called
    shutil.copytree(timeline.directory, directory)
    opened = Timeline.from_pretrained(directory)
    shutil.rmtree(directory)
    monkeypatch.setattr("textgen.timeline.reader.open_source", None)
    with pytest.raises(TimelineError, match="is not a timeline"):
        opened.newer()
