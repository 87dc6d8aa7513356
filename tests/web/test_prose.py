"""Hard-wrapped prose is shown as paragraphs; what leaves the page has every line break."""

import dataclasses
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.accessibility import SHOWN, TABS
from tests.support.apps import served
from tests.support.timelines import manifest_of, write_timeline
from tests.support.visiting import (
    button,
    choose,
    expect_text,
    expected,
    open_page,
    open_tab,
    set_slider,
    settle,
    text,
    wide_and_phone,
)
from textgen import Timeline

PROMPT = (
    "a bad\ncab\n\n a dab\n"  # its first line break is inside a paragraph, and perhaps its last
)
PROMPTS = "bad.\n", "dab\n\ncab ", "cab\nbad ", "abc" * 30
SELECT = "selector => getSelection().selectAllChildren(document.querySelector(selector))"
CLIPBOARD = "navigator.clipboard.readText()"


@pytest.fixture(scope="module")
def prose(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    """A model of hard-wrapped prose that writes a line break after every few characters."""
    plain = manifest_of()
    corpus = dataclasses.replace(plain.corpus, hard_wrapped=True)
    manifest = dataclasses.replace(plain, name="prose", corpus=corpus, prompts=PROMPTS)
    return write_timeline(tmp_path_factory.mktemp("prose") / "prose", manifest)


@pytest.fixture(scope="module")
def address(prose: Timeline, letters: Timeline) -> Iterator[str]:
    with served(prose, letters) as url:
        yield url


def paragraphs(text: str) -> str:
    """Return a text as the page shows it."""
    return re.sub(r"(?<=[^\n])\n(?=\S)", " ", text)


def looks(page: Page, selector: str) -> str:
    """Return the text of an element as the browser lays it out."""
    return str(page.locator(selector).first.evaluate("one => one.innerText"))


def arrived(page: Page) -> str:
    """Return the prompt and the text as the server sent them."""
    return str(page.evaluate("textgen.passage.prompt + textgen.written().text"))


def type_prompt(page: Page) -> None:
    page.locator("#seed-text textarea").fill(PROMPT)
    page.locator("#seed-text textarea").blur()
    page.wait_for_function("typed => textgen.passage.prompt === typed", arg=PROMPT)
    settle(page)


@wide_and_phone
def test_every_view_shows_paragraphs_and_has_the_exact_text(page: Page, prose: Timeline) -> None:
    type_prompt(page)
    exact = arrived(page)
    shown = paragraphs(exact)
    assert shown.count(" ") > exact.count(" ") + 5
    assert text(page) == exact
    assert looks(page, "#output .passage") == shown
    for name, selector in (
        ("Temperatures", "#temperatures .temperatures-card:nth-child(3) .temperatures-text"),
        ("Surprise", "#surprise .surprise-letters"),
    ):
        open_tab(page, name)
        expect(page.locator(selector)).to_have_text(exact, use_inner_text=False)
        assert page.locator(selector).text_content() == exact
        assert looks(page, selector) == shown
    open_tab(page, "All snapshots")
    best = prose.snapshots.index(prose.best)
    card = f"#comparison .card:nth-child({best + 1}) .passage"
    glance = len(PROMPT) + 240
    assert page.locator(card).text_content() == f"{exact[:glance]}…"
    assert looks(page, card) == paragraphs(f"{exact[:glance]}…")


def test_a_text_that_appears_in_steps_ends_as_the_exact_text(page: Page) -> None:
    set_slider(page, "length", "600")
    page.locator("#write").click()
    expect(button(page, "Stop")).to_be_visible()
    page.wait_for_function("document.querySelector('#output .written').textContent.length > 50")
    button(page, "Stop").click()
    stopped = text(page)
    assert arrived(page).startswith(stopped)
    # The last line break depends on what comes after it, which is not shown yet.
    assert looks(page, "#output .passage").rstrip() == paragraphs(stopped + "\n").rstrip()
    button(page, "Continue").click()
    page.wait_for_function("document.querySelector('#output .written').textContent.length >= 600")
    expect(button(page, "Continue")).to_be_visible()
    assert text(page) == arrived(page)
    assert looks(page, "#output .passage") == paragraphs(arrived(page))


@pytest.mark.parametrize("selector", ["#output .passage", "#surprise .surprise-letters"])
def test_selected_text_is_copied_with_its_line_breaks(page: Page, selector: str) -> None:
    type_prompt(page)
    exact = arrived(page)
    open_tab(page, "Surprise")
    page.locator(SHOWN[TABS.index("Surprise")]).wait_for()
    page.evaluate(SELECT, selector)
    page.keyboard.press("Control+c")
    # Browsers leave out a line break at the end of a selection.
    assert page.evaluate(CLIPBOARD).rstrip("\n") == exact.rstrip("\n")
    assert looks(page, selector) == paragraphs(exact)  # it still looks the same
    button(page, "Copy").click()
    expect(page.locator("#output .done")).to_have_text("Text copied")
    assert page.evaluate(CLIPBOARD) == exact


def test_text_selected_in_a_field_is_copied_as_usual(page: Page) -> None:
    type_prompt(page)
    page.evaluate(SELECT, "#output .passage")
    page.locator("#seed-text textarea").fill("a cab")
    page.locator("#seed-text textarea").select_text()
    page.keyboard.press("Control+c")
    assert page.evaluate(CLIPBOARD) == "a cab"


def test_the_surprise_marks_every_line_break(page: Page) -> None:
    open_tab(page, "Surprise")
    marks = page.locator("#surprise .surprise-break")
    expect(marks).to_have_count(arrived(page).count("\n"))
    expect(page.locator("#surprise .surprise-legend")).to_contain_text("↵: a line break")
    assert marks.first.evaluate("one => getComputedStyle(one, '::before').content") == '"↵"'
    plain = page.get_by_role("group", name="The same text as plain text")
    assert plain.text_content() == arrived(page)


def test_a_users_own_text_keeps_its_lines(page: Page) -> None:
    own = "a bad cab\na dab\na bad"
    open_tab(page, "Score your own text")
    page.locator("#own-text textarea").fill(own)
    button(page, "Score").click()
    expect(page.locator("#scored .surprise-letters")).to_have_text(own)
    assert looks(page, "#scored .surprise-letters") == own


def test_prompts_with_line_breaks_can_be_read_and_taken(page: Page, prose: Timeline) -> None:
    shown = page.locator("#prompts button")
    labels = ["a bad", "bad.↵", "dab↵↵cab", "cab bad", f"{'abc' * 20}…"]
    expect(shown).to_have_count(len(labels))
    for label, one in zip(labels, shown.all(), strict=True):
        assert one.evaluate(r"one => one.innerText.replaceAll(/\s*line break\s*/g, '')") == label
    page.get_by_role("button", name="bad. line break", exact=True).click()
    expect(page.locator("#seed-text textarea")).to_have_value("bad.\n")
    expect_text(page, expected(prose, prompt="bad.\n"))
    page.get_by_role("button", name="dab line break line break cab", exact=True).click()
    expect_text(page, expected(prose, prompt="dab\n\ncab "))
    button(page, "cab bad").click()
    expect(page.locator("#seed-text textarea")).to_have_value("cab\nbad ")


def test_other_models_show_their_lines(page: Page, letters: Timeline, address: str) -> None:
    open_page(page, f"{address}?model=letters")
    exact = arrived(page)
    assert "\n" in exact.strip()
    assert looks(page, "#output .passage") == exact
    open_tab(page, "Surprise")
    expect(page.locator("#surprise .surprise-letters")).to_have_text(exact)
    assert looks(page, "#surprise .surprise-letters") == exact
    choose(page, letters, letters.snapshots[1].label)
    assert looks(page, "#output .passage") == arrived(page) != exact
