"""Values for the app's surprise part, and where to find what it draws."""

from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Locator, Page, expect

PROMPT = "the soul of man "


HOSTILE = "<img src=x onerror='window.ran = 1'></div><script>window.ran = 1</script>&amp;${x}{{y}}"


def value_of(text: str, bits: Sequence[float] = (1.0,), **changes: Any) -> dict[str, Any]:
    """Return a value to draw; `bits` are repeated for all characters but the first."""
    costs = [bits[index % len(bits)] for index in range(len(text) - 1)]
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
    "no index": value_of("ab", copied=None, copied_share=None, notes=["The Hub does not answer."]),
    "typed": value_of("ab", typed=True),
    "wild": value_of("ab", typed=True, bits_per_char=11.5),
    "lines": value_of("one two\nthree four\n\nfive"),
    "tie": value_of("ab b", [6.5, 6.5, 1.0]),
}


SMALL = (360, 640)


def open_page(page: Page, address: str) -> None:
    """Open the page and wait until the text is drawn."""
    page.goto(address)
    expect(letters(page, "written")).to_have_count(2000)


def letters(page: Page, of: str = "typed") -> Locator:
    return page.locator(f"#{of} .surprise-letters span")


def panel(page: Page, of: str = "typed") -> Locator:
    return page.locator(f"#{of} .surprise-panel")


def character(page: Page, of: str = "typed") -> Locator:
    return page.locator(f"#{of} .surprise-character")


def said(page: Page, of: str = "typed") -> Locator:
    return page.locator(f"#{of} [role=status]")


def show(page: Page, case: str) -> Locator:
    """Show a case in the second tab; return the part that draws it."""
    page.get_by_role("tab", name="Score").click()
    page.get_by_role("radio", name=case, exact=True).check()
    value = CASES[case]
    if value is not None:
        expect(letters(page)).to_have_count(len(value["text"]))
    return page.locator("#typed .surprise")


def place(page: Page, of: str = "typed") -> int:
    found: int = page.locator(f"#{of} .surprise-cursor").evaluate("span => span.place")
    return found
