"""The page of two models in Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.apps import served
from tests.support.paths import BUNDLED
from tests.support.timelines import write_timeline
from tests.support.visiting import WIDE, is_foreign, open_page
from textgen import Timeline


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


@pytest.fixture
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = getattr(request, "param", WIDE)
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
