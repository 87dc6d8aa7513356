"""The comparison of temperatures and the code for use elsewhere, in a real browser."""

import json
from collections.abc import Iterator
from typing import Any

import gradio as gr
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.apps import launched
from tests.support.paths import ROOT
from tests.support.timelines import HOSTILE
from tests.support.visiting import WIDE, visiting, wide_and_phone
from textgen import Timeline
from textgen.page.browser import browser_part
from textgen.service.request import Request
from textgen.service.service import Service
from textgen.service.temperatures import compare_temperatures
from textgen.service.wire import Temperatures

PROMPT = "the soul of man "
REQUEST = Request(model="nietzsche", seed_text=PROMPT, length=300)
MARKUP = '<img src=x onerror="hacked=1"></p></script><script>hacked=1</script>'


def one(temperature: float, text: str, percent: list[float], others: float) -> dict[str, Any]:
    return {"temperature": temperature, "text": text, "percent": percent, "others": others}


# Invisible characters, fewer cards, and text that is markup.
STRANGE = {
    "prompt": MARKUP,
    "characters": [" ", "\n", "<", "\u202e", "\u0301"],
    "temperatures": [
        one(0.0, f"\n{MARKUP}", [10.0, 90.0, 0.0, 0.0, 0.0], 0.0),
        one(0.5, "", [20] * 5, 0),
    ],
}
STRANGE_ABOUT = {
    "facts": [[MARKUP, MARKUP], [HOSTILE, HOSTILE]],
    "links": [
        ["The Hub", "https://huggingface.co/tester/letters"],
        [MARKUP, "javascript:hacked=1"],
        ["data", "data:text/html,x"],
        ["quoted", 'https://example.org/"onclick="hacked=1'],
    ],
    "limits": [MARKUP],
    "snippets": [{"title": MARKUP, "language": MARKUP, "code": MARKUP}],
}


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    """Values for the two parts: of two prompts of the bundled model, and its code and facts."""
    timeline = Timeline.from_pretrained(ROOT / "pretrained" / "nietzsche")
    generator = timeline.generator()

    def shown(prompt: str) -> Temperatures:
        return compare_temperatures(
            generator,
            prompt,
            lambda t: generator.generate(prompt, length=300, temperature=t, seed=1),
        )

    return {
        "temperatures": shown(PROMPT),
        "others": shown("he said: "),
        "about": Service([timeline]).reuse(REQUEST, "http://127.0.0.1:7860"),
    }


@pytest.fixture(scope="module")
def address(values: dict[str, Any]) -> Iterator[str]:
    with gr.Blocks(analytics_enabled=False) as demo:
        temperatures_html = browser_part("temperatures", events=("take",))
        reuse_html = browser_part("reuse")
        taken = gr.Textbox(elem_id="taken")

        def take(event: gr.EventData) -> tuple[str, dict[str, Any]]:
            return json.dumps(event._data), values["others"]

        temperatures_html.take(take, None, [taken, temperatures_html])
        for name, pair in {
            "real": (values["temperatures"], values["about"]),
            "strange": (STRANGE, STRANGE_ABOUT),
            "nothing": (None, None),
        }.items():
            button = gr.Button(name, elem_id=name)
            button.click(lambda pair=pair: pair, None, [temperatures_html, reuse_html])
        with gr.Tab("one"):
            gr.Markdown("Nothing here.")
        with gr.Tab("two"):
            browser_part("temperatures", STRANGE, elem_id="late")
    with launched(demo) as url:
        yield url


