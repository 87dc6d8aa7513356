"""The page for everybody: by axe-core, by keyboard, by ear, small, still; in a real browser."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.support.apps import served
from tests.support.chromium import needs_chromium
from tests.support.paths import BUNDLED
from tests.support.timelines import write_timeline
from textgen import Timeline
from textgen.service.passages import how_far_trained

TABS = ("All stages", "Temperatures", "Look inside", "Score your own text", "Use it yourself")
SHOWN = (
    "#comparison .card",
    "#temperatures .temperatures-card",
    "#surprise .surprise-cursor",
    "#scored .surprise-cursor",
    "#reuse pre",
)
LEAST_CONTRAST = 4.5
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

pytestmark = needs_chromium

Open = Callable[..., Page]
MOVING = "() => document.getAnimations().filter((one) => one.playState === 'running').length"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page on two models, so that there is one to choose."""
    other = write_timeline(tmp_path_factory.mktemp("accessibility") / "letters")
    with served(Timeline.from_pretrained(BUNDLED), other) as url:
        yield url


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Open]:
    """A function that opens the page and all that can be unfolded on it, a text just written."""
    contexts = []

    def open_page(viewport: dict[str, int], theme: str = "light", **options: Any) -> Page:
        contexts.append(browser.new_context(viewport=viewport, **options))  # type: ignore[arg-type]
        page = contexts[-1].new_page()
        page.goto(f"{address}?__theme={theme}")
        settle(page)
        page.get_by_role("button", name="Write", exact=True).click()
        page.locator("#history li").wait_for(state="attached")
        page.get_by_role("button", name="Continue").wait_for()
        page.get_by_role("button", name="More settings").click()
        page.locator("#history summary").click()
        page.locator("#seed").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()


def settle(page: Page) -> None:
    """Wait until every snapshot's text is there."""
    page.wait_for_function(
        "() => globalThis.textgen?.passage && textgen.snapshots.every(textgen.written)"
    )


def open_tab(page: Page, name: str) -> None:
    """Open a tab and wait until it shows what it is for."""
    page.get_by_role("tab", name=name).click()
    if name == "Score your own text":
        page.locator("#own-text textarea").fill("What is Man? A bridge ☃, and not a goal.")
        page.get_by_role("button", name="Score it").click()
    page.locator(SHOWN[TABS.index(name)]).first.wait_for()
    # Gradio underlines the tab in a fifth of a second, and shades what the pointer is on.
    page.mouse.move(0, 0)
    page.wait_for_function(f"() => !({MOVING})()")


# By axe-core

CONTRAST = """([selector]) => {
  const element = document.querySelector(selector);
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const paint = canvas.getContext("2d", { willReadFrequently: true });
  const lay = (colour) => {
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    const [red, green, blue] = Array.from(paint.getImageData(0, 0, 1, 1).data, (byte) => {
      const share = byte / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const over = [];
  for (let one = element; one; one = one.parentElement) over.unshift(getComputedStyle(one));
  let behind = lay("white");
  for (const style of over) behind = lay(style.backgroundColor);
  const { color, fill } = getComputedStyle(element);
  const ink = lay(element instanceof SVGElement ? fill : color);
  return (Math.max(ink, behind) + 0.05) / (Math.min(ink, behind) + 0.05);
}"""


def faults(page: Page) -> list[str]:
    """Return what axe-core finds, and the texts on whose contrast it cannot decide that have none.

    Minor ones are left out. There is one, Gradio's: the footer's picture of a wheel is called
    "Settings", as is the button it is on.
    """
    options = {"resultTypes": ["violations", "incomplete"]}
    found = Axe().run(page, options=options).response
    assert any(rule["id"] == "color-contrast" for rule in found["passes"])
    faults = [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
        if rule["impact"] != "minor"
    ]
    undecided = [rule for rule in found["incomplete"] if rule["id"] == "color-contrast"]
    for node in (node for rule in undecided for node in rule["nodes"]):
        contrast = page.evaluate(CONTRAST, node["target"])
        if contrast < LEAST_CONTRAST:
            faults.append(f"contrast {contrast:.2f}: {node['html'][:200]}")
    return faults


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_fault_on_any_tab(opened: Open, theme: str, viewport: dict[str, int]) -> None:
    page = opened(viewport, theme)
    assert page.evaluate("document.body.classList.contains('dark')") == (theme == "dark")
    assert page.get_by_role("combobox", name="Model").is_visible()
    found = {}
    for name in TABS:
        open_tab(page, name)
        found[name] = faults(page)
    assert found == {name: [] for name in TABS}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_fault_of_ours_in_a_message(opened: Open, theme: str) -> None:
    page = opened(WIDE, theme)
    page.get_by_role("tab", name="Score your own text").click()
    page.get_by_role("button", name="Score it").click()
    expect(page.locator(".toast-body")).to_contain_text("at least 2 characters")
    page.wait_for_timeout(500)  # in which it fades in; a bar goes on to tell how long it stays
    found = faults(page)
    # Gradio draws the message's head as a button that holds the button to close it.
    [head] = [fault for fault in found if fault.startswith("nested-interactive")]
    assert 'class="toast-header' in head
    assert found == [head]


