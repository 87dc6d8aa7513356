"""Finds and starts the browser for tests, or skips them if it is not installed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

# The headless build needs half the computing time to open a page.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium while the context lasts.

    Without Chromium the test is skipped, or fails if TEXTGEN_REQUIRE_BROWSER is set.
    """
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        missing = pytest.fail if os.environ.get("TEXTGEN_REQUIRE_BROWSER") else pytest.skip
        missing("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()
