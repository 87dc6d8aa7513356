"""What the handlers return for each event, without a browser."""

import re
from typing import Any
from urllib.parse import parse_qsl

import gradio as gr
import pytest

from tests.support.api import PROMISED
from tests.support.handlers import ADDRESS, SKIPPED, Harness, expected, text
from tests.support.paths import WEB
from textgen import Timeline
from textgen.page.app import build_demo
from textgen.page.handlers import EventHandlers
from textgen.service.passages import curve, model_summary
from textgen.service.prompts import prompts
from textgen.service.request import CONTROLS, Request
from textgen.service.service import Service


@pytest.fixture
def handlers(harness: Harness) -> EventHandlers:
    return harness.handlers


def event(**data: Any) -> gr.EventData:
    return gr.EventData(None, data)


def test_every_setting_has_a_control_with_its_range(harness: Harness) -> None:
    assert list(harness.components.settings) == list(CONTROLS)
    for name, component in harness.components.settings.items():
        assert component.elem_id == name.replace("_", "-")
        assert (component.minimum, component.maximum) == CONTROLS[name][2:4]
    others = {harness.components.model, harness.components.curve, harness.components.seed_text}
    assert harness.components.question == {*others, *harness.components.settings.values()}


def test_an_answer_repeats_the_request_id(harness: Harness, timeline: Timeline) -> None:
    *_, preview = harness.handlers.preview(harness.values())
    assert text(preview) == expected(timeline)
    assert preview["request_id"] == 12
    assert "run" not in preview
    *_, compared = harness.handlers.compare(harness.values())
    assert {step: text(compared, int(step)) for step in compared["texts"]} == {
        str(step): expected(timeline, step) for step in (0, 50, 100, 200)
    }
    assert compared["request_id"] == 12


def test_every_writing_starts_a_new_run(harness: Harness, timeline: Timeline) -> None:
    *_, first = harness.handlers.write(harness.values())
    *_, second = harness.handlers.write(harness.values())
    assert text(first) == text(second) == expected(timeline)
    assert first["start"] == 0
    assert first["run"] < second["run"] < 2**53  # whole numbers, in JavaScript too


def test_more_continues_from_the_characters_on_the_page(
    harness: Harness, timeline: Timeline
) -> None:
    *_, filled = harness.handlers.more(event(length=90, shown=60), harness.values())
    shown = harness.shown(filled)
    passage = shown["output"]
    assert shown["length"] == passage["question"]["length"] == 90
    assert passage["start"] == 60
    assert text(passage) == expected(timeline, length=90)
    assert text(passage).startswith(expected(timeline))
    assert passage["run"] > 0


def test_an_empty_seed_is_the_default_one(harness: Harness, timeline: Timeline) -> None:
    *_, passage = harness.handlers.preview(harness.values(seed=None))
    assert text(passage) == expected(timeline)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"length": 2001}, "length must be a whole number from 1 to 2,000, received 2001"),
        ({"length": None}, "length must be a whole number .* received None"),
        ({"temperature": "<b>"}, "temperature must be .* received '&lt;b&gt;'"),
        ({"top_k": []}, r"top_k must be .* received \[\]"),
        ({"top_p": 0}, "top_p must be"),
        ({"min_p": {}}, "min_p must be"),
        ({"no_repeat_ngram_size": 1}, "no_repeat_ngram_size must be"),
        ({"seed": -1}, "seed must be"),
        ({"seed_text": None}, "seed_text must be a string, received NoneType"),
        ({"model": "<img>"}, "no model '&lt;img&gt;'. Available: 'letters', 'letters"),
        ({"epoch": "<i>"}, "no snapshot at epoch '&lt;i&gt;'"),
    ],
    ids=str,
)
def test_values_out_of_range_are_explained_and_escaped(
    harness: Harness, changes: dict[str, Any], message: str
) -> None:
    handlers, values = harness.handlers, harness.values(**changes)
    values[harness.components.own_text] = "abba"
    calls = [handlers.preview, handlers.compare, handlers.write, handlers.temperatures]
    if {"model", "epoch"} & set(changes):  # scoring reads nothing else of the request
        calls.append(handlers.score)
    for call in (*calls, handlers.surprise, handlers.reuse):
        with pytest.raises(gr.Error, match=message):
            list(call(values))


@pytest.mark.parametrize("received", [-1, 2**53, 0.5, "<b>", "x" * 10**6, [1], None])
def test_only_a_small_request_id_is_repeated(harness: Harness, received: Any) -> None:
    curve = {"epoch": "best", "request_id": received, "address": ADDRESS}
    handlers = harness.handlers
    for call in (handlers.preview, handlers.compare, handlers.write):
        with pytest.raises(gr.Error, match="request_id must be a whole number from 0") as error:
            list(call(harness.values(curve=curve)))
        assert len(str(error.value)) < 300