def test_faults_would_be_found(opened: Open) -> None:
    page = opened(WIDE)
    page.evaluate(
        """() => {
          const wall = document.querySelector("#comparison");
          wall.insertAdjacentHTML("afterbegin", "<button></button><h5>Deep</h5>");
          wall.querySelector(".facts").style.color = "#a89e8b";
          document.querySelector("#curve .tick").style.fill = "#a89e8b";
        }"""
    )
    found = " ".join(faults(page))
    for name in ("button-name", "heading-order", "color-contrast", "contrast 2."):
        assert name in found


# By keyboard

STOPS = """() => {
  const all =
    "a[href], button, input, textarea, select, summary, [tabindex='0'], [contenteditable]";
  const seen = { visibilityProperty: true, opacityProperty: true };
  globalThis.stops = [...document.querySelectorAll(all)].filter(
    (one) => one.checkVisibility(seen) && !one.disabled && !one.closest("[aria-hidden=true]"),
  );
  return stops.map((one) => one.outerHTML.slice(0, 120));
}"""
FOCUS = """() => {
  const focused = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
  const { top, bottom, left, right } = focused.getBoundingClientRect();
  return {
    stop: stops.indexOf(focused),
    nowhere: focused === document.body,
    outlined: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
    inSight: bottom > 0 && right > 0 && top < innerHeight && left < innerWidth,
  };
}"""


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_tab_key_leads_through_the_whole_page_in_its_order(
    opened: Open, viewport: dict[str, int]
) -> None:
    page = opened(viewport)
    for name in TABS:
        open_tab(page, name)
        page.locator("h1").click()  # from where the key goes on
        stops = page.evaluate(STOPS)
        assert len(stops) > 30
        walked, dark = [], []
        for _ in range(2 * len(stops)):
            page.keyboard.press("Tab")
            focus = page.evaluate(FOCUS)
            if focus["nowhere"]:
                break
            walked.append(focus["stop"])
            if not (focus["outlined"] and focus["inSight"]):
                dark.append(stops[focus["stop"]])
        assert walked == [*range(len(stops))], (name, stops)
        assert not dark, name


def test_the_scrubber_goes_by_keys_and_says_where_it_is(opened: Open) -> None:
    timeline = Timeline.from_pretrained(BUNDLED)
    page = opened(WIDE)
    scrubber = page.get_by_role("slider", name="Snapshot")
    scrubber.focus()
    last = len(timeline.snapshots) - 1
    for key, place in (("Home", 0), ("ArrowRight", 1), ("End", last), ("ArrowLeft", last - 1)):
        page.keyboard.press(key)
        snapshot = timeline.snapshots[place]
        prompt = "the soul of man "
        text = timeline.generator(step=snapshot.step).generate(prompt, length=400, seed=1)
        share = timeline.real_words(text, seed_text=prompt)
        assert share is not None
        best = ", its best" if snapshot is timeline.best else ""
        expect(scrubber).to_have_attribute(
            "aria-valuetext",
            f"Epoch {snapshot.label}: {how_far_trained(snapshot)}{best}, "
            f"{snapshot.val_bits_per_char:.2f} bits per character · {100 * share:.0f} % real words",
        )
        assert page.locator("#output .written").text_content() == text


# By ear

