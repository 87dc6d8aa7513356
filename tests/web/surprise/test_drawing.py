"""The surprise of each character of a text, drawn in a real browser."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.surprises import (
    CASES,
    HOSTILE,
    PROMPT,
    SMALL,
    character,
    letters,
    open_page,
    panel,
    show,
)
from tests.support.visiting import PHONE, WIDE, visiting, wide_and_phone


@wide_and_phone
def test_the_text_is_drawn_with_its_prompt_and_its_copied_runs(
    page: Page, seen: dict[str, Any]
) -> None:
    text = page.locator("#written .surprise-letters")
    assert text.evaluate("element => element.textContent") == seen["text"]
    assert text.inner_text() == seen["text"]  # every line break also breaks a line on the screen
    prompt = page.locator("#written .surprise-letters .surprise-read").all_text_contents()
    assert "".join(prompt) == PROMPT
    places = letters(page, "written").evaluate_all(
        "spans => spans.flatMap((span, place) => span.matches('.surprise-copied') ? [place] : [])"
    )
    assert places == [place for run in seen["copied"] for place in range(*run)]
    start, end = seen["longest"]
    longest = seen["text"][start:end].strip()
    expect(page.locator("#written .surprise-summary")).to_contain_text(
        "Copied: 2% of the text is in runs of 20 or more characters that also occur in the "
        f"training text. The longest: “{longest}” ({end - start} characters)."
    )
    expect(page.locator("#written .surprise-summary")).to_contain_text(
        f"{seen['bits_per_char']:.1f} bits per character on average. For comparison: the "
        "validation text scores 2.0, random guessing among the 57 characters 5.8."
    )


@wide_and_phone
def test_the_panel_shows_the_probabilities_in_words_and_bars(page: Page) -> None:
    show(page, "tie")
    letters(page).nth(1).click()
    expect(character(page)).to_have_text("“b”")
    expect(panel(page)).to_contain_text("Surprise 6.5 bits: probability under 0.1%")
    expect(page.locator("#typed .surprise-actual")).to_contain_text("this one")
    expect(page.locator("#typed .surprise-name")).to_have_text(
        ["a", "space", "line break", "🙂", "b"]
    )
    assert page.locator("#typed .surprise-percent").all_inner_texts() == [
        f"{percent}%" for percent in ("50.0", "25.0", "12.5", "6.2", "< 0.1")
    ]
    widths = page.locator("#typed .surprise-fill").evaluate_all(
        "bars => bars.map(bar => bar.offsetWidth / bar.parentElement.offsetWidth)"
    )
    assert widths[:4] == pytest.approx([0.5, 0.25, 0.125, 0.062], abs=0.02)
    letters(page).nth(2).click()
    expect(character(page)).to_have_text("space")
    letters(page).first.click()
    expect(panel(page)).to_contain_text("there is nothing before it to predict it from")
    expect(page.locator("#typed .surprise-row").first).to_be_hidden()


def test_a_character_outside_the_most_likely_ones_is_described_so(page: Page) -> None:
    show(page, "levels")
    letters(page).nth(2).click()
    expect(panel(page)).to_contain_text(
        "Surprise 1.8 bits: probability 29%, lower than all of these"
    )
    expect(page.locator("#typed .surprise-actual")).to_have_count(0)
    letters(page).nth(9).click()
    expect(panel(page)).to_contain_text("Surprise 40.0 bits: probability under 0.1%")


def test_an_empty_part_has_one_quiet_sentence(page: Page) -> None:
    page.get_by_role("tab", name="Score").click()
    part = page.locator("#typed .surprise")
    expect(part).to_have_text(re.compile(r"^Your text appears here"), use_inner_text=True)
    expect(part.locator(".surprise-text")).to_be_hidden()
    show(page, "lines")
    expect(part.locator(".surprise-text")).to_be_visible()
    expect(part).not_to_contain_text(re.compile("^Your text appears"), use_inner_text=True)
    show(page, "nothing")
    expect(part.locator(".surprise-text")).to_be_hidden()
    expect(part).to_have_text(re.compile(r"^Your text appears here"), use_inner_text=True)


def test_what_a_user_types_is_scored(page: Page) -> None:
    page.get_by_role("tab", name="Score").click()
    page.get_by_label("Your text").fill("The superiority of the strong, ☃\nand <b>music</b>.")
    page.get_by_role("button", name="Score", exact=True).click()
    part = page.locator("#typed .surprise")
    expect(part).to_contain_text("'☃'")
    expect(part).to_contain_text("Converted to lowercase")
    expect(part).to_contain_text(
        "% of your text is in runs of 20 or more characters that also occur in"
    )
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


def test_copying_is_not_mentioned_without_an_index(page: Page) -> None:
    part = show(page, "no index")
    expect(part).to_contain_text("The Hub does not answer.")
    expect(part).not_to_contain_text("runs of")
    expect(part).not_to_contain_text(re.compile("copied", re.I))
    part = show(page, "lines")
    expect(part).to_contain_text("Nothing copied: no run of 20 or more characters also occurs")
    part = show(page, "typed")
    expect(part).to_contain_text("Nothing copied: no run of 20 or more characters of your text")


@wide_and_phone
def test_the_scale_shows_the_numbers_within_its_picture(page: Page) -> None:
    part = show(page, "typed")
    expect(part).to_contain_text(
        "2.9 bits per character. For comparison: the validation text scores 2.0"
    )
    labels = part.locator(".surprise-label")
    expect(labels).to_have_text(["this text 2.9", "validation text 2.0", "random guessing 5.8"])
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
    """Return the positions of the marks on the line, 0 to 1."""
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
def test_every_level_has_enough_contrast(tab: Page, address: str, theme: str) -> None:
    with visiting(tab, WIDE) as page:
        open_page(page, f"{address}?__theme={theme}")
        for case in ("levels", "read"):
            show(page, case)
            page.mouse.move(5, 5)
            found = page.evaluate(CONTRASTS)
            assert len(found) > 40
            assert [one for one in found if one[1] < 4.5] == []
            steps = [color for name, _, color in found if re.match(r"surprise-\d", name)]
            assert len(set(steps)) == 9


def test_the_colors_follow_the_theme(tab: Page, address: str) -> None:
    found = {}
    for theme in ("light", "dark"):
        with visiting(tab, WIDE) as page:
            open_page(page, f"{address}?__theme={theme}")
            show(page, "levels")
            found[theme] = letters(page).nth(8).evaluate("e => getComputedStyle(e).backgroundColor")
    assert found["light"] != found["dark"]


@pytest.mark.parametrize("size", [WIDE, PHONE, SMALL], ids=["wide", "phone", "small"])
def test_nothing_is_wider_than_the_window(tab: Page, address: str, size: tuple[int, int]) -> None:
    with visiting(tab, size) as page:
        open_page(page, address)
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
