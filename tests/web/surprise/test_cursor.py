"""The cursor in a text colored by surprise: mouse, touch, keys and screen readers."""

import re
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.support.surprises import (
    PROMPT,
    SMALL,
    character,
    letters,
    open_page,
    panel,
    place,
    said,
    show,
)
from tests.support.visiting import visiting, wide_and_phone


def test_the_most_surprising_of_the_first_characters_is_selected_first(
    page: Page, seen: dict[str, Any]
) -> None:
    bits = seen["bits"][len(PROMPT) : len(PROMPT) + 200]
    place = len(PROMPT) + bits.index(max(bits))
    expect(page.locator("#written .surprise-cursor")).to_have_text(seen["text"][place])
    expect(panel(page, "written")).to_contain_text(f"Surprise {max(bits):.1f} bits")
    expect(said(page, "written")).to_be_empty()


def test_hovering_shows_the_most_likely_characters_and_leaving_goes_back(
    page: Page, seen: dict[str, Any]
) -> None:
    expect(character(page, "written")).not_to_be_empty()
    before = character(page, "written").inner_text()
    height = panel(page, "written").bounding_box()
    place = seen["bits"].index(min(seen["bits"][1:]))
    letters(page, "written").nth(place).hover()
    most_likely, percent = seen["alternatives"][place]
    assert most_likely[0] == seen["text"][place]
    rows = page.locator("#written .surprise-row")
    expect(rows.first).to_contain_text(f"{percent[0]:.1f}%")
    expect(rows.first).to_contain_text("this one")
    expect(rows.nth(1)).not_to_contain_text("this one")
    assert panel(page, "written").bounding_box() == height
    expect(said(page, "written")).to_be_empty()
    page.mouse.move(5, 5)
    expect(character(page, "written")).to_have_text(before)


def test_a_tap_selects_a_character_and_the_buttons_move_on_from_it(
    browser: Browser, address: str
) -> None:
    tab = browser.new_page(has_touch=True, is_mobile=True)
    with visiting(tab, SMALL) as page:
        open_page(page, address)
        show(page, "lines")
        letters(page).nth(4).tap()
        expect(character(page)).to_have_text("“t”")
        expect(said(page)).to_be_empty()
        page.get_by_role("button", name="Next character").tap()
        expect(character(page)).to_have_text("“w”")
        expect(said(page)).to_have_text(
            "“w”: Surprise 1.0 bits: probability 50%, lower than all of these. Most likely: "
            "a 50%, space 25%, line break 13%, 🙂 6.2%, b under 0.1%."
        )
        page.get_by_role("button", name="Previous character").tap()
        expect(character(page)).to_have_text("“t”")
    tab.close()


def test_the_keys_move_the_cursor_through_the_text(page: Page) -> None:
    show(page, "lines")  # "one two\nthree four\n\nfive"
    letters(page).first.click()
    text = page.locator("#typed .surprise-text")
    text.focus()
    for key, expected in (
        ("ArrowLeft", 0),
        ("ArrowRight", 1),
        ("Control+ArrowRight", 4),
        ("Control+ArrowRight", 8),
        ("Control+ArrowLeft", 4),
        ("Home", 0),
        ("End", 7),
        ("ArrowRight", 8),
        ("ArrowDown", 19),
        ("ArrowDown", 20),
        ("ArrowDown", 20),
        ("ArrowUp", 19),
        ("ArrowUp", 8),
        ("ArrowUp", 0),
        ("ArrowUp", 0),
        ("Control+End", 23),
        ("ArrowRight", 23),
        ("Control+ArrowRight", 23),
        ("Control+Home", 0),
        ("Control+ArrowLeft", 0),
        ("Shift+ArrowRight", 0),
        ("x", 0),
    ):
        page.keyboard.press(key)
        assert place(page) == expected, key
    page.keyboard.press("ArrowRight")
    expect(said(page)).to_have_text(re.compile("^“n”: Surprise 1.0 bits"))


def test_a_resting_pointer_does_not_take_the_cursor_from_the_keys(tab: Page, address: str) -> None:
    with visiting(tab, (800, 620)) as page:
        open_page(page, address)
        letters(page, "written").nth(100).click()
        page.locator("#written .surprise-text").focus()
        for _ in range(25):
            page.keyboard.press("ArrowDown")
            page.wait_for_timeout(30)
            shown = character(page, "written").inner_text()
            why = page.locator("#written .surprise-bits").inner_text()
            assert said(page, "written").inner_text().startswith(f"{shown}: {why}")
        assert page.evaluate("scrollY") > 300
        nearby = letters(page, "written").nth(place(page, "written") - 5)
        nearby.hover()
        expect(nearby).to_have_class(re.compile("surprise-cursor"))


@wide_and_phone
def test_up_and_down_follow_the_lines_as_the_window_breaks_them(
    page: Page, seen: dict[str, Any]
) -> None:
    spans = letters(page, "written")
    # Near the start of a line, so that the next one reaches below it.
    start = spans.evaluate_all(
        """spans => {
          const left = (span) => span.getBoundingClientRect().left;
          const edge = Math.min(...spans.map(left));
          return spans.findIndex((span, place) => place > 300 && left(span) < edge + 25);
        }"""
    )
    spans.nth(start).click()
    left, top, right = spans.nth(start).evaluate(
        "span => { const box = span.getBoundingClientRect();"
        " return [box.left + scrollX, box.top + scrollY, box.right + scrollX]; }"
    )
    page.locator("#written .surprise-text").focus()
    page.keyboard.press("ArrowDown")
    box = spans.nth(place(page, "written")).evaluate(
        "span => { const box = span.getClientRects()[0];"
        " return [box.left + scrollX, box.top + scrollY, box.right + scrollX]; }"
    )
    assert 20 < box[1] - top < 50
    assert box[0] < right
    assert box[2] > left


@wide_and_phone
def test_the_keys_keep_the_cursor_visible_and_clear_of_the_panel(page: Page) -> None:
    letters(page, "written").first.click()
    page.locator("#written .surprise-text").focus()
    page.keyboard.press("Control+End")
    for _ in range(3):
        page.keyboard.press("ArrowUp")
    cursor = page.locator("#written .surprise-cursor")
    expect(cursor).to_be_in_viewport(ratio=1)
    expect(panel(page, "written")).to_be_in_viewport(ratio=0.9)
    mine, its = cursor.bounding_box(), panel(page, "written").bounding_box()
    assert mine is not None
    assert its is not None
    assert mine["x"] + mine["width"] <= its["x"] or mine["y"] + mine["height"] <= its["y"]


@wide_and_phone
def test_the_panel_stays_visible_while_the_text_scrolls(page: Page) -> None:
    letters(page, "written").nth(900).scroll_into_view_if_needed()
    expect(panel(page, "written")).to_be_in_viewport(ratio=1)


def test_the_text_is_one_stop_of_the_tab_key(page: Page) -> None:
    show(page, "lines")
    page.locator("#typed .surprise-text").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Previous character")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#typed .surprise-text")).to_be_focused()
    outline = page.locator("#typed .surprise-text").evaluate(
        "e => getComputedStyle(e).outlineStyle"
    )
    assert outline == "solid"


def test_a_screen_reader_finds_the_text_as_text(page: Page, seen: dict[str, Any]) -> None:
    plain = page.get_by_role("group", name="The same text as plain text")
    expect(plain.first).to_have_text(" ".join(seen["text"].split()))
    walked = page.locator("#written .surprise-text").aria_snapshot()
    assert "application" in walked
    assert len(walked.splitlines()) == 1  # without its letters
