"""Links to the text on the page, the address bar that follows it, and the history."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.visiting import (
    PROMPT,
    button,
    choose,
    expect_text,
    expected,
    open_page,
    scrubber,
    set_slider,
    settle,
    wide_and_phone,
)
from textgen import Timeline


@wide_and_phone
def test_copy_download_and_link_take_what_is_shown(page: Page, nietzsche: Timeline) -> None:
    choose(page, nietzsche, "4")
    button(page, "Copy").first.click()
    expect(page.locator(".output .done")).to_have_text("Text copied")
    assert page.evaluate("navigator.clipboard.readText()") == expected(nietzsche, 4)
    with page.expect_download() as download:
        button(page, "Download").click()
    assert download.value.suggested_filename == "nietzsche-epoch-4.txt"
    assert Path(download.value.path()).read_text(encoding="utf-8") == expected(nietzsche, 4)
    button(page, "Copy link").click()
    expect(page.locator(".output .done")).to_have_text("Link copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert parse_qs(urlsplit(link).query) == {
        "model": ["nietzsche"],
        "seed_text": [PROMPT],
        "epoch": ["4"],
    }


@wide_and_phone
def test_a_link_reproduces_exactly_what_was_seen(page: Page, letters: Timeline) -> None:
    query = "model=letters&seed_text=dab+&epoch=0.5&length=150&temperature=1.2&seed=9&top_k=3"
    open_page(page, urlsplit(page.url)._replace(query=query).geturl())
    whole = expected(letters, 0.5, "dab ", length=150, temperature=1.2, seed=9, top_k=3)
    expect_text(page, whole)
    expect(page.get_by_role("radio", name="letters")).to_be_checked()
    expect(page.locator("#seed-text textarea")).to_have_value("dab ")
    expect(page.locator("#temperature input[type=number]")).to_have_value("1.2")
    expect(page.locator(".comparison .card")).to_have_count(len(letters.snapshots))
    page.reload()
    settle(page)
    expect_text(page, whole)
    page.get_by_text("More settings").click()  # rendered only now, with the values of the link
    expect(page.locator("#top-k input[type=number]")).to_have_value("3")
    expect(page.locator("#top-p input[type=number]")).to_have_value("1")
    expect(page.locator("#seed input")).to_have_value("9")


def test_the_address_follows_what_is_shown(page: Page, nietzsche: Timeline) -> None:
    page.wait_for_timeout(500)
    assert urlsplit(page.url).query == ""
    set_slider(page, "temperature", "0.8")
    choose(page, nietzsche, "0.33")
    page.wait_for_url(re.compile(r"temperature=0\.8.*epoch=0\.33"))
    page.reload()
    settle(page)
    expect_text(page, expected(nietzsche, nietzsche.snapshots[4].epoch, temperature=0.8))


@pytest.mark.parametrize("query", ["temperature=9", "epoch=77", "model=<img src=x>", "length=x"])
def test_a_broken_link_says_why_and_the_page_stays(
    browser: Browser, address: str, query: str, nietzsche: Timeline
) -> None:
    page = browser.new_page()
    open_page(page, f"{address}?{query}")
    expect(page.locator(".toast-body")).to_contain_text("This link does not work.")
    assert page.locator("img[src=x]").count() == 0
    expect_text(page, expected(nietzsche))
    page.close()


def test_a_history_entry_restores_its_epoch_and_ends_a_playback(
    page: Page, nietzsche: Timeline
) -> None:
    scrubber(page).fill("4")
    button(page, "once upon a time").click()
    expect_text(page, expected(nietzsche, nietzsche.snapshots[4].epoch, "once upon a time "))
    settle(page)
    button(page, "▶ Watch it learn").click()
    page.locator("#history summary").click()
    page.locator("#history button").last.click()
    expect(page.locator(".caption strong")).to_have_text("After 12 epochs, the best")
    expect_text(page, expected(nietzsche))
    expect(button(page, "▶ Watch it learn")).to_be_visible()


@pytest.mark.parametrize("kept", ["5", "null", "{}", '[null, 5, {"title": 3}]', "half"])
def test_an_unreadable_history_starts_empty(
    browser: Browser, address: str, kept: str, nietzsche: Timeline
) -> None:
    page = browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.add_init_script(f"sessionStorage.setItem('textgen-history', {kept!r})")
    open_page(page, f"{address}?seed_text=so+&length=100")
    expect_text(page, expected(nietzsche, prompt="so ", length=100))
    expect(page.locator("#history summary")).to_have_text("History (1)")
    assert not problems
    page.close()


def test_the_history_leads_back_to_earlier_texts(page: Page, nietzsche: Timeline) -> None:
    set_slider(page, "temperature", "1")
    expect_text(page, expected(nietzsche, temperature=1.0))
    settle(page)
    page.locator("#history summary").click()
    entries = page.locator("#history button")
    expect(entries).to_have_count(2)
    entries.last.click()
    expect_text(page, expected(nietzsche))
    expect(page.locator("#temperature input[type=number]")).to_have_value("0.5")
    page.reload()
    settle(page)
    expect(page.locator("#history button")).to_have_count(2)
