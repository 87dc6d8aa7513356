"""What the page answers to each event, without a browser."""

import math
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import gradio as gr
import pytest

import app
from tests.support.timelines import grow, write_timeline
from textgen import Timeline
from textgen.page.components import build_components
from textgen.page.events import EventHandlers
from textgen.service import passages as views
from textgen.service.request import RANGES, Request
from textgen.service.service import Service

ADDRESS = "http://127.0.0.1:7860/"
SKIPPED = gr.skip()


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    return write_timeline(tmp_path_factory.mktemp("events") / "letters")


@pytest.fixture(scope="module")
def page(timeline: Timeline) -> Service:
    return Service([timeline, timeline])


@pytest.fixture(scope="module")
def handlers(page: Service) -> EventHandlers:
    return EventHandlers(page)


def values(epoch: str = "best", **changes: Any) -> list[Any]:
    """What the components of `Components.request` hold when a browser asks."""
    settings = Request(model="letters", seed_text="a bad ", length=60).settings | changes
    curve = {"epoch": epoch, "at": 12, "address": ADDRESS}
    return [settings["model"], curve, settings["seed_text"], *(settings[name] for name in RANGES)]


def event(**data: Any) -> gr.EventData:
    return gr.EventData(None, data)


def text(passage: dict[str, Any], step: int = 100) -> str:
    written: str = passage["texts"][str(step)]["text"]
    return written


def expected(timeline: Timeline, step: int = 100, *, length: int = 60, seed: int = 1) -> str:
    return timeline.generator(step=step).generate("a bad ", length=length, seed=seed)


def test_the_components_stand_in_the_order_in_which_events_read_and_fill_them(
    page: Service,
) -> None:
    with gr.Blocks():
        components = build_components(page)
    ids = [component.elem_id for component in components.settings]
    assert ids == [name.replace("_", "-") for name in RANGES]
    request = [component.elem_id for component in components.request]
    assert request == ["model", "curve", "seed-text", *ids]
    sliders = [each for each in components.settings if isinstance(each, gr.Slider)]
    for slider in sliders:
        assert (slider.minimum, slider.maximum) == RANGES[str(slider.elem_id).replace("-", "_")]
    assert len(sliders) == len(RANGES) - 1  # the dice are a number


def test_an_answer_repeats_what_the_browser_knows_it_by(
    handlers: EventHandlers, timeline: Timeline
) -> None:
    *_, preview = handlers.preview(*values())
    assert text(preview) == expected(timeline)
    assert preview["at"] == 12
    assert "run" not in preview
    *_, compared = handlers.compare(*values())
    assert {step: text(compared, int(step)) for step in compared["texts"]} == {
        str(step): expected(timeline, step) for step in (0, 50, 100, 200)
    }
    assert compared["at"] == 12


def test_writing_starts_a_run_of_its_own(handlers: EventHandlers, timeline: Timeline) -> None:
    *_, first = handlers.write(*values())
    *_, second = handlers.write(*values())
    assert text(first) == text(second) == expected(timeline)
    assert first["from"] == 0
    assert first["run"] < second["run"] < 2**53  # whole numbers, in JavaScript too


def test_more_goes_on_from_where_the_reader_is(handlers: EventHandlers, timeline: Timeline) -> None:
    *_, (length, passage) = handlers.more(event(length=90, shown=60), *values())
    assert length == passage["length"] == 90
    assert passage["from"] == 60
    assert text(passage) == expected(timeline, length=90)
    assert text(passage).startswith(expected(timeline))
    assert passage["run"] > 0


def test_no_dice_are_the_first(handlers: EventHandlers, timeline: Timeline) -> None:
    *_, passage = handlers.preview(*values(seed=None))
    assert text(passage) == expected(timeline)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"length": 2001}, "length must be a whole number from 1 to 2,000, received 2001"),
        ({"length": None}, "length must be a number, received None"),
        ({"temperature": "<b>"}, "temperature must be .* received '&lt;b&gt;'"),
        ({"top_k": []}, r"top_k must be .* received \[\]"),
        ({"top_p": 0}, "top_p must be"),
        ({"min_p": {}}, "min_p must be"),
        ({"no_repeat_ngram_size": 1}, "no_repeat_ngram_size must be"),
        ({"seed": -1}, "seed must be"),
        ({"seed_text": None}, "seed_text must be a string, received NoneType"),
        ({"model": "<img>"}, "no model '&lt;img&gt;'; there are 'letters', 'letters"),
        ({"epoch": "<i>"}, "no snapshot at epoch '&lt;i&gt;'"),
    ],
    ids=str,
)
def test_what_is_out_of_range_is_told_escaped(
    handlers: EventHandlers, changes: dict[str, Any], message: str
) -> None:
    request_id = values(**changes)
    calls = [handlers.preview, handlers.compare, handlers.write, handlers.surprise, handlers.reuse]
    if "temperature" not in changes:  # of which the ladder has its own
        calls.append(handlers.temperatures)
    for call in calls:
        with pytest.raises(gr.Error, match=message):
            list(call(*request_id))


