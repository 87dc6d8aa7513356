"""The choice of a model: one click among a few, a list of many."""

import dataclasses
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.apps import served
from tests.support.timelines import HOSTILE
from tests.support.visiting import expected, open_page, settle, text
from textgen import Timeline

NAMES = ("first", "second", "third")


def named(timeline: Timeline, name: str) -> Timeline:
    return dataclasses.replace(timeline, manifest=dataclasses.replace(timeline.manifest, name=name))


@pytest.fixture(scope="module")
def address(letters: Timeline) -> Iterator[str]:
    with served(*(named(letters, name) for name in NAMES)) as url:
        yield url


def test_the_app_opens_with_the_first_model_and_the_others_are_one_click_away(
    page: Page, letters: Timeline
) -> None:
    models = page.get_by_role("radiogroup", name="Model").get_by_role("radio")
    assert [one.get_attribute("value") for one in models.all()] == [*NAMES]
    expect(models.nth(0)).to_be_checked()
    assert page.evaluate("textgen.model") == "first"
    page.get_by_text("third", exact=True).click()
    page.wait_for_function("textgen.model === 'third'")
    settle(page)
    expect(models.nth(2)).to_be_checked()
    assert text(page) == expected(letters, prompt="a bad ")


def test_the_arrow_keys_choose_a_model(page: Page) -> None:
    page.get_by_role("radio", name="first").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("textgen.model === 'third'")
    settle(page)
    expect(page.get_by_role("radio", name="third")).to_be_checked()
    expect(page.get_by_role("radio", name="third")).to_be_focused()


def test_many_models_are_in_a_list(browser: Browser, letters: Timeline) -> None:
    with served(*(named(letters, name) for name in (*NAMES, "fourth", HOSTILE))) as url:
        page = browser.new_page()
        open_page(page, url)
        models = page.get_by_role("combobox", name="Model")
        expect(models).to_have_value("first")
        assert models.get_by_role("option").all_inner_texts()[-1] == HOSTILE
        for name in ("fourth", HOSTILE):
            models.select_option(name)
            page.wait_for_function("name => textgen.model === name", arg=name)
            settle(page)
            expect(models).to_have_value(name)
        assert page.locator("#model img, #about img").count() == 0
        page.close()
