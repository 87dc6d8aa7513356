"""The page in a real browser: Chromium, driven as a visitor would."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.apps import served
from tests.support.chromium import needs_chromium
from tests.support.paths import BUNDLED
from tests.support.timelines import grow, write_timeline
from textgen import Timeline
from textgen.service.request import DEFAULT_LENGTH

OPENING = "the soul of man "
TABS = ("All stages", "Temperatures", "Look inside", "Score your own text", "Use it yourself")

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    """A second model, which differs from the first in everything that is shown."""
    return write_timeline(tmp_path_factory.mktemp("browser") / "letters")


@pytest.fixture(scope="module")
def nietzsche() -> Timeline:
    return Timeline.from_pretrained(BUNDLED)


@pytest.fixture(scope="module")
def address(nietzsche: Timeline, letters: Timeline) -> Iterator[str]:
    with served(nietzsche, letters) as url:
        yield url


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["wide", "phone"])
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda sent: problems.append(sent.url) if is_foreign(sent.url) else None)
    open_page(page, address)
    yield page
    context.close()
    assert not problems


def is_foreign(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1", "http://localhost", "data:", "blob:"))


def open_page(page: Page, address: str) -> None:
    """Go there, and wait until every snapshot's text is there."""
    page.goto(address)
    settle(page)


def settle(page: Page) -> None:
    """Wait until every snapshot's text is there."""
    page.wait_for_function(
        "() => globalThis.textgen?.passage && textgen.snapshots.every(textgen.written)"
        " && (!textgen.linked || textgen.passage.request_id > 0)"
    )


def text(page: Page) -> str:
    """Return what stands in the reader, the opening included."""
    return page.locator("#output .prompt").text_content() + written(page)  # type: ignore[operator]


def written(page: Page) -> str:
    return page.locator("#output .written").text_content() or ""


def expected(
    timeline: Timeline, epoch: Any = "best", prompt: str = OPENING, **settings: Any
) -> str:
    generator = timeline.generator(epoch)
    return prompt + generator.generate(prompt, **{"seed": 1, **settings})


def expect_text(page: Page, text: str) -> None:
    """Wait until the reader shows a text, the opening included."""
    page.wait_for_function(
        """(text) => {
          const said = (part) => document.querySelector(`#output .${part}`).textContent;
          return said("prompt") + said("written") === text;
        }""",
        arg=text,
    )


def scrubber(page: Page) -> Locator:
    return page.locator("#curve input[type=range]")


def choose(page: Page, timeline: Timeline, label: str) -> None:
    labels = [snapshot.label for snapshot in timeline.snapshots]
    scrubber(page).fill(str(labels.index(label)))


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def set_slider(page: Page, name: str, value: str) -> None:
    page.locator(f"#{name} input[type=number]").fill(value)
    page.locator(f"#{name} input[type=number]").press("Tab")


# Watch it learn


def test_the_first_paint_shows_what_the_best_snapshot_writes(
    browser: Browser, address: str, nietzsche: Timeline
) -> None:
    page = browser.new_page()
    page.goto(address)
    page.locator("#output .written").wait_for()
    # Before any event has been answered, that is.
    assert page.evaluate("textgen.passage.prompt") == OPENING
    assert text(page) == expected(nietzsche)
    page.close()


def test_moving_the_scrubber_shows_what_each_snapshot_writes_without_asking(
    page: Page, nietzsche: Timeline
) -> None:
    request_id: list[str] = []
    page.on("request", lambda sent: request_id.append(sent.url))
    for snapshot in nietzsche.snapshots:
        choose(page, nietzsche, snapshot.label)
        assert text(page) == expected(nietzsche, snapshot.epoch)
        expect(page.locator(".caption")).to_contain_text(f"{snapshot.val_bits_per_char:.2f} bits")
        expect(page.locator("#curve .point.chosen")).to_have_count(1)
        expect(page.locator("#curve .chosen .value")).to_have_text(
            f"{snapshot.val_bits_per_char:.2f}"
        )
    assert not request_id


def test_the_caption_tells_the_readings_and_the_share_of_real_words(
    page: Page, nietzsche: Timeline
) -> None:
    choose(page, nietzsche, "1")
    caption = page.locator(".caption")
    share = nietzsche.real_words(expected(nietzsche, 1)[len(OPENING) :], seed_text=OPENING)
    assert share is not None
    expect(caption).to_contain_text("Epoch 1: after 1 reading")
    expect(caption).to_contain_text(f"{100 * share:.0f} % real words")
    spoken = scrubber(page).get_attribute("aria-valuetext") or ""
    assert spoken.startswith("Epoch 1: after 1 reading, 2.78 bits per character")
    choose(page, nietzsche, nietzsche.best.label)
    expect(caption).to_contain_text("its best")


