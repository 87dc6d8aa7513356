"""The whole app in Chromium, used as a user would."""

import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.support.accessibility import TABS
from tests.support.apps import served
from tests.support.timelines import grow
from tests.support.visiting import (
    PROMPT,
    button,
    choose,
    expect_text,
    expected,
    open_page,
    open_tab,
    scrubber,
    set_slider,
    settle,
    text,
    wide_and_phone,
)
from textgen import Timeline


def test_the_first_paint_shows_what_the_best_snapshot_writes(
    browser: Browser, address: str, nietzsche: Timeline
) -> None:
    page = browser.new_page()
    page.goto(address)
    page.locator("#output .written").wait_for()
    # This is before the server has answered any event.
    assert page.evaluate("textgen.passage.prompt") == PROMPT
    assert text(page) == expected(nietzsche)
    page.close()


def test_moving_the_scrubber_shows_each_snapshots_text_without_a_request(
    page: Page, nietzsche: Timeline
) -> None:
    requests = []

    def watch(request: Request) -> None:
        requests.append(request.url)

    page.on("request", watch)
    for snapshot in nietzsche.snapshots:
        choose(page, nietzsche, snapshot.label)
        assert text(page) == expected(nietzsche, snapshot.epoch)
        expect(page.locator(".caption")).to_contain_text(f"{snapshot.val_bits_per_char:.2f} bits")
        expect(page.locator("#curve .point.chosen")).to_have_count(1)
        expect(page.locator("#curve .chosen .value")).to_have_text(
            f"{snapshot.val_bits_per_char:.2f}"
        )
    page.remove_listener("request", watch)
    assert not requests


def test_the_caption_shows_the_epochs_and_the_share_of_known_words(
    page: Page, nietzsche: Timeline
) -> None:
    choose(page, nietzsche, "1")
    caption = page.locator(".caption")
    share = nietzsche.known_words(expected(nietzsche, 1)[len(PROMPT) :], seed_text=PROMPT)
    assert share is not None
    expect(caption.locator("strong")).to_have_text("After 1 epoch")
    expect(caption).to_contain_text(f"{100 * share:.0f}% known words")
    spoken = scrubber(page).get_attribute("aria-valuetext") or ""
    assert spoken.startswith("After 1 epoch: 2.78 bits per character")
    choose(page, nietzsche, nietzsche.best.label)
    expect(caption.locator("strong")).to_have_text("After 12 epochs, the best")


@wide_and_phone
def test_the_scrubber_follows_the_keyboard_and_its_points_the_mouse(
    page: Page, nietzsche: Timeline
) -> None:
    scrubber(page).focus()
    page.keyboard.press("Home")
    expect(page.locator(".caption")).to_contain_text("Before training")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".caption")).to_contain_text("After 3.8% of the first epoch")
    page.locator("#curve .point").first.click()
    expect(page.locator(".caption")).to_contain_text("Before training")
    assert scrubber(page).input_value() == "0"
    assert text(page) == expected(nietzsche, 0)


def test_playback_runs_from_noise_to_the_best_snapshot_and_can_be_paused(page: Page) -> None:
    page.clock.install()
    button(page, "▶ Watch it learn").click()
    seen = [page.locator(".caption strong").inner_text()]
    pause = button(page, "❚❚ Pause")
    expect(pause).to_be_visible()
    for _ in range(2):
        page.clock.run_for(1000)
        seen.append(page.locator(".caption strong").inner_text())
    assert seen == [
        "Before training",
        "After 1.1% of the first epoch",
        "After 3.8% of the first epoch",
    ]
    pause.click()
    page.clock.run_for(5000)
    expect(page.locator(".caption strong")).to_have_text(seen[-1])
    button(page, "▶ Watch it learn").click()
    page.clock.run_for(20_000)
    expect(page.locator(".caption strong")).to_have_text("After 12 epochs, the best")
    expect(button(page, "▶ Watch it learn")).to_be_visible()


@wide_and_phone
def test_the_comparison_shows_every_snapshot_and_a_click_chooses_one(
    page: Page, nietzsche: Timeline
) -> None:
    cards = page.locator(".comparison .card")
    expect(cards).to_have_count(len(nietzsche.snapshots))
    for card, snapshot in zip(cards.all(), nietzsche.snapshots, strict=True):
        expect(card).to_contain_text(f"{snapshot.val_bits_per_char:.2f} bits per character")
        expect(card).to_contain_text("% known words")
        expect(card.locator(".passage")).to_contain_text(
            re.sub(r"\s+", " ", expected(nietzsche, snapshot.epoch)[:200]).strip()
        )
    cards.nth(3).get_by_role("button").click()
    expect(cards.nth(3)).to_have_class(re.compile("chosen"))
    assert text(page) == expected(nietzsche, nietzsche.snapshots[3].epoch)


