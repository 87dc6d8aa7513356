"""The app with two models, in Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.apps import served
from tests.support.paths import BUNDLED
from tests.support.timelines import write_timeline
from tests.support.visiting import WIDE, open_page, visiting
from textgen import Timeline


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    """A second model; everything that the app shows of it differs from the first."""
    return write_timeline(tmp_path_factory.mktemp("browser") / "letters")


@pytest.fixture(scope="module")
def nietzsche() -> Timeline:
    return Timeline.from_pretrained(BUNDLED)


@pytest.fixture(scope="module")
def address(nietzsche: Timeline, letters: Timeline) -> Iterator[str]:
    with served(nietzsche, letters) as url:
        yield url


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


@pytest.fixture
def page(tab: Page, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    with visiting(tab, getattr(request, "param", WIDE)) as page:
        open_page(page, address)
        yield page
