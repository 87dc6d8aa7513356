"""Writing in the app: prompt, settings, Write, Stop and Continue, and what they show."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.support.visiting import (
    PROMPT,
    button,
    choose,
    expect_text,
    expected,
    set_slider,
    settle,
    text,
    wide_and_phone,
    written,
)
from textgen import Timeline
from textgen.generation.streams import DEFAULT_LENGTH


@wide_and_phone
def test_a_user_types_sets_the_sliders_and_watches_it_write(
    page: Page, nietzsche: Timeline
) -> None:
    page.locator("#seed-text textarea").fill("we philosophers ")
    set_slider(page, "length", "600")
    page.locator("#temperature input[type=range]").fill("0.95")
    page.locator("#temperature input[type=range]").press("ArrowRight")
    expect(page.locator("#temperature input[type=number]")).to_have_value("1")
    choose(page, nietzsche, "1")
    whole = expected(nietzsche, 1, "we philosophers ", length=600, temperature=1.0)
    page.evaluate(
        """() => {
            globalThis.seen = [];
            const shown = document.querySelector('#output .written');
            new MutationObserver(() => seen.push(shown.textContent)).observe(
                shown, {childList: true, characterData: true, subtree: true});
        }"""
    )
    page.locator("#write").click()
    expect(button(page, "Stop")).to_be_visible()
    expect(button(page, "Stop")).to_have_count(0)
    expect_text(page, whole)
    settle(page)
    seen = page.evaluate("seen")
    # Leaving the prompt's field showed the whole text; then Write began again.
    began = max(index for index, one in enumerate(seen) if len(one) < 50)
    assert len(seen[began:]) > 10, "the text must appear in steps"
    assert seen[began:] == sorted(seen[began:], key=len)
    assert all(whole.startswith("we philosophers " + one) for one in seen[began:])
    choose(page, nietzsche, "0")
    assert text(page) == expected(nietzsche, 0, "we philosophers ", length=600, temperature=1.0)


def test_enter_in_the_prompt_writes(page: Page, nietzsche: Timeline) -> None:
    page.locator("#seed-text textarea").fill("so ")
    page.locator("#seed-text textarea").press("Enter")
    expect(button(page, "Stop")).to_be_visible()
    expect_text(page, expected(nietzsche, prompt="so "))


def test_every_setting_changes_the_text_at_once(page: Page, nietzsche: Timeline) -> None:
    page.get_by_text("More settings").click()
    settings: dict[str, Any] = {}
    for name, key, value in (
        ("temperature", "temperature", 1.0),
        ("top-k", "top_k", 5),
        ("top-p", "top_p", 0.9),
        ("min-p", "min_p", 0.1),
        ("no-repeat-ngram-size", "no_repeat_ngram_size", 10),
        ("seed", "seed", 77),
        ("length", "length", 150),
    ):
        set_slider(page, name, str(value))
        settings[key] = value
        expect_text(page, expected(nietzsche, **settings))


def test_stop_stops_and_continue_resumes_and_lengthens(page: Page, nietzsche: Timeline) -> None:
    button(page, "Continue").click()
    expect_text(page, expected(nietzsche, length=DEFAULT_LENGTH + 400))
    expect(page.locator("#length input[type=number]")).to_have_value(str(DEFAULT_LENGTH + 400))
    set_slider(page, "length", "2000")
    whole = expected(nietzsche, length=2000)
    expect_text(page, whole)
    expect(button(page, "Continue")).to_be_disabled()
    page.locator("#write").click()
    button(page, "Stop").click()
    stopped = written(page)
    assert len(stopped) < 2000
    page.wait_for_timeout(700)
    assert written(page) == stopped
    # The link leads to the text on the page.
    assert f"length={max(50, len(stopped))}" in page.url
    button(page, "Continue").click()
    expect(button(page, "Stop")).to_be_visible()
    expect_text(page, whole)


def test_new_version_draws_a_new_seed_and_replay_keeps_it(page: Page, nietzsche: Timeline) -> None:
    button(page, "New version").click()
    expect(page.locator("#output .written")).not_to_have_text(
        re.compile(re.escape(expected(nietzsche)[len(PROMPT) :][:30]))
    )
    settle(page)
    page.get_by_text("More settings").click()
    seed = int(page.locator("#seed input").input_value())
    assert seed > 0
    expect_text(page, expected(nietzsche, seed=seed))
    button(page, "Replay").click()
    expect(button(page, "Stop")).to_be_visible()
    expect_text(page, expected(nietzsche, seed=seed))


def test_choosing_a_snapshot_during_writing_shows_that_snapshots_text(
    page: Page, nietzsche: Timeline
) -> None:
    set_slider(page, "length", "2000")
    expect_text(page, expected(nietzsche, length=2000))
    page.locator("#write").click()
    expect(button(page, "Stop")).to_be_visible()
    choose(page, nietzsche, "2")
    expect(button(page, "Stop")).to_have_count(0)
    expect_text(page, expected(nietzsche, 2, length=2000))


@wide_and_phone
def test_nothing_moves_while_it_writes(page: Page) -> None:
    page.locator("#output .actions").scroll_into_view_if_needed()
    page.locator("#write").click()
    page.wait_for_function(
        "() => document.querySelector('#output .written').textContent.length > 20"
    )
    tops = []
    for _ in range(5):
        tops.append(page.evaluate("document.querySelector('#more').offsetTop"))
        page.wait_for_timeout(100)
    expect(page.locator("#output .done")).to_have_text("400 characters")
    tops.append(page.evaluate("document.querySelector('#more').offsetTop"))
    assert len(set(tops)) == 1


@wide_and_phone
def test_the_text_scrolls_into_view(page: Page) -> None:
    set_slider(page, "length", "800")
    page.locator("#write").scroll_into_view_if_needed()
    page.locator("#write").click()
    expect(page.locator("#output .passage")).to_be_in_viewport(ratio=0.4, timeout=1000)


def test_ready_made_prompts_can_be_taken(page: Page, nietzsche: Timeline) -> None:
    button(page, "once upon a time").click()
    expect(page.locator("#seed-text textarea")).to_have_value("once upon a time ")
    expect(page.locator("#output .prompt")).to_have_text("once upon a time ")
    expect_text(page, expected(nietzsche, prompt="once upon a time "))


@wide_and_phone
def test_the_notes_list_what_was_changed_in_the_prompt(page: Page) -> None:
    hostile = "The <img src=x onerror='document.title=1'> <b>Soul</b> ☃☃"
    page.locator("#seed-text textarea").fill(hostile)
    page.locator("#write").click()
    notes = page.locator("#prompts .notes")
    expect(notes).to_contain_text("'☃' (2 times)")
    expect(notes).to_contain_text("'<' (3 times)")
    expect(notes).to_contain_text("Converted to lowercase: this model only knows lowercase.")
    assert page.locator("#prompts b, #output b b, img[src=x]").count() == 0

    page.locator("#seed-text textarea").fill("")
    page.locator("#write").click()
    expect(notes).to_have_text("The prompt was empty, so one of the model's own prompts is used.")
    expect(page.locator("#output .prompt")).to_have_text(PROMPT)

    page.locator("#seed-text textarea").fill("so " * 500)
    page.locator("#write").click()
    expect(notes).to_have_text("Only the last 1,000 characters of the prompt are used.")

    page.locator("#seed-text textarea").fill("so ")
    page.locator("#write").click()
    expect(notes).to_have_text("Only the last 1,000 characters are used.")