def test_the_scrubber_listens_to_the_keyboard_and_points_to_the_mouse(
    page: Page, nietzsche: Timeline
) -> None:
    scrubber(page).focus()
    page.keyboard.press("Home")
    expect(page.locator(".caption")).to_contain_text("Epoch 0: before reading anything")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".caption")).to_contain_text("Epoch 0.038: after 3.8 % of one reading")
    page.locator("#curve .point").first.click()
    expect(page.locator(".caption")).to_contain_text("Epoch 0: before reading anything")
    assert scrubber(page).input_value() == "0"
    assert text(page) == expected(nietzsche, 0)


def test_play_runs_from_noise_to_the_best_snapshot_and_can_be_paused(page: Page) -> None:
    page.clock.install()
    button(page, "▶ Watch it learn").click()
    seen = [page.locator(".caption strong").inner_text()]
    pause = button(page, "❚❚ Pause")
    expect(pause).to_be_visible()
    for _ in range(2):
        page.clock.run_for(1000)
        seen.append(page.locator(".caption strong").inner_text())
    assert seen == [
        "Epoch 0: before reading anything",
        "Epoch 0.011: after 1.1 % of one reading",
        "Epoch 0.038: after 3.8 % of one reading",
    ]
    pause.click()
    page.clock.run_for(5000)
    expect(page.locator(".caption strong")).to_have_text(seen[-1])
    button(page, "▶ Watch it learn").click()
    page.clock.run_for(20_000)
    expect(page.locator(".caption strong")).to_have_text("Epoch 12: after 12 readings, its best")
    expect(button(page, "▶ Watch it learn")).to_be_visible()


def test_the_wall_shows_every_snapshot_and_a_click_chooses_one(
    page: Page, nietzsche: Timeline
) -> None:
    cards = page.locator(".comparison .card")
    expect(cards).to_have_count(len(nietzsche.snapshots))
    for card, snapshot in zip(cards.all(), nietzsche.snapshots, strict=True):
        expect(card).to_contain_text(f"{snapshot.val_bits_per_char:.2f} bits per character")
        expect(card).to_contain_text("% real words")
        expect(card.locator(".passage")).to_contain_text(
            re.sub(r"\s+", " ", expected(nietzsche, snapshot.epoch)[:200]).strip()
        )
    cards.nth(3).get_by_role("button").click()
    expect(cards.nth(3)).to_have_class(re.compile("chosen"))
    assert text(page) == expected(nietzsche, nietzsche.snapshots[3].epoch)


# Write


