"""What the service returns for a request."""

import dataclasses
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.requests import REQUEST, SETTINGS, asking, expected, text_of, texts
from textgen import Timeline
from textgen.checks import shown
from textgen.errors import SettingsError, TimelineError
from textgen.service.request import MAX_SEED_TEXT, Request
from textgen.service.reuse import about, facts
from textgen.service.service import Service
from textgen.service.surprise import score_text, text_surprise
from textgen.service.temperatures import TEMPERATURES


def test_a_service_needs_a_timeline() -> None:
    with pytest.raises(SettingsError, match="at least one timeline"):
        Service([])


def test_models_of_the_same_name_are_numbered(timeline: Timeline) -> None:
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
    assert whole == round(timeline.known_words(written[-1], seed_text="a bad ") or 0, 3)
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
            timeline.known_words(one["text"], seed_text="a bad ") or 0, 3
        )


def test_the_first_view_waits_only_for_texts_that_are_ready_soon(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textgen.service.service.GATHER_SECONDS", 0)
    assert len(Service([timeline]).first(REQUEST)["texts"]) == len(timeline.snapshots)
    monkeypatch.setattr("textgen.service.service.FIRST_PASSAGE_SECONDS", 0)
    first = Service([timeline]).first(REQUEST)
    assert texts(first) == {timeline.best.step: expected(timeline, REQUEST)}


def test_texts_finished_almost_at_once_arrive_together(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textgen.service.writing.FLUSH_SECONDS", 1000)
    monkeypatch.setattr("textgen.service.service.GATHER_SECONDS", 1000)
    assert len(list(service.compare(REQUEST))) == 1
    assert len(list(service.write(REQUEST))) == 1


def test_temperatures_returns_the_texts_that_write_returns(
    service: Service, timeline: Timeline
) -> None:
    seen = service.temperatures(REQUEST)
    assert seen["prompt"] == "a bad "
    assert [one["temperature"] for one in seen["temperatures"]] == list(TEMPERATURES)
    for one in seen["temperatures"]:
        request = asking(temperature=one["temperature"])
        assert one["text"] == expected(timeline, request) == text_of(service, request)


def test_surprise_is_about_the_text_that_write_returns(
    service: Service, timeline: Timeline
) -> None:
    request = asking(epoch="0.5")
    snapshot = timeline.manifest.find(epoch=0.5)
    text = "a bad " + expected(timeline, request)
    seen = text_surprise(timeline, snapshot, timeline.generator(0.5), text, prompt_length=6)
    assert service.surprise(request) == seen


def test_score_returns_what_the_package_returns(service: Service, timeline: Timeline) -> None:
    for epoch in ("0.5", 0.5):
        snapshot, generator = timeline.manifest.find(epoch=0.5), timeline.generator(0.5)
        seen = score_text(timeline, snapshot, generator, "Abba é")
        assert service.score("letters", epoch, "Abba é") == seen
    bits = timeline.generator().score("bba é").bits_per_char
    assert service.score("letters", "best", "Abba é")["bits_per_char"] == round(bits, 2)


def test_reuse_is_about_the_prompt_and_the_snapshot_on_the_page(
    service: Service, timeline: Timeline
) -> None:
    address = "http://127.0.0.1:7860"
    request = asking(seed_text="Xab", epoch="last")
    reuse = service.reuse(request, address)
    assert reuse == about(service.resolve(request), address=address)
    assert reuse["facts"] == facts(timeline, timeline.snapshots[-1])
    assert 'prompt = "ab"\n' in reuse["snippets"][0]["code"]
    own = service.reuse(asking(seed_text=""), address)
    assert "a bad " in own["snippets"][0]["code"]


def test_the_snapshot_is_the_one_of_the_epoch(service: Service, timeline: Timeline) -> None:
    for epoch, place in (("best", 2), ("last", 3), ("0.5", 1), (0.5, 1), (0, 0), ("1", 2)):
        assert service.resolve(asking(epoch=epoch)).snapshot is timeline.snapshots[place]


def test_a_long_prompt_is_cut_at_its_start_with_a_note(service: Service) -> None:
    cut = service.resolve(asking(seed_text="b" + "a" * MAX_SEED_TEXT))
    assert cut.prompt == "a" * MAX_SEED_TEXT
    assert cut.notes == ["Only the last 1,000 characters of the prompt are used."]
    whole = service.resolve(asking(seed_text="a" * MAX_SEED_TEXT))
    assert (whole.prompt, whole.notes) == (cut.prompt, [])


@pytest.mark.parametrize("typed", ["ZZ", "", " \n", "☃", "\ud800", "Z" * 10_000])
def test_a_prompt_of_unknown_characters_becomes_one_of_the_models_own(
    service: Service, typed: str
) -> None:
    found = service.resolve(asking(seed_text=typed))
    assert found.prompt == "a bad "
    assert found.notes[-1] == "The prompt was empty, so one of the model's own prompts is used."
    if "Z" in typed:
        assert f"Z ({min(len(typed), MAX_SEED_TEXT):,} times)" in " ".join(found.notes)
    *_, passage = service.write(asking(seed_text=typed))
    assert passage["prompt"] == found.prompt
    assert passage["notes"] == " ".join(found.notes)


@pytest.mark.parametrize("value", [None, [], {}, 1, b"letters", "x" * 5000], ids=str)
def test_a_value_that_is_no_model_or_no_text_is_refused(service: Service, value: Any) -> None:
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
    ids=lambda value: shown(value)[:10],
)
def test_an_unknown_snapshot_is_refused_with_the_available_ones(
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
def test_a_text_of_unknown_characters_has_no_score(service: Service, text: str) -> None:
    with pytest.raises(SettingsError, match="at least 2 characters that this model knows"):
        service.score("letters", "best", text)
