"""A page that shows the surprise of a written text, and of the text of a chosen case."""

from collections.abc import Iterator
from typing import Any

import gradio as gr
import pytest
from playwright.sync_api import Page

from tests.support.apps import launched
from tests.support.paths import ROOT
from tests.support.surprises import CASES, PROMPT, open_page
from tests.support.visiting import WIDE, visiting
from textgen import TextGenerator, Timeline
from textgen.page.browser import browser_part
from textgen.service.surprise import score_text, text_surprise
from textgen.service.wire import Surprise


@pytest.fixture(scope="module")
def timeline() -> Timeline:
    return Timeline.from_pretrained(ROOT / "pretrained" / "nietzsche")


@pytest.fixture(scope="module")
def generator(timeline: Timeline) -> TextGenerator:
    return timeline.generator()


@pytest.fixture(scope="module")
def seen(timeline: Timeline, generator: TextGenerator) -> Surprise:
    text = PROMPT + generator.generate(PROMPT, length=2000 - len(PROMPT), seed=1)
    return text_surprise(timeline, timeline.best, generator, text, prompt_length=len(PROMPT))


@pytest.fixture(scope="module")
def address(timeline: Timeline, generator: TextGenerator, seen: Any) -> Iterator[str]:
    with gr.Blocks() as demo:
        with gr.Tab("Surprise"):
            browser_part("surprise", seen, elem_id="written", of="written")
        with gr.Tab("Score"):
            text = gr.Textbox(label="Your text", lines=2)
            button = gr.Button("Score")
            scored = browser_part("surprise", elem_id="typed", of="typed")
        case = gr.Radio(list(CASES), label="Case")
        button.click(lambda s: score_text(timeline, timeline.best, generator, s), text, scored)
        case.input(CASES.get, case, scored)
    with launched(demo) as url:
        yield url


@pytest.fixture
def page(tab: Page, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    with visiting(tab, getattr(request, "param", WIDE)) as page:
        open_page(page, address)
        yield page
