"""The app is accessible: axe-core finds no fault on any tab."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.support.accessibility import TABS, Open, open_tab
from tests.support.visiting import PHONE, WIDE

LEAST_CONTRAST = 4.5


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
    """Return the faults that axe-core finds, and texts of low contrast about which it is unsure.

    Minor faults are ignored. There is one, in Gradio: the image in the footer's "Settings" button
    has the same name as the button.
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


@pytest.mark.parametrize(
    ("theme", "size"), [("light", WIDE), ("dark", PHONE)], ids=["light-wide", "dark-phone"]
)
def test_axe_finds_no_fault_on_any_tab(opened: Open, theme: str, size: tuple[int, int]) -> None:
    page = opened(size, theme)
    assert page.evaluate("document.body.classList.contains('dark')") == (theme == "dark")
    assert page.get_by_role("radiogroup", name="Model").is_visible()
    found = {}
    for name in TABS:
        open_tab(page, name)
        found[name] = faults(page)
    assert found == {name: [] for name in TABS}


@pytest.mark.parametrize(
    ("theme", "size"), [("dark", WIDE), ("light", PHONE)], ids=["dark-wide", "light-phone"]
)
def test_axe_finds_no_fault_in_the_measurements(
    opened: Open, theme: str, size: tuple[int, int]
) -> None:
    page = opened(size, theme, query="&model=letters")
    for name in ("What counting 4 letters writes", "How far back it looks"):
        page.get_by_text(name, exact=True).click()
    page.locator(".context .value").last.wait_for()
    page.mouse.move(0, 0)
    expect(page.locator("#curve .rung.beaten")).to_have_count(1)
    assert faults(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_fault_of_ours_in_an_error_message(opened: Open, theme: str) -> None:
    page = opened(WIDE, theme)
    page.get_by_role("tab", name="Score your own text").click()
    page.get_by_role("button", name="Score", exact=True).click()
    expect(page.locator(".toast-body")).to_contain_text("at least 2 characters")
    page.wait_for_timeout(500)  # it fades in; then a bar keeps moving to show how long it stays
    found = faults(page)
    # Gradio draws the message's head as a button that contains the button to close it.
    [head] = [fault for fault in found if fault.startswith("nested-interactive")]
    assert 'class="toast-header' in head
    assert found == [head]


def test_faults_would_be_found(opened: Open) -> None:
    page = opened(WIDE)
    page.evaluate(
        """() => {
          const comparison = document.querySelector("#comparison");
          comparison.insertAdjacentHTML("afterbegin", "<button></button><h5>Deep</h5>");
          comparison.querySelector(".facts").style.color = "#a89e8b";
          document.querySelector("#curve .tick").style.fill = "#a89e8b";
        }"""
    )
    found = " ".join(faults(page))
    for name in ("button-name", "heading-order", "color-contrast", "contrast 2."):
        assert name in found
