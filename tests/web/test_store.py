"""The state that the parts of the page share, fed with answers of the service."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support.wire import fixture
from textgen.page.browser import head

pytestmark = pytest.mark.slow

SNAPSHOTS = fixture("curve")["snapshots"]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with nothing but the scripts; the model of the fixtures is chosen."""
    page = browser.new_page()
    page.set_content(f"<html><head>{head()}</head><body></body></html>")
    model = {"model": "letters", "epoch": "0.5", **fixture("curve")}
    page.evaluate("model => textgen.setModel(model)", model)
    yield page
    page.close()


def answer(request_id: int, **changes: Any) -> dict[str, Any]:
    return {**fixture("passage"), "request_id": request_id, **changes}


def test_an_answer_is_shown_and_a_late_one_is_not(page: Page) -> None:
    assert page.evaluate("answer => textgen.receive(answer)", answer(2))
    assert not page.evaluate("answer => textgen.receive(answer)", answer(1, prompt="late"))
    passage = fixture("passage")
    assert page.evaluate("textgen.passage.prompt") == passage["prompt"]
    assert page.evaluate("textgen.written()") == passage["texts"]["50"]
    assert page.evaluate("textgen.snapshots.map((one) => textgen.written(one).text)") == [
        passage["texts"][str(one["step"])]["text"] for one in SNAPSHOTS
    ]


def test_texts_of_one_question_are_collected(page: Page) -> None:
    texts = fixture("passage")["texts"]
    page.evaluate("answer => textgen.receive(answer)", answer(1, texts={"50": texts["50"]}))
    page.evaluate("answer => textgen.receive(answer)", answer(1, texts={"0": texts["0"]}))
    assert page.evaluate("textgen.passage.texts") == {"50": texts["50"], "0": texts["0"]}
    other = answer(2, texts={"0": texts["0"]}, link="model=letters&seed_text=other")
    page.evaluate("answer => textgen.receive(answer)", other)
    assert page.evaluate("textgen.passage.texts") == {"0": texts["0"]}


def test_a_text_that_arrives_again_from_its_beginning_removes_nothing(page: Page) -> None:
    whole = fixture("passage")["texts"]["50"]
    beginning = {"text": whole["text"][:3], "known_words": None}
    for request_id, one in enumerate((beginning, whole, beginning)):
        page.evaluate("one => textgen.receive(one)", answer(request_id, texts={"50": one}))
    assert page.evaluate("textgen.written()") == whole
    other = {"text": "other", "known_words": None}  # of a model that was trained again
    page.evaluate("one => textgen.receive(one)", answer(4, texts={"50": other}))
    assert page.evaluate("textgen.written()") == other


def test_a_link_is_that_of_the_question_and_names_the_snapshot(page: Page) -> None:
    page.evaluate("answer => textgen.receive(answer)", answer(1))
    assert page.evaluate("textgen.query()") == f"{fixture('passage')['link']}&epoch=0.5"
    page.evaluate("textgen.stop(3)")
    least = page.evaluate("textgen.limits.length.least")
    assert f"length={least}&" in page.evaluate("textgen.query()") + "&"


def test_a_question_carries_the_snapshot_and_its_own_id(page: Page) -> None:
    values = [{"epoch": "best", "snapshots": []}, "letters", "typed", 60, 0.9]
    first, second = (page.evaluate("values => textgen.ask(values)", values) for _ in range(2))
    assert first[1:] == second[1:] == values[1:]
    assert {**first[0], "address": ""} == {
        "epoch": "0.5",
        "model": "letters",
        "request_id": 1,
        "address": "",
    }
    assert second[0]["request_id"] == 2


def test_only_both_ends_of_a_pasted_book_are_sent(page: Page) -> None:
    book = "".join(f"{number} " for number in range(100_000))
    (sent,) = page.evaluate("values => textgen.ask(values)", [book])
    assert len(json.dumps(sent)) < 30_000
    assert sent[:10_000] == book[:10_000]
    assert sent[-10_000:] == book[-10_000:]
    (short,) = page.evaluate("values => textgen.ask(values)", [book[:20_000]])
    assert short == book[:20_000]