@pytest.fixture
def page(tab: Page, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    with visiting(tab, getattr(request, "param", WIDE)) as page:
        page.goto(address)
        expect(page.locator(".temperatures-empty").first).to_be_visible()
        yield page
        assert page.evaluate("globalThis.hacked") is None


def show(page: Page, name: str) -> None:
    page.locator(f"#{name}").click()


def cards(page: Page) -> Locator:
    return page.locator(".temperatures").first.locator(".temperatures-card:visible")


def test_before_anything_is_written_a_sentence_explains_the_empty_part(page: Page) -> None:
    expect(page.locator(".temperatures-empty").first).to_contain_text("appears here once")
    expect(page.locator(".reuse-empty")).to_contain_text("appear here when")
    expect(cards(page)).to_have_count(0)
    expect(page.locator(".reuse-all")).to_be_hidden()
    show(page, "real")
    expect(page.locator(".temperatures-empty").first).to_be_hidden()
    expect(page.locator(".reuse-empty")).to_be_hidden()
    show(page, "nothing")
    expect(page.locator(".temperatures-empty").first).to_be_visible()
    expect(cards(page)).to_have_count(0)
    expect(page.locator(".reuse-all")).to_be_hidden()


@wide_and_phone
def test_five_cards_show_the_probabilities_and_the_texts(
    page: Page, values: dict[str, Any]
) -> None:
    show(page, "real")
    expect(cards(page)).to_have_count(5)
    headings = cards(page).locator(".temperatures-heading")
    expect(headings).to_have_text(
        ["Temperature 0 (greedy)", *(f"Temperature {t}" for t in (0.2, 0.5, 1.0, 1.2))]
    )
    for index, one in enumerate(values["temperatures"]["temperatures"]):
        card = cards(page).nth(index)
        expect(card.locator(".temperatures-prompt")).to_have_text(PROMPT)
        assert card.locator(".temperatures-text").text_content() == PROMPT + one["text"]
        assert card.locator(".temperatures-symbol").all_text_contents() == [
            *values["temperatures"]["characters"],
            "others",
        ]
        numbers = card.locator(".temperatures-number").all_text_contents()
        shown = [float(number.removesuffix("%")) for number in numbers]
        assert shown == [*one["percent"], one["others"]]
        widths = card.locator(".temperatures-row").evaluate_all(
            "rows => rows.map(row => 100 * row.querySelector('.temperatures-fill').offsetWidth"
            " / row.querySelector('.temperatures-track').offsetWidth)"
        )
        assert widths == pytest.approx(shown, abs=2)
        browser_part = card.locator(".temperatures-row.drawn .temperatures-symbol")
        expect(browser_part).to_have_text(one["text"][0])


def test_a_picture_has_a_description_in_words(page: Page) -> None:
    show(page, "strange")
    expect(cards(page)).to_have_count(2)
    pictures = cards(page).get_by_role("img")
    expect(pictures.first).to_have_attribute(
        "aria-label",
        "Probabilities of the next character: space 10.0%, line break 90.0% (sampled), < 0%, "
        "U+202E 0%, mark \u0301 0%, all others 0%",
    )
    assert cards(page).first.locator(".temperatures-symbol").all_text_contents() == [
        "␣",
        "⏎",
        "<",
        "U+202E",
        "◌\u0301",
        "others",
    ]
    expect(cards(page).nth(1).locator(".drawn")).to_have_count(0)  # because its text is empty


def test_markup_in_a_text_is_shown_and_never_run(page: Page) -> None:
    show(page, "strange")
    expect(cards(page).first.locator(".temperatures-text")).to_have_text(f"{MARKUP}\n{MARKUP}")
    expect(page.locator(".reuse-limits li")).to_have_text(MARKUP)
    expect(page.locator(".reuse-code")).to_have_text(MARKUP)
    assert page.locator(".reuse dt").all_text_contents() == [MARKUP, HOSTILE]
    assert (
        page.locator(".temperatures img, .reuse img, .temperatures script, .reuse script").count()
        == 0
    )
    links = page.locator(".reuse-links a")
    expect(links).to_have_count(2)
    hrefs = links.evaluate_all("all => all.map(link => [link.protocol, link.host, link.onclick])")
    assert hrefs == [["https:", "huggingface.co", None], ["https:", "example.org", None]]
    expect(page.locator(".reuse-links li").nth(1)).to_have_text(f"{MARKUP}: javascript:hacked=1")
    expect(page.locator(".reuse-links li").nth(2)).to_have_text("data: data:text/html,x")


@wide_and_phone
def test_a_card_can_be_used_by_mouse_and_by_keyboard(page: Page, values: dict[str, Any]) -> None:
    show(page, "real")
    page.get_by_role("button", name="Write at 0.5").click()
    expect(page.locator("#taken textarea, #taken input")).to_have_value('{"temperature": 0.5}')
    expect(cards(page).first.locator(".temperatures-prompt")).to_have_text("he said: ")
    page.get_by_role("button", name="Write at 1.0").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#taken textarea, #taken input")).to_have_value('{"temperature": 1.2}')
    expect(page.get_by_role("button", name="Write at 1.2")).to_be_focused()
    page.get_by_role("button", name="Write at 0", exact=True).click()
    expect(page.locator("#taken textarea, #taken input")).to_have_value('{"temperature": 0}')


@wide_and_phone
def test_nothing_jumps_when_the_probabilities_change(page: Page) -> None:
    show(page, "real")
    places = "all => all.map(one => one.getBoundingClientRect().y + scrollY)"
    expect(cards(page)).to_have_count(5)
    now = cards(page).nth(0).locator(".temperatures-take").evaluate_all(places)
    approximately = pytest.approx(now, abs=0.1)
    page.get_by_role("button", name="Write at 0.2").click()
    expect(cards(page).first.locator(".temperatures-prompt")).to_have_text("he said: ")
    assert cards(page).nth(0).locator(".temperatures-take").evaluate_all(places) == approximately
    show(page, "strange")
    expect(cards(page)).to_have_count(2)
    assert cards(page).nth(0).locator(".temperatures-take").evaluate_all(places) == approximately


def test_the_code_is_the_code_and_can_be_copied(
    browser: Browser, address: str, values: dict[str, Any]
) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(address)
    show(page, "real")
    snippets = page.locator(".reuse-snippet")
    expect(snippets).to_have_count(4)
    for index, snippet in enumerate(values["about"]["snippets"]):
        one = snippets.nth(index)
        expect(one.get_by_role("heading")).to_have_text(snippet["title"])
        assert one.locator("code").text_content() == snippet["code"]
        one.get_by_role("button", name=f"Copy: {snippet['title']}").click()
        expect(one.get_by_role("status")).to_have_text("Copied.")
        expect(one.locator(".reuse-copy")).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == snippet["code"]
    expect(snippets.first.locator(".reuse-copy")).to_have_text("Copy")  # after a while
    context.close()


def test_if_the_clipboard_is_refused_the_code_is_selected(
    page: Page, values: dict[str, Any]
) -> None:
    page.evaluate(
        "Object.defineProperty(navigator, 'clipboard',"
        " {value: {writeText: () => Promise.reject(new Error('refused'))}})"
    )
    show(page, "real")
    one = page.locator(".reuse-snippet").nth(1)
    one.locator(".reuse-copy").click()
    expect(one.get_by_role("status")).to_contain_text("Selected: press")
    assert page.evaluate("getSelection().toString()") == values["about"]["snippets"][1]["code"]


def test_code_scrolls_by_keyboard_inside_its_box(page: Page) -> None:
    show(page, "real")
    code = page.locator(".reuse-code").nth(3)  # a command with one long line
    code.focus()
    expect(code).to_be_focused()
    expect(code).to_have_attribute("tabindex", "0")  # not every browser scrolls without it
    page.keyboard.press("ArrowRight")
    page.wait_for_function("box => box.scrollLeft > 0", arg=code.element_handle())


@wide_and_phone
def test_nothing_is_wider_than_the_window(page: Page) -> None:
    show(page, "real")
    expect(cards(page)).to_have_count(5)
    boxes = page.locator(".temperatures, .reuse, .temperatures-card, .reuse-snippet, .reuse-fact")
    edges = boxes.evaluate_all("all => all.map(one => one.getBoundingClientRect().right)")
    assert max(edges) <= page.evaluate("innerWidth")
    columns = {
        round(box)
        for box in cards(page).evaluate_all("all => all.map(one => one.getBoundingClientRect().x)")
    }
    assert len(columns) == (5 if page.evaluate("innerWidth") == 1280 else 1)


def test_temperatures_in_a_tab_that_opens_late_are_drawn(page: Page) -> None:
    page.get_by_role("tab", name="two").click()
    expect(page.locator("#late .temperatures-card")).to_have_count(2)
    expect(page.locator("#late .temperatures-prompt").first).to_have_text(MARKUP)
