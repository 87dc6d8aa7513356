"""The page as it is opened for everybody's tests: all that can be unfolded, a text just written."""

from collections.abc import Callable

from playwright.sync_api import Page

TABS = ("All stages", "Temperatures", "Look inside", "Score your own text", "Use it yourself")


SHOWN = (
    "#comparison .card",
    "#temperatures .temperatures-card",
    "#surprise .surprise-cursor",
    "#scored .surprise-cursor",
    "#reuse pre",
)


Open = Callable[..., Page]


MOVING = "() => document.getAnimations().filter((one) => one.playState === 'running').length"


def open_tab(page: Page, name: str) -> None:
    """Open a tab and wait until it shows what it is for."""
    page.get_by_role("tab", name=name).click()
    if name == "Score your own text":
        page.locator("#own-text textarea").fill("What is Man? A bridge ☃, and not a goal.")
        page.get_by_role("button", name="Score it").click()
    page.locator(SHOWN[TABS.index(name)]).first.wait_for()
    # Gradio underlines the tab in a fifth of a second, and shades what the pointer is on.
    page.mouse.move(0, 0)
    page.wait_for_function(f"() => !({MOVING})()")
