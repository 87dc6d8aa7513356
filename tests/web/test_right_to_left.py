"""Right-to-left text: every part of the app lays out a text in the direction of its script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.accessibility import SHOWN, TABS
from tests.support.apps import served
from tests.support.snippets import timeline_that_reads
from tests.support.visiting import button, open_page, open_tab, settle

HEBREW, LATIN = "רוח האדם היא ", "a bad cab "
both_directions = pytest.mark.parametrize(
    ("typed", "direction"), [(HEBREW, "rtl"), (LATIN, "ltr")], ids=["hebrew", "latin"]
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app with a model that knows Hebrew and Latin letters; its own prompt is Latin."""
    directory = tmp_path_factory.mktemp("hebrew") / "letters"
    with served(timeline_that_reads([HEBREW, LATIN], directory)) as url:
        yield url


def prompt(page: Page) -> Locator:
    return page.locator("#seed-text textarea")


def own_text(page: Page) -> Locator:
    return page.locator("#own-text textarea")


def directions(found: Locator) -> set[str]:
    """Return the directions in which the elements are laid out."""
    return set(found.evaluate_all("all => all.map(one => getComputedStyle(one).direction)"))


@both_directions
def test_every_text_follows_the_direction_of_the_prompt(
    page: Page, typed: str, direction: str
) -> None:
    prompt(page).fill(typed)
    assert directions(prompt(page)) == {direction}
    prompt(page).blur()
    page.wait_for_function("typed => textgen.passage.prompt === typed", arg=typed)
    settle(page)
    assert directions(page.locator("#output .passage")) == {direction}
    assert directions(page.locator("#history button").first) == {direction}
    for name, texts in (
        ("All snapshots", "#comparison .passage"),
        ("Temperatures", "#temperatures .temperatures-text"),
        ("Surprise", "#surprise .surprise-text"),
    ):
        open_tab(page, name)
        page.locator(SHOWN[TABS.index(name)]).first.wait_for()
        expect(page.locator(texts).first).to_contain_text(typed.strip())
        assert directions(page.locator(texts)) == {direction}, name


@both_directions
def test_a_scored_text_follows_its_own_direction(page: Page, typed: str, direction: str) -> None:
    open_tab(page, "Score your own text")
    own_text(page).fill(typed)
    assert directions(own_text(page)) == {direction}
    button(page, "Score").click()
    expect(page.locator("#scored .surprise-letters")).to_have_text(typed.strip())
    assert directions(page.locator("#scored .surprise-text")) == {direction}
    assert directions(prompt(page)) == {"ltr"}  # the model's own


def test_a_prompt_from_a_link_follows_its_direction(page: Page, address: str) -> None:
    open_page(page, f"{address}?seed_text={HEBREW}&length=50")
    expect(prompt(page)).to_have_value(HEBREW)
    assert directions(prompt(page)) == {"rtl"}
    assert directions(page.locator("#output .passage")) == {"rtl"}


RENDER_AGAIN = """field => {
  const fresh = field.cloneNode();
  fresh.dir = "ltr";
  fresh.value = field.value;
  field.replaceWith(fresh);
}"""


def test_the_direction_survives_another_rendering_of_a_field(page: Page) -> None:
    open_tab(page, "Score your own text")
    for field in (prompt(page), own_text(page)):
        field.fill(HEBREW)
        for change in ("field => { field.dir = 'ltr'; }", RENDER_AGAIN):
            field.evaluate(change)
            assert directions(field) == {"rtl"}
    open_tab(page, "Surprise")
    open_tab(page, "Score your own text")
    assert directions(own_text(page)) == {"rtl"}
