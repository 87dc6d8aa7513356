"""Looking inside a text, in a real browser: what is drawn, pointed at, walked through and said."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import gradio as gr
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.apps import launched
from tests.support.chromium import needs_chromium
from tests.support.paths import ROOT
from textgen import TextGenerator, Timeline
from textgen.page.browser import browser_part
from textgen.service.surprise import MAX_OWN_TEXT, score_text, text_surprise
from textgen.service.wire import Surprise

OPENING = "the soul of man "
HOSTILE = "<img src=x onerror='window.ran = 1'></div><script>window.ran = 1</script>&amp;${x}{{y}}"

pytestmark = needs_chromium


def value_of(text: str, bits: Sequence[float] = (1.0,), **changes: Any) -> dict[str, Any]:
    """What a text might look like inside; `bits` are repeated for the characters but the first."""
    costs = [bits[place % len(bits)] for place in range(len(text) - 1)]
    return {
        "text": text,
        "typed": False,
        "prompt_length": 0,
        "bits": [None, *costs],
        "alternatives": [None, *[["a \n🙂b", [50.0, 25.0, 12.5, 6.2, 0.0]]] * (len(text) - 1)],
        "run": 20,
        "copied": [],
        "longest": None,
        "copied_share": 0.0,
        "bits_per_char": 2.94,
        "held_out_bits": 1.99,
        "random_bits": 5.83,
        "symbols": 57,
        "notes": [],
        **changes,
    }


CASES = {
    "nothing": None,
    "hostile": value_of(HOSTILE, notes=[HOSTILE], copied=[[0, 30]], longest=[0, 30]),
    "levels": value_of("012345678x", [0.7, 1.8, 3.2, 4, 5, 5.9, 7.4, 8, 40], prompt_length=9),
    "read": value_of("012345678x", [0.7, 1.8, 3.2, 4, 5, 5.9, 7.4, 8, 40], prompt_length=0),
    "astral": value_of(
        "🙂🙂\n\n" + "🙂a" * 15, copied=[[4, 25]], longest=[4, 25], copied_share=0.6176
    ),
    "one word": value_of("w" * 500),
    "not told": value_of("ab", copied=None, copied_share=None, notes=["It cannot be told."]),
    "typed": value_of("ab", typed=True),
    "wild": value_of("ab", typed=True, bits_per_char=11.5),
    "lines": value_of("one two\nthree four\n\nfive"),
    "tie": value_of("ab b", [6.5, 6.5, 1.0]),
}


@pytest.fixture(scope="module")
def timeline() -> Timeline:
    return Timeline.from_pretrained(ROOT / "pretrained" / "nietzsche")


@pytest.fixture(scope="module")
def generator(timeline: Timeline) -> TextGenerator:
    return timeline.generator()


@pytest.fixture(scope="module")
def seen(timeline: Timeline, generator: TextGenerator) -> Surprise:
    text = OPENING + generator.generate(OPENING, length=2000 - len(OPENING), seed=1)
    return text_surprise(timeline, timeline.best, generator, text, prompt_length=len(OPENING))


@pytest.fixture(scope="module")
def address(timeline: Timeline, generator: TextGenerator, seen: Any) -> Iterator[str]:
    with gr.Blocks() as demo:
        with gr.Tab("Look inside"):
            browser_part("surprise", seen, elem_id="written", of="written")
        with gr.Tab("Score"):
            text = gr.Textbox(label="Your text", lines=2)
            button = gr.Button("Score it")
            scored = browser_part("surprise", elem_id="typed", of="typed")
        case = gr.Radio(list(CASES), label="Case")
        button.click(lambda s: score_text(timeline, timeline.best, generator, s), text, scored)
        case.input(CASES.get, case, scored)
    with launched(demo) as url:
        yield url


WIDE, PHONE, SMALL = (1280, 900), (390, 844), (360, 640)


@pytest.fixture(params=[WIDE, PHONE], ids=["wide", "phone"])
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    yield from opened(browser, address, request.param)


@pytest.fixture
def wide(browser: Browser, address: str) -> Iterator[Page]:
    yield from opened(browser, address, WIDE)


def opened(browser: Browser, address: str, size: tuple[int, int], **options: Any) -> Iterator[Page]:
    width, height = size
    page = browser.new_page(viewport={"width": width, "height": height}, **options)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(address)
    expect(letters(page, "written")).to_have_count(2000)
    yield page
    page.close()
    assert not problems


def letters(page: Page, of: str = "typed") -> Locator:
    return page.locator(f"#{of} .surprise-letters span")


def panel(page: Page, of: str = "typed") -> Locator:
    return page.locator(f"#{of} .surprise-panel")


def character(page: Page, of: str = "typed") -> Locator:
    return page.locator(f"#{of} .surprise-character")


def said(page: Page, of: str = "typed") -> Locator:
    return page.locator(f"#{of} [role=status]")


def show(page: Page, case: str) -> Locator:
    """Show a case in the second tab, and return the part that is drawn."""
    page.get_by_role("tab", name="Score").click()
    page.get_by_role("radio", name=case, exact=True).check()
    value = CASES[case]
    if value is not None:
        expect(letters(page)).to_have_count(len(value["text"]))
    return page.locator("#typed .surprise")


def test_the_text_is_there_with_its_opening_and_what_was_copied(
    page: Page, seen: dict[str, Any]
) -> None:
    text = page.locator("#written .surprise-letters")
    assert text.evaluate("element => element.textContent") == seen["text"]
    assert text.inner_text() == seen["text"]  # as it is laid out: every line break breaks a line
    prompt = page.locator("#written .surprise-letters .surprise-read").all_text_contents()
    assert "".join(prompt) == OPENING
    places = letters(page, "written").evaluate_all(
        "spans => spans.flatMap((span, place) => span.matches('.surprise-copied') ? [place] : [])"
    )
    assert places == [place for run in seen["copied"] for place in range(*run)]
    start, end = seen["longest"]
    expect(page.locator("#written .surprise-summary")).to_contain_text(
        "2\u00a0% of what it wrote stands in runs of 20 or more characters that the book has too; "
        f"the longest: “{seen['text'][start:end].strip()}” ({end - start} characters)."
    )
    expect(page.locator("#written .surprise-summary")).to_contain_text(
        f"{seen['bits_per_char']:.1f} bits per character, on average: pages of the book it never "
        "saw score 2.0, guessing at random among its 57 characters 5.8."
    )


def test_the_most_surprising_of_the_first_characters_is_told_at_first(
    page: Page, seen: dict[str, Any]
) -> None:
    bits = seen["bits"][len(OPENING) : len(OPENING) + 200]
    place = len(OPENING) + bits.index(max(bits))
    expect(page.locator("#written .surprise-cursor")).to_have_text(seen["text"][place])
    expect(panel(page, "written")).to_contain_text(f"surprise {max(bits):.1f} bits")
    expect(said(page, "written")).to_be_empty()


def test_hovering_tells_what_was_likelier_and_leaving_goes_back(
    wide: Page, seen: dict[str, Any]
) -> None:
    expect(character(wide, "written")).not_to_be_empty()
    before = character(wide, "written").inner_text()
    height = panel(wide, "written").bounding_box()
    place = seen["bits"].index(min(seen["bits"][1:]))
    letters(wide, "written").nth(place).hover()
    likeliest, percent = seen["alternatives"][place]
    assert likeliest[0] == seen["text"][place]
    rows = wide.locator("#written .surprise-row")
    expect(rows.first).to_contain_text(f"{percent[0]:.1f}\u00a0%")
    expect(rows.first).to_contain_text("this one")
    expect(rows.nth(1)).not_to_contain_text("this one")
    assert panel(wide, "written").bounding_box() == height
    expect(said(wide, "written")).to_be_empty()
    wide.mouse.move(5, 5)
    expect(character(wide, "written")).to_have_text(before)


def test_the_panel_says_it_in_words_and_bars(page: Page) -> None:
    show(page, "tie")
    letters(page).nth(1).click()
    expect(character(page)).to_have_text("“b”")
    expect(panel(page)).to_contain_text("surprise 6.5 bits: it gave this under 0.1\u00a0%")
    expect(page.locator("#typed .surprise-actual")).to_contain_text("this one")
    expect(page.locator("#typed .surprise-name")).to_have_text(
        ["a", "space", "line break", "🙂", "b"]
    )
    assert page.locator("#typed .surprise-percent").all_inner_texts() == [
        f"{percent}\u00a0%" for percent in ("50.0", "25.0", "12.5", "6.2", "< 0.1")
    ]
    widths = page.locator("#typed .surprise-fill").evaluate_all(
        "bars => bars.map(bar => bar.offsetWidth / bar.parentElement.offsetWidth)"
    )
    assert widths[:4] == pytest.approx([0.5, 0.25, 0.125, 0.062], abs=0.02)
    letters(page).nth(2).click()
    expect(character(page)).to_have_text("space")
    letters(page).first.click()
    expect(panel(page)).to_contain_text("nothing stands before it")
    expect(page.locator("#typed .surprise-row").first).to_be_hidden()


def test_a_character_that_is_none_of_the_likeliest_is_said_to_be(page: Page) -> None:
    show(page, "levels")
    letters(page).nth(2).click()
    expect(panel(page)).to_contain_text(
        "surprise 1.8 bits: it gave this 29\u00a0%, less than any of these"
    )
    expect(page.locator("#typed .surprise-actual")).to_have_count(0)
    letters(page).nth(9).click()
    expect(panel(page)).to_contain_text("surprise 40.0 bits: it gave this under 0.1\u00a0%")


def test_a_tap_tells_too_and_the_buttons_go_on_from_there(browser: Browser, address: str) -> None:
    for page in opened(browser, address, SMALL, has_touch=True, is_mobile=True):
        show(page, "lines")
        letters(page).nth(4).tap()
        expect(character(page)).to_have_text("“t”")
        expect(said(page)).to_be_empty()
        page.get_by_role("button", name="Next character").tap()
        expect(character(page)).to_have_text("“w”")
        expect(said(page)).to_have_text(
            "“w”: surprise 1.0 bits: it gave this 50\u00a0%, less than any of these. Likeliest: "
            "a 50\u00a0%, space 25\u00a0%, line break 13\u00a0%, 🙂 6.2\u00a0%, "
            "b under 0.1\u00a0%."
        )
        page.get_by_role("button", name="Previous character").tap()
        expect(character(page)).to_have_text("“t”")


def place(page: Page, of: str = "typed") -> int:
    found: int = page.locator(f"#{of} .surprise-cursor").evaluate("span => span.place")
    return found


def test_the_keys_walk_through_the_text(page: Page) -> None:
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
    expect(said(page)).to_have_text(re.compile("^“n”: surprise 1.0 bits"))


def test_a_pointer_that_rests_does_not_take_the_cursor_from_the_keys(
    browser: Browser, address: str
) -> None:
    for page in opened(browser, address, (800, 620)):
        letters(page, "written").nth(100).click()
        page.locator("#written .surprise-text").focus()
        for _ in range(25):
            page.keyboard.press("ArrowDown")
            page.wait_for_timeout(30)
            told = character(page, "written").inner_text()
            why = page.locator("#written .surprise-bits").inner_text()
            assert said(page, "written").inner_text().startswith(f"{told}: {why}")
        assert page.evaluate("scrollY") > 300
        nearby = letters(page, "written").nth(place(page, "written") - 5)
        nearby.hover()
        expect(nearby).to_have_class(re.compile("surprise-cursor"))


def test_up_and_down_follow_the_lines_that_the_window_makes(
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
    assert abs(box[0] - left) < 15
    assert right > 0


def test_walking_keeps_the_cursor_in_sight_and_clear_of_the_panel(page: Page) -> None:
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


def test_the_panel_stays_in_sight_while_the_text_is_read(page: Page) -> None:
    letters(page, "written").nth(900).scroll_into_view_if_needed()
    expect(panel(page, "written")).to_be_in_viewport(ratio=1)


def test_the_text_is_one_stop_of_the_tab_key(wide: Page) -> None:
    show(wide, "lines")
    wide.locator("#typed .surprise-text").focus()
    wide.keyboard.press("Tab")
    expect(wide.get_by_role("button", name="Previous character")).to_be_focused()
    wide.keyboard.press("Shift+Tab")
    expect(wide.locator("#typed .surprise-text")).to_be_focused()
    outline = wide.locator("#typed .surprise-text").evaluate(
        "e => getComputedStyle(e).outlineStyle"
    )
    assert outline == "solid"


def test_a_screen_reader_finds_the_text_as_text(wide: Page, seen: dict[str, Any]) -> None:
    plain = wide.get_by_role("group", name="The same text to read")
    expect(plain.first).to_have_text(" ".join(seen["text"].split()))
    walked = wide.locator("#written .surprise-text").aria_snapshot()
    assert "application" in walked
    assert len(walked.splitlines()) == 1  # and none of its letters


def test_nothing_yet_is_one_quiet_sentence(page: Page) -> None:
    page.get_by_role("tab", name="Score").click()
    part = page.locator("#typed .surprise")
    expect(part).to_have_text(re.compile(r"^Here your text will stand"), use_inner_text=True)
    expect(part.locator(".surprise-text")).to_be_hidden()
    show(page, "lines")
    expect(part.locator(".surprise-text")).to_be_visible()
    expect(part).not_to_contain_text(re.compile("^Here your"), use_inner_text=True)
    show(page, "nothing")
    expect(part.locator(".surprise-text")).to_be_hidden()
    expect(part).to_have_text(re.compile(r"^Here your text will stand"), use_inner_text=True)


def test_what_a_visitor_types_is_scored(page: Page) -> None:
    page.get_by_role("tab", name="Score").click()
    page.get_by_label("Your text").fill("The superiority of the strong, ☃\nand <b>music</b>.")
    page.get_by_role("button", name="Score it").click()
    part = page.locator("#typed .surprise")
    expect(part).to_contain_text("'☃' 1")
    expect(part).to_contain_text("Capitals became small letters")
    expect(part).to_contain_text("% of your text stands in runs of 20 or more characters")
    expect(part.locator(".surprise-letters")).to_have_text(
        "the superiority of the strong, \nand bmusicb."
    )
    assert part.locator(".surprise-letters b").count() == 0


def test_nothing_in_a_text_is_markup(page: Page) -> None:
    part = show(page, "hostile")
    assert part.locator(".surprise-letters").evaluate("e => e.textContent") == HOSTILE
    expect(part.locator(".surprise-summary")).to_contain_text(HOSTILE)
    page.locator("#typed .surprise-text").focus()
    page.keyboard.press("ArrowRight")
    assert part.locator("img, script").count() == 0
    assert page.evaluate("window.ran") is None


def test_characters_beyond_the_first_plane_are_one_each(page: Page) -> None:
    part = show(page, "astral")
    text = CASES["astral"]["text"]  # type: ignore[index]
    assert letters(page).all_text_contents() == list(text)
    assert part.locator(".surprise-copied").all_text_contents()[-21:] == list(text[4:25])
    expect(part).to_contain_text(f"“{text[4:25]}” (21 characters)")
    letters(page).nth(2).click()
    expect(character(page)).to_have_text("line break")
    letters(page).nth(4).click()
    expect(character(page)).to_have_text("“🙂”")
    expect(page.locator("#typed .surprise-actual")).to_contain_text("🙂")


def test_copying_that_cannot_be_told_is_not_spoken_of(page: Page) -> None:
    part = show(page, "not told")
    expect(part).to_contain_text("It cannot be told.")
    expect(part).not_to_contain_text("runs of")
    expect(part).not_to_contain_text("copied")
    part = show(page, "lines")
    expect(part).to_contain_text("Nothing of it was copied: no run of 20 characters")
    part = show(page, "typed")
    expect(part).to_contain_text("The book has nothing of your text")


def test_the_scale_shows_the_numbers_inside_its_picture(page: Page) -> None:
    part = show(page, "typed")
    expect(part).to_contain_text("2.9 bits per character: pages of the book it never saw score 2.0")
    labels = part.locator(".surprise-label")
    expect(labels).to_have_text(
        ["this text 2.9", "pages of the book it never saw 2.0", "guessing at random 5.8"]
    )
    assert stems(part) == pytest.approx([2.94 / 5.83, 1.99 / 5.83, 1], abs=0.02)
    part = show(page, "wild")
    expect(labels.first).to_have_text("this text 11.5")
    assert stems(part) == pytest.approx([1, 1.99 / 11.5, 5.83 / 11.5], abs=0.02)
    picture = part.locator(".surprise-scale").bounding_box()
    assert picture is not None
    for label in labels.all():
        box = label.bounding_box()
        assert box is not None
        assert picture["x"] - 1 <= box["x"]
        assert box["x"] + box["width"] <= picture["x"] + picture["width"] + 1
    part = show(page, "lines")
    expect(part.locator(".surprise-scale")).to_have_count(0)


def stems(part: Locator) -> list[float]:
    """Where the marks stand on the line, as shares of it."""
    found: list[float] = part.locator(".surprise-stem").evaluate_all(
        "stems => stems.map(stem => { const line = stem.parentElement.getBoundingClientRect();"
        " const box = stem.getBoundingClientRect();"
        " return (box.left + box.width / 2 - line.left) / line.width; })"
    )
    return found


CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const over = (colors) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const color of colors) { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); }
    const [red, green, blue] = Array.from(canvas.getImageData(0, 0, 1, 1).data, (part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (element) => {
    const behind = [];
    for (let one = element; one; one = one.parentElement) {
      behind.unshift(getComputedStyle(one).backgroundColor);
    }
    const light = [over(behind), over([...behind, getComputedStyle(element).color])];
    return (Math.max(...light) + 0.05) / (Math.min(...light) + 0.05);
  };
  return Array.from(document.querySelectorAll(
    "#typed .surprise-letters span, #typed .surprise-steps span, #typed .surprise-summary *, " +
    "#typed .surprise-panel *:not(.surprise-fill), #typed .surprise-legend > span"), (element) =>
    [element.className, contrast(element), getComputedStyle(element).backgroundColor]);
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_level_can_be_read(browser: Browser, address: str, theme: str) -> None:
    for page in opened(browser, f"{address}?__theme={theme}", WIDE):
        for case in ("levels", "read"):
            show(page, case)
            page.mouse.move(5, 5)
            found = page.evaluate(CONTRASTS)
            assert len(found) > 40
            assert [one for one in found if one[1] < 4.5] == []
            steps = [color for name, _, color in found if re.match(r"surprise-\d", name)]
            assert len(set(steps)) == 9


def test_the_theme_is_the_one_asked_for(browser: Browser, address: str) -> None:
    found = {}
    for theme in ("light", "dark"):
        for page in opened(browser, f"{address}?__theme={theme}", WIDE):
            show(page, "levels")
            found[theme] = letters(page).nth(8).evaluate("e => getComputedStyle(e).backgroundColor")
    assert found["light"] != found["dark"]


@pytest.mark.parametrize("size", [WIDE, PHONE, SMALL], ids=["wide", "phone", "small"])
def test_nothing_is_wider_than_the_window(
    browser: Browser, address: str, size: tuple[int, int]
) -> None:
    for page in opened(browser, address, size):
        fits = "document.documentElement.scrollWidth <= window.innerWidth"
        assert page.evaluate(fits)
        for case in ("one word", "hostile", "wild"):
            part = show(page, case)
            assert page.evaluate(fits)
            right = part.evaluate("e => e.getBoundingClientRect().right")
            furthest = part.evaluate(
                "e => Math.max(...Array.from(e.querySelectorAll('.surprise-letters span, "
                ".surprise-row, .surprise-row span, p'), one => one.getBoundingClientRect().right))"
            )
            assert furthest <= right + 1


DRAW = """([value, times]) => {
  const parent = document.querySelector("#written .surprise").parentElement;
  return Math.min(...Array.from({ length: times }, () => {
    const element = parent.appendChild(document.createElement("div"));
    element.className = "surprise";
    const began = performance.now();
    textgen.surprise(element, { value }, () => {});
    element.getBoundingClientRect(); // the layout too
    const took = performance.now() - began;
    element.remove();
    return took;
  }));
}"""


def test_it_is_drawn_in_a_blink(
    page: Page, seen: dict[str, Any], timeline: Timeline, generator: TextGenerator
) -> None:
    assert page.evaluate(DRAW, [seen, 5]) < 100
    text = generator.generate(OPENING, length=MAX_OWN_TEXT, seed=2)
    longest = score_text(timeline, timeline.best, generator, text)
    assert page.evaluate(DRAW, [longest, 5]) < 250