def test_a_visitor_types_sets_the_sliders_and_watches_it_write(
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
    # Leaving the opening's field showed the whole text; then Write began anew.
    began = max(place for place, one in enumerate(seen) if len(one) < 50)
    assert len(seen[began:]) > 10, "it takes its time"
    assert seen[began:] == sorted(seen[began:], key=len)
    assert all(whole.startswith("we philosophers " + one) for one in seen[began:])
    choose(page, nietzsche, "0")
    assert text(page) == expected(nietzsche, 0, "we philosophers ", length=600, temperature=1.0)


def test_enter_in_the_opening_writes(page: Page, nietzsche: Timeline) -> None:
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


def test_stop_stops_and_continue_goes_on_and_further(page: Page, nietzsche: Timeline) -> None:
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
    # The link is to what is seen.
    assert f"length={max(50, len(stopped))}" in page.url
    button(page, "Continue").click()
    expect(button(page, "Stop")).to_be_visible()
    expect_text(page, whole)


def test_the_dice_can_be_thrown_anew_and_the_same_again(page: Page, nietzsche: Timeline) -> None:
    button(page, "Surprise me").click()
    expect(page.locator("#output .written")).not_to_have_text(
        re.compile(re.escape(expected(nietzsche)[len(OPENING) :][:30]))
    )
    settle(page)
    page.get_by_text("More settings").click()
    seed = int(page.locator("#seed input").input_value())
    assert seed > 0
    expect_text(page, expected(nietzsche, seed=seed))
    button(page, "Same again").click()
    expect(button(page, "Stop")).to_be_visible()
    expect_text(page, expected(nietzsche, seed=seed))


def test_choosing_a_snapshot_while_it_writes_shows_that_ones_text(
    page: Page, nietzsche: Timeline
) -> None:
    set_slider(page, "length", "2000")
    expect_text(page, expected(nietzsche, length=2000))
    page.locator("#write").click()
    expect(button(page, "Stop")).to_be_visible()
    choose(page, nietzsche, "2")
    expect(button(page, "Stop")).to_have_count(0)
    expect_text(page, expected(nietzsche, 2, length=2000))


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
    assert len(set(tops)) == 1


def test_what_is_written_is_in_sight(page: Page) -> None:
    set_slider(page, "length", "800")
    page.locator("#write").scroll_into_view_if_needed()
    page.locator("#write").click()
    expect(page.locator("#output .passage")).to_be_in_viewport(ratio=0.4, timeout=1000)


def test_ready_made_openings_can_be_taken(page: Page, nietzsche: Timeline) -> None:
    button(page, "once upon a time").click()
    expect(page.locator("#seed-text textarea")).to_have_value("once upon a time ")
    expect(page.locator("#output .prompt")).to_have_text("once upon a time ")
    expect_text(page, expected(nietzsche, prompt="once upon a time "))


def test_a_visitor_is_told_what_was_changed_in_the_opening(page: Page) -> None:
    hostile = "The <img src=x onerror='document.title=1'> <b>Soul</b> ☃☃"
    page.locator("#seed-text textarea").fill(hostile)
    page.locator("#write").click()
    notes = page.locator("#prompts .notes")
    expect(notes).to_contain_text("'☃' 2")
    expect(notes).to_contain_text("'<' 3")
    expect(notes).to_contain_text("Capitals became small letters")
    assert page.locator("#prompts b, #output b b, img[src=x]").count() == 0

    page.locator("#seed-text textarea").fill("")
    page.locator("#write").click()
    expect(notes).to_contain_text("an opening of its own")
    expect(page.locator("#output .prompt")).to_have_text(OPENING)

    page.locator("#seed-text textarea").fill("so " * 500)
    page.locator("#write").click()
    expect(notes).to_contain_text("Only the last 1,000 characters")

    page.locator("#seed-text textarea").fill("so ")
    page.locator("#write").click()
    expect(notes).to_have_text("Any text; its last 1,000 characters are read.")


def test_copy_download_and_link_take_what_is_shown(page: Page, nietzsche: Timeline) -> None:
    choose(page, nietzsche, "4")
    button(page, "Copy").first.click()
    expect(page.locator(".output .done")).to_have_text("Text copied")
    assert page.evaluate("navigator.clipboard.readText()") == expected(nietzsche, 4)
    with page.expect_download() as download:
        button(page, "Download").click()
    assert download.value.suggested_filename == "nietzsche-epoch-4.txt"
    assert Path(download.value.path()).read_text(encoding="utf-8") == expected(nietzsche, 4)
    button(page, "Link to this").click()
    expect(page.locator(".output .done")).to_have_text("Link copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert parse_qs(urlsplit(link).query) == {
        "model": ["nietzsche"],
        "seed_text": [OPENING],
        "epoch": ["4"],
    }


# Links and the visit


def test_a_link_reproduces_exactly_what_was_seen(page: Page, letters: Timeline) -> None:
    query = "model=letters&seed_text=dab+&epoch=0.5&length=150&temperature=1.2&seed=9&top_k=3"
    open_page(page, urlsplit(page.url)._replace(query=query).geturl())
    whole = expected(letters, 0.5, "dab ", length=150, temperature=1.2, seed=9, top_k=3)
    expect_text(page, whole)
    expect(page.locator("#model input")).to_have_value("letters")
    expect(page.locator("#seed-text textarea")).to_have_value("dab ")
    expect(page.locator("#temperature input[type=number]")).to_have_value("1.2")
    expect(page.locator(".comparison .card")).to_have_count(len(letters.snapshots))
    page.reload()
    settle(page)
    expect_text(page, whole)
    page.get_by_text("More settings").click()  # built only now, with what the link says
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
def test_a_link_that_cannot_be_shown_says_why_and_shows_the_page(
    browser: Browser, address: str, query: str, nietzsche: Timeline
) -> None:
    page = browser.new_page()
    open_page(page, f"{address}?{query}")
    expect(page.locator(".toast-body")).to_contain_text("This link cannot be shown.")
    assert page.locator("img[src=x]").count() == 0
    expect_text(page, expected(nietzsche))
    page.close()


def test_what_is_seen_again_is_seen_at_its_epoch_and_ends_a_play(
    page: Page, nietzsche: Timeline
) -> None:
    scrubber(page).fill("4")
    button(page, "once upon a time").click()
    expect_text(page, expected(nietzsche, nietzsche.snapshots[4].epoch, "once upon a time "))
    settle(page)
    button(page, "▶ Watch it learn").click()
    page.locator("#history summary").click()
    page.locator("#history button").last.click()
    expect(page.locator(".caption strong")).to_have_text("Epoch 12: after 12 readings, its best")
    expect_text(page, expected(nietzsche))
    expect(button(page, "▶ Watch it learn")).to_be_visible()


@pytest.mark.parametrize("kept", ["5", "null", "{}", '[null, 5, {"title": 3}]', "half"])
def test_a_visit_that_cannot_be_read_starts_anew(
    browser: Browser, address: str, kept: str, nietzsche: Timeline
) -> None:
    page = browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.add_init_script(f"sessionStorage.setItem('textgen-history', {kept!r})")
    open_page(page, f"{address}?seed_text=so+&length=100")
    expect_text(page, expected(nietzsche, prompt="so ", length=100))
    expect(page.locator("#history summary")).to_have_text("This visit (1)")
    assert not problems
    page.close()


def test_what_this_visit_saw_can_be_seen_again(page: Page, nietzsche: Timeline) -> None:
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


# The tabs


def test_temperatures_are_shown_side_by_side_and_can_be_taken(
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


def test_looking_inside_follows_the_chosen_snapshot(page: Page, nietzsche: Timeline) -> None:
    open_tab(page, "Look inside")
    surprise = page.locator("#surprise")
    for label in ("12", "1"):
        choose(page, nietzsche, label)
        generator = nietzsche.generator(epoch=float(label))
        whole = expected(nietzsche, float(label))
        bits = generator.score(whole).nats[len(OPENING) - 1 :].mean() / 0.6931471805599453
        # By two roundings one after the other, 1.349 may be shown as 1.4.
        expect(surprise).to_contain_text(
            re.compile(rf"({bits:.1f}|{round(bits, 2) + 1e-9:.1f}) bits per character, on average")
        )


def test_a_visitors_own_text_is_scored(page: Page, nietzsche: Timeline) -> None:
    own = "The free spirit is a late fruit; <b>few</b> ever taste of it."
    open_tab(page, "Score your own text")
    page.locator("#own-text textarea").fill(own)
    button(page, "Score it").click()
    bits = nietzsche.generator().score(own).bits_per_char
    expect(page.locator("#scored")).to_contain_text(f"{bits:.1f} bits per character")
    expect(page.locator("#scored")).to_contain_text("'<' 2")
    page.locator("#own-text textarea").fill("☃")
    button(page, "Score it").click()
    expect(page.locator(".toast-body")).to_be_visible()


def test_code_to_take_along_has_the_visitors_settings(page: Page, nietzsche: Timeline) -> None:
    set_slider(page, "temperature", "0.85")
    choose(page, nietzsche, "4")
    open_tab(page, "Use it yourself")
    reuse = page.locator("#reuse")
    expect(reuse).to_contain_text("temperature=0.85")
    expect(reuse).to_contain_text("epoch=4")
    expect(reuse).to_contain_text(f"http://{urlsplit(page.url).netloc}")
    expect(reuse).to_contain_text("347,001")


def test_another_model_can_be_chosen(page: Page, letters: Timeline) -> None:
    for tab in TABS:
        open_tab(page, tab)
    page.locator("#model input").click()
    page.get_by_role("option", name="letters").click()
    expect(page.locator(".lead").first).to_contain_text("letters")
    expect(page.locator("#seed-text textarea")).to_have_value("a bad ")
    page.wait_for_function("() => textgen.passage.question.model === 'letters'")
    settle(page)
    assert text(page) == expected(letters, prompt="a bad ")
    choose(page, letters, "0")
    assert text(page) == expected(letters, 0, "a bad ")
    expect(page.locator("#reuse")).to_contain_text("letters")
    open_tab(page, "Look inside")
    expect(page.locator("#surprise")).to_contain_text("bits per character")
    open_tab(page, "All stages")
    expect(page.locator(".comparison .card")).to_have_count(len(letters.snapshots))


def test_leaving_the_list_of_models_changes_nothing(page: Page, nietzsche: Timeline) -> None:
    choose(page, nietzsche, "4")
    page.locator("#seed-text textarea").fill("mankind ")
    page.locator("#seed-text textarea").blur()
    page.wait_for_function("() => textgen.passage.prompt === 'mankind '")
    settle(page)
    with page.expect_response(lambda response: "queue/join" in response.url):
        page.locator("#model input").focus()
        page.keyboard.press("Tab")
    page.wait_for_timeout(700)
    assert text(page) == expected(nietzsche, 4, "mankind ")
    assert page.locator("#seed-text textarea").input_value() == "mankind "


@pytest.mark.parametrize("width", [360, 390, 768])
def test_nothing_is_wider_than_the_window(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    open_page(page, address)
    for tab in TABS:
        open_tab(page, tab)
        page.wait_for_timeout(600)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, tab
    page.close()


def test_a_page_offers_new_snapshots_of_a_model_in_training(
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
        expect(page.locator(".lead").first).to_contain_text("Training has come to epoch 1 of 2")
        grow(directory, letters, 4)
        expect(points).to_have_count(4)
        expect(page.locator(".lead").first).not_to_contain_text("Training has come")
        settle(page)
        scrubber(page).fill("3")
        prompt = page.locator("#seed-text textarea").input_value()
        assert text(page) == expected(letters, letters.snapshots[-1].epoch, prompt)
        page.close()
