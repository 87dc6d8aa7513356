"""What a user does and sees in the app, in a real browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Error, Locator, Page, Request

from textgen import Timeline

PROMPT = "the soul of man "
WIDE, PHONE = (1280, 900), (390, 844)
wide_and_phone = pytest.mark.parametrize(
    "page", [WIDE, PHONE], ids=["wide", "phone"], indirect=True
)
"""For tests that depend on the window's width; the others use a wide window."""


@contextmanager
def visiting(tab: Page, size: tuple[int, int]) -> Iterator[Page]:
    """Lend a tab to a test as if it were new; fail on script errors and on foreign requests.

    Opening a new window for each test would take twice as long.
    """
    width, height = size
    problems: list[str] = []

    def fail(error: Error) -> None:
        problems.append(str(error))

    def watch(sent: Request) -> None:
        if is_foreign(sent.url):
            problems.append(sent.url)

    tab.set_viewport_size({"width": width, "height": height})
    tab.mouse.move(0, 0)
    tab.on("pageerror", fail)
    tab.on("request", watch)
    yield tab
    # Also stops the app from storing anything later.
    tab.evaluate("Storage.prototype.setItem = () => {}; sessionStorage.clear();")
    tab.remove_listener("pageerror", fail)
    tab.remove_listener("request", watch)
    assert not problems


def is_foreign(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1", "http://localhost", "data:", "blob:"))


def open_page(page: Page, address: str) -> None:
    """Open the app and wait until every snapshot's text has arrived."""
    page.goto(address)
    settle(page)


def settle(page: Page) -> None:
    """Wait until every snapshot's text has arrived."""
    page.wait_for_function(
        "() => globalThis.textgen?.passage && textgen.snapshots.every(textgen.written)"
        " && (!textgen.linked || textgen.passage.request_id > 0)"
    )


def text(page: Page) -> str:
    """Return the text on the page, including the prompt."""
    return page.locator("#output .prompt").text_content() + written(page)  # type: ignore[operator]


def written(page: Page) -> str:
    return page.locator("#output .written").text_content() or ""


def expected(timeline: Timeline, epoch: Any = "best", prompt: str = PROMPT, **settings: Any) -> str:
    generator = timeline.generator(epoch)
    return prompt + generator.generate(prompt, **{"seed": 1, **settings})


def expect_text(page: Page, text: str) -> None:
    """Wait until the page shows this text, including the prompt."""
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
