"""The app is accessible: by keyboard, by screen reader, on small screens, without motion."""

import itertools

import pytest
from playwright.sync_api import expect

from tests.support.accessibility import MOVING, TABS, Open, open_tab
from tests.support.paths import BUNDLED
from tests.support.visiting import PHONE, WIDE, settle
from textgen import Timeline
from textgen.service.passages import how_far_trained, snapshots

# By keyboard

STOPS = """() => {
  const all =
    "a[href], button, input:not([type=radio]:not(:checked)), textarea, select, summary, " +
    "[tabindex='0'], [contenteditable]";
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


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_tab_key_visits_the_whole_page_in_order(opened: Open, size: tuple[int, int]) -> None:
    page = opened(size)
    for name in TABS:
        open_tab(page, name)
        page.locator("h1").click()  # the Tab key starts from there
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


def test_the_scrubber_moves_by_keys_and_announces_the_snapshot(opened: Open) -> None:
    timeline = Timeline.from_pretrained(BUNDLED)
    page = opened(WIDE)
    scrubber = page.get_by_role("slider", name="Snapshot")
    scrubber.focus()
    last = len(timeline.snapshots) - 1
    standings = [f". {one['standing']}" if one["standing"] else "" for one in snapshots(timeline)]
    for key, place in (("Home", 0), ("ArrowRight", 1), ("End", last), ("ArrowLeft", last - 1)):
        page.keyboard.press(key)
        snapshot = timeline.snapshots[place]
        prompt = "the soul of man "
        text = timeline.generator(step=snapshot.step).generate(prompt, length=400, seed=1)
        share = timeline.known_words(text, seed_text=prompt)
        assert share is not None
        best = ", the best" if snapshot is timeline.best else ""
        expect(scrubber).to_have_attribute(
            "aria-valuetext",
            f"{how_far_trained(snapshot)}{best}: "
            f"{snapshot.val_bits_per_char:.2f} bits per character · {100 * share:.0f}% known words"
            f"{standings[place]}",
        )
        assert page.locator("#output .written").text_content() == text


# By screen reader

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


def test_the_end_of_writing_is_announced(opened: Open) -> None:
    page = opened(WIDE)
    page.evaluate(LISTEN)
    page.get_by_role("button", name="New version").click()
    page.get_by_role("button", name="Stop").wait_for()
    page.get_by_role("button", name="Continue").wait_for()
    settle(page)
    assert page.evaluate("said") == ["400 characters"]
    page.locator("#seed-text textarea").fill("ä☃ ")
    page.locator("#seed-text textarea").press("Enter")
    page.wait_for_function("() => said.length >= 3")
    notes, done = page.evaluate("said.slice(1)")
    assert "'☃'" in notes
    assert done == "400 characters"


def test_only_the_end_of_a_playback_is_announced(opened: Open) -> None:
    page = opened(WIDE, query="&model=letters")  # which has few snapshots
    page.evaluate(LISTEN)
    page.get_by_role("button", name="Watch it learn").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_role("button", name="Watch it learn").wait_for(timeout=60_000)
    best = page.get_by_role("slider", name="Snapshot").get_attribute("aria-valuetext")
    assert page.evaluate("said") == [best]


def test_the_page_has_a_title_a_language_and_headings(opened: Open) -> None:
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


# On small screens, and without motion

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
    page = opened((360, 640))
    for name in TABS:
        open_tab(page, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        assert page.evaluate(STICKING_OUT) == [], name
    page.evaluate("document.querySelector('#title').style.width = '361px'")
    assert page.evaluate(STICKING_OUT)


@pytest.mark.parametrize("wish", ["reduce", "no-preference"])
def test_nothing_moves_for_users_who_prefer_reduced_motion(opened: Open, wish: str) -> None:
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
    # At 600 characters per second, 2,000 take more than three seconds.
    page.locator("#length input[type=number]").fill("2000")
    page.locator("#length input[type=number]").press("Tab")
    page.wait_for_function(
        "() => textgen.passage.question.length === 2000 && textgen.snapshots.every(textgen.written)"
    )
    # The comparison that follows replaces the passage, sometimes before anyone could look at it.
    page.evaluate(
        """() => textgen.on(document.body, "passage", () => {
          if (textgen.passage.run) globalThis.hasWritten = true;
        })"""
    )
    page.get_by_role("button", name="Write", exact=True).click()
    page.wait_for_function("() => globalThis.hasWritten", polling=10)
    page.wait_for_timeout(1500)
    whole = page.locator("#output .coming").text_content() == ""
    assert whole == (wish == "reduce")
