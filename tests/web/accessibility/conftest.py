"""The app with two models, opened as each test needs it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.accessibility import Open
from tests.support.apps import served
from tests.support.measured import measured
from tests.support.paths import BUNDLED
from tests.support.timelines import write_timeline
from tests.support.visiting import settle
from textgen import Timeline


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app with two models, so that it has a list of models; the second has measurements."""
    other = write_timeline(tmp_path_factory.mktemp("accessibility") / "letters", measured())
    with served(Timeline.from_pretrained(BUNDLED), other) as url:
        yield url


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Open]:
    """A function that opens the app, writes a text and unfolds everything that can be unfolded."""
    contexts = []

    def open_page(
        size: tuple[int, int], theme: str = "light", query: str = "", **options: Any
    ) -> Page:
        width, height = size
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, **options))
        page = contexts[-1].new_page()
        page.goto(f"{address}?__theme={theme}{query}")
        settle(page)
        page.get_by_role("button", name="Write", exact=True).click()
        page.locator("#history li").wait_for(state="attached")
        expect(page.locator("#output [role=status]")).to_contain_text("characters")
        page.get_by_role("button", name="More settings").click()
        page.locator("#history summary").click()
        page.locator("#seed").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