@pytest.mark.parametrize("at", [-1, 2**53, 0.5, "<b>", "x" * 10**6, [1], None])
def test_only_what_is_small_is_repeated(handlers: EventHandlers, at: Any) -> None:
    request_id = values()
    request_id[1] = {"epoch": "best", "at": at, "address": ADDRESS}
    for call in (handlers.preview, handlers.compare, handlers.write):
        with pytest.raises(gr.Error, match="at must be a whole number from 0") as error:
            list(call(*request_id))
        assert len(str(error.value)) < 300


@pytest.mark.parametrize("address", ["x" * 2001, None, ["x"]])
def test_an_address_is_short_and_goes_into_code_alone(
    handlers: EventHandlers, address: Any
) -> None:
    request_id = values()
    request_id[1] = {"epoch": "best", "at": 12, "address": address}
    with pytest.raises(gr.Error, match=r"address m(ay have up to 2,000|ust be a string)"):
        handlers.reuse(*request_id)
    for passage in (*handlers.preview(*request_id), *handlers.compare(*request_id)):
        assert "address" not in passage


def test_more_than_there_may_be_is_told(handlers: EventHandlers) -> None:
    for length in (2001, None, "x", 10**5000):
        with pytest.raises(gr.Error, match="length must be"):
            list(handlers.more(event(length=length, shown=0), *values()))
    wrong: list[Any] = [-1, None, "x", []]
    for already in wrong:
        with pytest.raises(gr.Error, match="shown must be a whole number of at least 0"):
            list(handlers.more(event(length=90, shown=already), *values()))


def test_the_tabs_are_answered_by_the_page(handlers: EventHandlers, page: Service) -> None:
    request = Request(model="letters", epoch="0.5", seed_text="a bad ", length=60)
    request_id = values("0.5")
    assert handlers.temperatures(*request_id) == page.temperatures(request)
    assert handlers.surprise(*request_id) == page.surprise(request)
    assert handlers.reuse(*request_id) == page.reuse(request, ADDRESS)
    assert handlers.score("Abba", *request_id) == page.score("letters", "0.5", "Abba")
    nothing: list[Any] = ["", "Z", None]
    for typed in nothing:
        with pytest.raises(gr.Error, match=r"at least 2 characters|text must be a string"):
            handlers.score(typed, *request_id)


def shown(filled: list[Any]) -> dict[str, Any]:
    """What the components show that a link or a choice of a model fills."""
    names = ["model", "about", "curve", "prompts", "shown", "seed_text", *RANGES]
    return dict(zip(names, filled, strict=False))


def test_a_link_fills_every_component(
    handlers: EventHandlers, page: Service, timeline: Timeline
) -> None:
    request = Request(
        model="letters (2)", seed_text="ab & é", length=100, temperature=1.0, top_k=5, seed=7
    )
    query = dict(parse_qsl(f"{request.link()}&epoch=0.5"))
    filled = shown(handlers.of_link(query))
    for name in ("model", "seed_text", *RANGES):
        assert filled[name] == request.settings[name]
    assert len(filled) == 6 + len(RANGES)
    assert filled["curve"].pop("offered") < shown(handlers.of_link(query))["curve"]["offered"]
    assert filled["curve"] == {
        "model": "letters (2)",
        "epoch": "0.5",
        "snapshots": views.snapshots(timeline),
        "guessing": round(math.log2(timeline.vocabulary.size), 3),
    }
    assert filled["about"] == views.summary(timeline)
    assert filled["prompts"] == views.prompts(timeline)
    assert filled["shown"] == timeline.snapshots[-1].sha256
    again = shown(handlers.open_link(event(query=f"{request.link()}&epoch=0.5")))
    assert again["curve"].pop("offered") > 0
    assert again == filled


def test_a_link_without_an_opening_shows_the_one_that_is_used(handlers: EventHandlers) -> None:
    assert shown(handlers.of_link({"seed": "3"}))["seed_text"] == "a bad "
    assert shown(handlers.of_link({"seed": "3", "seed_text": ""}))["seed_text"] == ""
    assert shown(handlers.of_link({"seed": "3"}))["curve"]["epoch"] == "1"
    assert shown(handlers.of_link({"epoch": "last"}))["curve"]["epoch"] == "2"


