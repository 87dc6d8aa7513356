"""The page in a real browser: Chromium, driven as a visitor would."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

import app
from tests.processes import free_port
from tests.timelines import grow, write_timeline
from textgen import TextGenerator, Timeline
from textgen.request import DEFAULT_LENGTH

BUNDLED = Path(__file__).parent.parent / "pretrained" / "nietzsche"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPENING = "the soul of man "

if CHROMIUM is None and os.environ.get("TEXTGEN_REQUIRE_BROWSER"):
    pytest.fail("Chromium is missing; install it: apt-get install chromium", pytrace=False)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    """A second model, which differs from the first in everything that is shown."""
    return write_timeline(tmp_path_factory.mktemp("browser") / "letters")


@pytest.fixture(scope="module")
def address(letters: Timeline) -> Iterator[str]:
    demo = app.build_demo([Timeline.from_pretrained(BUNDLED), letters])
    _, url, _ = demo.launch(
        prevent_thread_lock=True, quiet=True, server_port=free_port(), **app.launch_options()
    )
    yield url
    demo.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["wide", "phone"])
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = request.param
    page = browser.new_page(viewport={"width": width, "height": height})
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda sent: problems.append(sent.url) if is_foreign(sent.url) else None)
    page.goto(address)
    expect(page.locator("#output textarea")).not_to_be_empty()
    yield page
    page.close()
    assert not problems


def is_foreign(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1", "http://localhost", "data:", "blob:"))


def output(page: Page) -> Locator:
    return page.locator("#output textarea")


def choose(page: Page, epoch: str) -> None:
    page.locator("#epoch label", has_text=re.compile(rf"^\s*{re.escape(epoch)} ·")).click()


def test_the_first_paint_shows_what_the_best_snapshot_writes(page: Page) -> None:
    generator = TextGenerator.from_pretrained(BUNDLED)
    written = OPENING + generator.generate(OPENING, length=DEFAULT_LENGTH, seed=1)
    expect(output(page)).to_have_value(written)
    expect(page.locator(".stage")).to_have_count(6)
    expect(page.locator(".curve .chosen")).to_have_count(1)


def test_choosing_snapshots_rewrites_the_same_opening(page: Page) -> None:
    timeline = Timeline.from_pretrained(BUNDLED)
    for snapshot in (timeline.snapshots[0], timeline.snapshots[5], timeline.best):
        choose(page, snapshot.label)
        text = timeline.generator(step=snapshot.step).generate(OPENING, length=400, seed=1)
        expect(output(page)).to_have_value(OPENING + text)
        expect(page.locator(".curve")).to_have_attribute(
            "aria-label", re.compile(rf"chosen: epoch {re.escape(snapshot.label)},")
        )


def test_a_visitor_types_sets_the_sliders_and_watches_it_write(page: Page) -> None:
    page.locator("#seed-text textarea").fill("we philosophers ")
    page.locator("#length input[type=range]").fill("600")
    expect(page.locator("#length input[type=number]")).to_have_value("600")
    page.locator("#temperature input[type=range]").fill("0.95")
    page.locator("#temperature input[type=range]").press("ArrowRight")
    expect(page.locator("#temperature input[type=number]")).to_have_value("1")
    choose(page, "1")
    expect(output(page)).to_have_value(re.compile(r"^we philosophers "))
    page.locator("#write").click()
    page.wait_for_function(
        "() => { const n = document.querySelector('#output textarea').value.length;"
        " return n > 20 && n < 500; }",
        polling=20,
    )
    generator = TextGenerator.from_pretrained(BUNDLED, epoch=1)
    text = generator.generate("we philosophers ", length=600, temperature=1.0, seed=1)
    expect(output(page)).to_have_value("we philosophers " + text)
    expect(page.locator(".stage .text b").first).to_have_text("we philosophers ")


def test_stop_ends_the_writing(page: Page) -> None:
    page.locator("#length input[type=number]").fill("2000")
    page.locator("#length input[type=number]").press("Tab")
    page.locator("#write").click()
    page.wait_for_function(
        "() => { const n = document.querySelector('#output textarea').value.length;"
        " return n > 500; }"
    )
    page.locator("#stop").click()
    page.wait_for_timeout(500)
    stopped = output(page).input_value()
    page.wait_for_timeout(1000)
    assert output(page).input_value() == stopped
    assert len(stopped) < 2000


def test_ready_made_openings_can_be_taken(page: Page) -> None:
    page.locator("#ready-made button, #ready-made .gallery-item").filter(
        has_text="once upon a time"
    ).click()
    expect(page.locator("#seed-text textarea")).to_have_value("once upon a time ")
    expect(output(page)).to_have_value(re.compile("^once upon a time "))


def test_a_visitor_is_told_what_was_changed_in_the_opening(page: Page) -> None:
    page.locator("#seed-text textarea").fill("The <b>Soul</b> ☃☃")
    page.locator("#write").click()
    notes = page.locator("#notes")
    expect(notes).to_contain_text("'☃' 2")
    expect(notes).to_contain_text("'<' 2")
    expect(notes).to_contain_text("Capitals became small letters")
    assert page.locator("#notes b, .stage .text b b").count() == 0

    page.locator("#seed-text textarea").fill("")
    page.locator("#write").click()
    expect(notes).to_contain_text("an opening of its own")
    expect(output(page)).to_have_value(re.compile(f"^{OPENING}"))

    page.locator("#seed-text textarea").fill("so " * 500)
    page.locator("#write").click()
    expect(notes).to_contain_text("Only the last 1,000 characters")


def test_another_model_can_be_chosen(page: Page, letters: Timeline) -> None:
    page.locator("#model input").click()
    page.get_by_role("option", name="letters").click()
    expect(page.locator(".lead")).to_contain_text("letters")
    expect(page.locator("#epoch label")).to_have_count(len(letters.snapshots))
    best = letters.generator().generate("a bad ", length=400, seed=1)
    expect(output(page)).to_have_value("a bad " + best)
    expect(page.locator("#seed-text textarea")).to_have_value("a bad ")
    choose(page, "0")
    untrained = letters.generator(0).generate("a bad ", length=400, seed=1)
    expect(output(page)).to_have_value("a bad " + untrained)
    expect(page.locator(".curve")).to_have_attribute("aria-label", re.compile("chosen: epoch 0,"))


def test_what_is_written_is_in_sight(page: Page) -> None:
    page.locator("#length input[type=number]").fill("2000")
    page.locator("#length input[type=number]").press("Tab")
    page.locator("#write").scroll_into_view_if_needed()
    page.locator("#write").click()
    expect(output(page)).to_be_in_viewport(ratio=0.5, timeout=1000)  # writing takes three seconds
    page.locator("#stop").click()


def test_nothing_is_wider_than_the_window(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_page_offers_new_snapshots_of_a_model_in_training(
    browser: Browser, letters: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("page", "widgets"):
        monkeypatch.setattr(f"textgen.{module}.POLL_SECONDS", 0.5)
    directory = shutil.copytree(letters.directory, tmp_path / "growing")
    grow(directory, letters, 2)
    demo = app.build_demo([Timeline.from_pretrained(directory)])
    _, url, _ = demo.launch(
        prevent_thread_lock=True, quiet=True, server_port=free_port(), **app.launch_options()
    )
    page = browser.new_page()
    try:
        page.goto(url)
        choices = page.locator("#epoch input")
        expect(choices).to_have_count(2)
        chosen = page.locator("#epoch label.selected").inner_text()
        grow(directory, letters, 3)
        expect(choices).to_have_count(3)
        expect(page.locator("#epoch label.selected")).to_have_text(chosen)
        expect(page.locator(".lead")).to_contain_text("Training has come to epoch 1 of 2")
        grow(directory, letters, 4)
        expect(choices).to_have_count(4)
        expect(page.locator(".lead")).not_to_contain_text("Training has come")
        choices.nth(3).check(force=True)
        last = letters.snapshots[-1]
        text = TextGenerator.from_pretrained(directory, step=last.step)
        opening = page.locator("#seed-text textarea").input_value()
        written = opening + text.generate(opening, length=DEFAULT_LENGTH, seed=1)
        expect(page.locator("#output textarea")).to_have_value(written)
    finally:
        page.close()
        demo.close()