LISTEN = """() => {
  globalThis.said = [];
  new MutationObserver((changes) => {
    const live = "[role=status], [role=alert], [role=log], [aria-live]:not([aria-live=off])";
    const heard = changes.map(({ target }) =>
      (target.nodeType === Node.TEXT_NODE ? target.parentElement : target)?.closest(live),
    );
    const words = [...new Set(heard)].map((one) => one?.textContent.trim());
    said.push(...words.filter(Boolean));
  }).observe(document, { subtree: true, childList: true, characterData: true });
}"""


def test_writing_is_told_once_it_is_done(opened: Open) -> None:
    page = opened(WIDE)
    page.evaluate(LISTEN)
    page.get_by_role("button", name="Surprise me").click()
    page.get_by_role("button", name="Stop").wait_for()
    page.get_by_role("button", name="Continue").wait_for()
    settle(page)
    assert page.evaluate("said") == ["400 characters"]
    page.locator("#seed-text textarea").fill("ä☃ ")
    page.locator("#seed-text textarea").press("Enter")
    page.wait_for_function("() => said.length >= 3")
    told, done = page.evaluate("said.slice(1)")
    assert "'☃' 1" in told
    assert done == "400 characters"


def test_a_play_is_told_by_its_end(opened: Open) -> None:
    page = opened(WIDE)
    page.evaluate(LISTEN)
    page.get_by_role("button", name="Watch it learn").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_role("button", name="Watch it learn").wait_for(timeout=60_000)
    best = page.get_by_role("slider", name="Snapshot").get_attribute("aria-valuetext")
    assert page.evaluate("said") == [best]


def test_the_page_says_what_it_is_and_is_divided_by_headings(opened: Open) -> None:
    page = opened(WIDE)
    assert page.title() == "Watch a network learn to write"
    assert page.locator("html").get_attribute("lang") == "en"
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("contentinfo")).to_have_count(1)
    for name in TABS:
        open_tab(page, name)
        headings = page.get_by_role("heading").all()
        levels = [int(heading.evaluate("one => one.tagName[1]")) for heading in headings]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= level + 1 for level, after in itertools.pairwise(levels))
        panel = page.get_by_role("tab", name=name).get_attribute("aria-controls")
        assert page.locator(f"#{panel}[role=tabpanel] h2").count() == 1


# Small, and still

STICKING_OUT = """() => {
  const scrolls = (one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowX);
  const hidden = (one) => one.closest("[aria-hidden=true], .unseen, .surprise-unseen, .sr-only");
  const clipped = (one) =>
    one && one !== document.body && (scrolls(one) || clipped(one.parentElement));
  return [...document.body.querySelectorAll("*")]
    .filter((one) => one.checkVisibility() && !hidden(one) && !clipped(one.parentElement))
    .filter((one) => {
      const { left, right } = one.getBoundingClientRect();
      return left < -0.5 || right > innerWidth + 0.5;
    })
    .map((one) => one.outerHTML.slice(0, 120));
}"""


def test_nothing_is_wider_than_a_small_phone(opened: Open) -> None:
    page = opened({"width": 360, "height": 640})
    for name in TABS:
        open_tab(page, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        assert page.evaluate(STICKING_OUT) == [], name
    page.evaluate("document.querySelector('#title').style.width = '361px'")
    assert page.evaluate(STICKING_OUT)


@pytest.mark.parametrize("wish", ["reduce", "no-preference"])
def test_what_moves_by_itself_does_so_only_for_who_does_not_mind(opened: Open, wish: str) -> None:
    page = opened(WIDE, reduced_motion=wish)
    moving = page.evaluate(
        """async () => {
          document.querySelectorAll("#more [role=tab]")[1].click();
          await new Promise(requestAnimationFrame);
          await new Promise(requestAnimationFrame);
          return MOVING();
        }""".replace("MOVING", f"({MOVING})")
    )
    assert bool(moving) == (wish == "no-preference")
    # At 600 characters a second, 2,000 take more than three.
    page.locator("#length input[type=number]").fill("2000")
    page.locator("#length input[type=number]").press("Tab")
    page.wait_for_function(
        "() => textgen.passage.question.length === 2000 && textgen.snapshots.every(textgen.written)"
    )
    page.get_by_role("button", name="Write", exact=True).click()
    page.wait_for_function("() => textgen.passage.run", polling=10)
    page.wait_for_timeout(1500)
    whole = page.locator("#output .coming").text_content() == ""
    assert whole == (wish == "reduce")