def test_a_link_that_says_nothing_changes_nothing(handlers: EventHandlers) -> None:
    assert handlers.of_link({"__theme": "dark"}) == SKIPPED
    assert handlers.open_link(event(query="")) == SKIPPED


@pytest.mark.parametrize(
    "query", ["seed=<b>", "epoch=<b>", "model=<b>", "length=1e9", f"seed_text={'a' * 1001}"]
)
def test_a_link_that_cannot_be_shown_is_told_and_the_page_stays(
    handlers: EventHandlers, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    warned: list[str] = []
    monkeypatch.setattr(gr, "Warning", warned.append)
    assert handlers.open_link(event(query=query)) == SKIPPED
    assert warned[0].startswith("This link cannot be shown. ")
    assert "<" not in warned[0]
    assert handlers.open_link(event(query="seed=3")) != SKIPPED
    assert len(warned) == 1


def test_another_model_begins_with_an_opening_of_its_own(
    handlers: EventHandlers, timeline: Timeline
) -> None:
    filled = shown(handlers.change_model("letters (2)", {"model": "letters"}))
    assert filled["model"] == "letters (2)"
    assert filled["curve"]["epoch"] == "1"
    assert filled["seed_text"] == "a bad "
    assert list(filled) == ["model", "about", "curve", "prompts", "shown", "seed_text"]
    others: list[Any] = ["<b>", None, []]
    for model in others:
        with pytest.raises(gr.Error, match="There is no model"):
            handlers.change_model(model, {"model": "letters"})


def test_a_model_that_was_only_passed_over_stays_as_it_is(handlers: EventHandlers) -> None:
    assert handlers.change_model("letters", {"model": "letters"}) == SKIPPED


def test_a_look_offers_what_is_new_and_keeps_what_is_chosen(
    timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textgen.service.models.POLL_SECONDS", 0.0)
    directory = shutil.copytree(timeline.directory, tmp_path / "growing")
    grow(directory, timeline, 2)
    handlers = EventHandlers(Service([Timeline.from_pretrained(directory)]))
    second = timeline.snapshots[1].sha256
    assert handlers.poll(second, *values("0")) == SKIPPED
    grow(directory, timeline, 3)
    *filled, passage = handlers.poll(second, *values("0"))
    offered = shown(filled)
    assert offered["curve"]["epoch"] == "0"
    assert len(offered["curve"]["snapshots"]) == 3
    assert offered["shown"] == timeline.snapshots[2].sha256
    assert "Training has come to epoch 1" in offered["about"]
    assert passage["at"] == 12
    assert {step: text(passage, int(step)) for step in passage["texts"]} == {
        str(step): expected(timeline, step) for step in (0, 50, 100)
    }
    assert handlers.poll(offered["shown"], *values("0")) == SKIPPED


def test_a_look_at_another_run_shows_its_best(
    timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textgen.service.models.POLL_SECONDS", 0.0)
    directory = shutil.copytree(timeline.directory, tmp_path / "growing")
    grow(directory, timeline, 3)
    handlers = EventHandlers(Service([Timeline.from_pretrained(directory)]))
    grow(directory, timeline, 1)  # another run's first snapshot, where epoch 0.5 was chosen
    *filled, passage = handlers.poll("another", *values("0.5"))
    assert shown(filled)["curve"]["epoch"] == "0"
    assert text(passage, 0) == expected(timeline, 0)
    assert list(passage["texts"]) == ["0"]


def test_what_goes_wrong_in_a_look_bothers_nobody(handlers: EventHandlers) -> None:
    assert handlers.poll("another", *values(length=10**9)) == SKIPPED
    assert handlers.poll("another", *values(model="gone")) == SKIPPED


def test_every_event_of_the_page_is_its_own(timeline: Timeline) -> None:
    demo = app.build_demo([timeline])
    named = {
        function.api_name: function.api_visibility
        for function in demo.fns.values()
        if function.api_visibility != "private"
    }
    assert named == dict.fromkeys(("generate", "compare", "score", "snapshots"), "public")
    script = "\n".join(path.read_text("utf-8") for path in sorted(app.WEB.glob("*.js")))
    triggered = set(re.findall(r"""trigger\(["'](\w+)["']""", script)) | {"wanted"}
    heard = {
        event
        for block in demo.blocks.values()
        for event in re.findall(r"// '.*", str(getattr(block, "js_on_load", "")))
    }
    assert triggered == {name for names in heard for name in re.findall(r"'(\w+)'", names)}