@wide_and_phone
def test_temperatures_are_shown_side_by_side_and_can_be_used(
    page: Page, nietzsche: Timeline
) -> None:
    choose(page, nietzsche, "6")
    open_tab(page, "Temperatures")
    temperatures = page.locator("#temperatures")
    for temperature in (0, 0.2, 0.5, 1.0, 1.2):
        whole = expected(nietzsche, 6, temperature=temperature)
        expect(temperatures).to_contain_text(re.sub(r"\s+", " ", whole[:150]).strip())
    button(page, "Write at 1.0").click()
    expect(page.locator("#temperature input[type=number]")).to_have_value("1")
    expect_text(page, expected(nietzsche, 6, temperature=1.0))


def test_the_surprise_follows_the_chosen_snapshot(page: Page, nietzsche: Timeline) -> None:
    open_tab(page, "Surprise")
    surprise = page.locator("#surprise")
    for label in ("12", "1"):
        choose(page, nietzsche, label)
        generator = nietzsche.generator(epoch=float(label))
        whole = expected(nietzsche, float(label))
        bits = generator.score(whole).nats[len(PROMPT) - 1 :].mean() / 0.6931471805599453
        # Rounded twice, 1.349 may be shown as 1.4.
        expect(surprise).to_contain_text(
            re.compile(rf"({bits:.1f}|{round(bits, 2) + 1e-9:.1f}) bits per character on average")
        )


def test_a_users_own_text_is_scored(page: Page, nietzsche: Timeline) -> None:
    own = "The free spirit is a late fruit; <b>few</b> ever taste of it."
    open_tab(page, "Score your own text")
    page.locator("#own-text textarea").fill(own)
    button(page, "Score").click()
    bits = nietzsche.generator().score(own).bits_per_char
    expect(page.locator("#scored")).to_contain_text(f"{bits:.1f} bits per character")
    expect(page.locator("#scored")).to_contain_text("'<' (2 times)")
    page.locator("#own-text textarea").fill("☃")
    button(page, "Score").click()
    expect(page.locator(".toast-body")).to_be_visible()


def test_the_code_contains_the_users_settings(page: Page, nietzsche: Timeline) -> None:
    set_slider(page, "temperature", "0.85")
    choose(page, nietzsche, "4")
    open_tab(page, "Use this model")
    reuse = page.locator("#reuse")
    expect(reuse).to_contain_text("temperature=0.85")
    expect(reuse).to_contain_text("epoch=4")
    expect(reuse).to_contain_text(f"http://{urlsplit(page.url).netloc}")
    expect(reuse).to_contain_text("347,001")


@wide_and_phone
def test_another_model_can_be_chosen(page: Page, letters: Timeline) -> None:
    for tab in TABS:
        open_tab(page, tab)
    page.get_by_role("radio", name="letters").click()
    expect(page.locator(".lead").first).to_contain_text("letters")
    expect(page.locator("#seed-text textarea")).to_have_value("a bad ")
    page.wait_for_function("() => textgen.passage.question.model === 'letters'")
    settle(page)
    assert text(page) == expected(letters, prompt="a bad ")
    choose(page, letters, "0")
    assert text(page) == expected(letters, 0, "a bad ")
    expect(page.locator("#reuse")).to_contain_text("letters")
    open_tab(page, "Surprise")
    expect(page.locator("#surprise")).to_contain_text("bits per character")
    open_tab(page, "All snapshots")
    expect(page.locator(".comparison .card")).to_have_count(len(letters.snapshots))


@pytest.mark.parametrize("width", [360, 390, 768])
def test_nothing_is_wider_than_the_window(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    open_page(page, address)
    for tab in TABS:
        open_tab(page, tab)
        page.wait_for_timeout(600)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, tab
    page.close()


def test_the_app_shows_new_snapshots_of_a_model_in_training(
    browser: Browser, letters: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("service.models", "page.components"):
        monkeypatch.setattr(f"textgen.{module}.POLL_SECONDS", 0.5)
    directory = shutil.copytree(letters.directory, tmp_path / "growing")
    grow(directory, letters, 2)
    with served(Timeline.from_pretrained(directory)) as url:
        page = browser.new_page()
        page.goto(url)
        points = page.locator("#curve .point")
        expect(points).to_have_count(2)
        caption = page.locator(".caption strong").inner_text()
        grow(directory, letters, 3)
        expect(points).to_have_count(3)
        expect(page.locator(".caption strong")).to_contain_text(caption.split(",")[0])
        expect(page.locator(".lead").first).to_contain_text("Training is at epoch 1 of 2")
        grow(directory, letters, 4)
        expect(points).to_have_count(4)
        expect(page.locator(".lead").first).not_to_contain_text("Training is at")
        settle(page)
        scrubber(page).fill("3")
        prompt = page.locator("#seed-text textarea").input_value()
        assert text(page) == expected(letters, letters.snapshots[-1].epoch, prompt)
        page.close()