@pytest.mark.parametrize("address", ["x" * 2001, None, ["x"]])
def test_an_address_is_short_and_appears_only_in_code(harness: Harness, address: Any) -> None:
    values = harness.values(curve={"epoch": "best", "request_id": 12, "address": address})
    with pytest.raises(gr.Error, match=r"address m(ay have up to 2,000|ust be a string)"):
        harness.handlers.reuse(values)
    for passage in (*harness.handlers.preview(values), *harness.handlers.compare(values)):
        assert "address" not in passage


def test_a_length_beyond_the_limit_is_explained(harness: Harness) -> None:
    for length in (2001, None, "x", 10**5000):
        with pytest.raises(gr.Error, match="length must be"):
            list(harness.handlers.more(event(length=length, shown=0), harness.values()))
    wrong: list[Any] = [-1, None, "x", []]
    for already in wrong:
        with pytest.raises(gr.Error, match="shown must be a whole number of at least 0"):
            list(harness.handlers.more(event(length=90, shown=already), harness.values()))


def test_the_tabs_show_what_the_service_returns(harness: Harness, service: Service) -> None:
    request = Request(model="letters", epoch="0.5", seed_text="a bad ", length=60)
    values, handlers = harness.values("0.5"), harness.handlers
    assert handlers.temperatures(values) == service.temperatures(request)
    assert handlers.surprise(values) == service.surprise(request)
    assert handlers.reuse(values) == service.reuse(request, ADDRESS)
    values[harness.components.own_text] = "Abba"
    assert handlers.score(values) == service.score("letters", "0.5", "Abba")
    nothing: list[Any] = ["", "Z", None]
    for typed in nothing:
        with pytest.raises(gr.Error, match=r"at least 2 characters|text must be a string"):
            handlers.score({**values, harness.components.own_text: typed})


def test_a_link_fills_every_component(harness: Harness, timeline: Timeline) -> None:
    request = Request(
        model="letters (2)", seed_text="ab & é", length=100, temperature=1.0, top_k=5, seed=7
    )
    query = dict(parse_qsl(f"{request.link()}&epoch=0.5"))
    filled = harness.shown(harness.handlers.show_link(query))
    for name in ("model", "seed_text", *CONTROLS):
        assert filled[name] == getattr(request, name)
    assert set(filled) == {"model", "about", "curve", "prompts", "newest", "seed_text", *CONTROLS}
    again = harness.shown(harness.handlers.open_link(event(query=f"{request.link()}&epoch=0.5")))
    assert filled["curve"].pop("offered") < again["curve"].pop("offered")
    assert again == filled
    assert filled["curve"] == {
        "model": "letters (2)",
        "epoch": "0.5",
        **curve(timeline),
        "hard_wrapped": False,
    }
    assert filled["about"] == model_summary(timeline)
    assert filled["prompts"] == prompts(timeline)
    assert filled["newest"] == timeline.snapshots[-1].sha256


def test_a_link_without_a_prompt_shows_the_one_that_is_used(harness: Harness) -> None:
    def linked(**query: str) -> dict[str, Any]:
        return harness.shown(harness.handlers.show_link(query))

    assert linked(seed="3")["seed_text"] == "a bad "
    assert linked(seed="3", seed_text="")["seed_text"] == ""
    assert linked(seed="3")["curve"]["epoch"] == "1"
    assert linked(epoch="last")["curve"]["epoch"] == "2"


def test_a_link_without_settings_changes_nothing(harness: Harness) -> None:
    assert harness.handlers.show_link({"__theme": "dark"}) == SKIPPED
    assert harness.handlers.open_link(event(query="")) == SKIPPED


@pytest.mark.parametrize(
    "query", ["seed=<b>", "epoch=<b>", "model=<b>", "length=1e9", f"seed_text={'a' * 1001}"]
)
def test_a_broken_link_is_explained_and_the_page_stays(
    harness: Harness, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    warned: list[str] = []
    monkeypatch.setattr(gr, "Warning", warned.append)
    assert harness.handlers.open_link(event(query=query)) == SKIPPED
    assert warned[0].startswith("This link does not work. ")
    assert "<" not in warned[0]
    assert harness.handlers.open_link(event(query="seed=3")) != SKIPPED
    assert len(warned) == 1


def test_every_event_of_the_page_is_private(timeline: Timeline) -> None:
    demo = build_demo([timeline])
    named = {
        function.api_name: function.api_visibility
        for function in demo.fns.values()
        if function.api_visibility != "private"
    }
    assert named == {name.removeprefix("/"): "public" for name in PROMISED}
    script = "\n".join(path.read_text("utf-8") for path in sorted(WEB.glob("*.js")))
    triggered = set(re.findall(r"""trigger\(["'](\w+)["']""", script)) | {"wanted"}
    heard = {
        event
        for block in demo.blocks.values()
        for event in re.findall(r"// '.*", str(getattr(block, "js_on_load", "")))
    }
    assert triggered == {name for names in heard for name in re.findall(r"'(\w+)'", names)}
