"""Opens the tabs of the app, with their content, for the accessibility tests."""

from collections.abc import Callable

from playwright.sync_api import Page

TABS = ("All snapshots", "Temperatures", "Surprise", "Score your own text", "Use this model")


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
    """Open a tab and wait until its content is there."""
    page.get_by_role("tab", name=name).click()
    if name == "Score your own text":
        page.locator("#own-text textarea").fill("What is Man? A bridge ☃, and not a goal.")
        page.get_by_role("button", name="Score", exact=True).click()
    page.locator(SHOWN[TABS.index(name)]).first.wait_for()
    # Gradio animates the tab's underline for a fifth of a second, and shades what is hovered over.
    page.mouse.move(0, 0)
    page.wait_for_function(f"() => !({MOVING})()")
