"""The counting models and how far back the snapshots look, on the page."""

import dataclasses
import itertools
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.support.apps import served
from tests.support.measured import LENGTHS, measured, ngrams_of, write_strange_timeline
from tests.support.timelines import HOSTILE, manifest_of, write_timeline
from tests.support.visiting import WIDE, choose, open_page, scrubber, settle, visiting
from textgen import Timeline
from textgen.service.passages import curve

SMALL_PHONE = (375, 812)
wide_and_small = pytest.mark.parametrize(
    "page", [WIDE, SMALL_PHONE], ids=["wide", "phone"], indirect=True
)
# Twelve rungs as close together as rungs can be.
CROWDED = tuple(3.0 * 0.985**order for order in range(12))


@pytest.fixture(scope="module")
def timelines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Timeline]:
    """Timelines with measurements, without any, with many, and with impossible ones."""
    manifests = (
        measured(),
        dataclasses.replace(manifest_of(), name="plain"),
        dataclasses.replace(measured(), name="crowded", ngrams=ngrams_of(CROWDED)),
    )
    directory = tmp_path_factory.mktemp("measurements")
    found = {one.name: write_timeline(directory / one.name, one) for one in manifests}
    return {**found, "strange": write_strange_timeline(directory / "strange")}


@pytest.fixture(scope="module")
def address(timelines: dict[str, Timeline]) -> Iterator[str]:
    with served(*timelines.values()) as url:
        yield url


@pytest.fixture
def page(tab: Page, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    with visiting(tab, getattr(request, "param", WIDE)) as page:
        open_page(page, address)
        yield page


def show(page: Page, model: str) -> None:
    """Choose a model."""
    page.get_by_role("radio", name=model, exact=True).check()
    page.wait_for_function("name => textgen.passage?.question.model === name", arg=model)
    settle(page)


def unfold(page: Page, part: str) -> Locator:
    """Open one of the folds below the text and return it."""
    page.locator(f"#{part} summary").click()
    return page.locator(f"#{part} .{part}")


def rungs(page: Page, which: str = ".rung") -> list[str]:
    """Return the names and numbers beside the curve."""
    return [
        " ".join(one.locator("text").all_text_contents())
        for one in page.locator(f"#curve {which}").all()
    ]


def boxes(texts: Locator) -> list[FloatRect]:
    return [box for one in texts.all() if one.is_visible() and (box := one.bounding_box())]


def overlap(one: FloatRect, other: FloatRect) -> bool:
    """Whether two texts overlap; the boxes of lines may touch by a pixel or two."""
    across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
    down = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
    return across > 1 and down > 2


@wide_and_small
def test_the_counting_models_are_named_beside_the_curve(page: Page) -> None:
    names = ["guessing", "letter counts", "pairs", "4 letters", "6 letters"]
    bits = ["3.32", "3.00", "2.50", "2.20", "2.10"]
    wide = page.evaluate("innerWidth") > 1000
    pairs = zip(names, bits, strict=True)
    assert rungs(page) == ([" ".join(pair) for pair in pairs] if wide else names)
    words = page.locator("#curve p.unseen:not([role])")
    expect(words).to_have_text(re.compile("guessing 3.32, letter counts 3.00, pairs 2.50, 4 let"))
    expect(page.locator("#curve .axis.rungs")).to_contain_text("how often each letter follows")


@wide_and_small
@pytest.mark.parametrize("model", ["letters", "crowded", "strange"])
def test_no_label_of_the_curve_covers_another_or_leaves_the_window(
    page: Page, timelines: dict[str, Timeline], model: str
) -> None:
    show(page, model)
    if model == "crowded":
        assert len(rungs(page)) == 13
    for snapshot in timelines[model].snapshots:
        choose(page, timelines[model], snapshot.label)
        beside = boxes(page.locator("#curve .rung text"))
        inside = boxes(page.locator("#curve .point.chosen .value"))
        below = boxes(page.locator("#curve .tick"))
        assert not [pair for pair in itertools.combinations(beside, 2) if overlap(*pair)]
        others = [*inside, *below]
        assert not [(a, b) for a, b in itertools.product(beside, others) if overlap(a, b)]
        assert not [(a, b) for a, b in itertools.product(inside, below) if overlap(a, b)]
        width = page.evaluate("innerWidth")
        assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in beside)


@wide_and_small
def test_the_slider_ends_below_the_last_snapshot(page: Page) -> None:
    for model in ("letters", "plain"):
        show(page, model)
        page.keyboard.press("Escape")
        slider = scrubber(page).bounding_box()
        last = page.locator("#curve .point .dot").last.bounding_box()
        assert slider is not None
        assert last is not None
        half_thumb = 12
        right = slider["x"] + slider["width"] - half_thumb
        assert last["x"] + last["width"] / 2 == pytest.approx(right, abs=1)


def test_the_caption_says_which_counting_models_the_snapshot_beats(
    page: Page, timelines: dict[str, Timeline]
) -> None:
    shown = curve(timelines["letters"])
    marked = {0: [], 1: ["letter counts 3.00"], 3: ["4 letters 2.20"]}
    for one in shown["snapshots"]:
        choose(page, timelines["letters"], one["label"])
        expect(page.locator(".caption .standing")).to_have_text(one["standing"])
        spoken = scrubber(page).get_attribute("aria-valuetext") or ""
        assert spoken.endswith(f". {one['standing']}")
        assert rungs(page, ".rung.beaten") == marked[one["beaten"]]


@wide_and_small
def test_the_text_does_not_move_when_another_snapshot_is_chosen(
    page: Page, timelines: dict[str, Timeline]
) -> None:
    places = set()
    for snapshot in timelines["letters"].snapshots:
        choose(page, timelines["letters"], snapshot.label)
        (box,) = boxes(page.locator("#output .passage"))
        places.add(round(box["y"] + page.evaluate("scrollY")))
    assert len(places) == 1


def test_what_a_counting_model_writes_follows_the_snapshot(
    page: Page, timelines: dict[str, Timeline]
) -> None:
    fold = unfold(page, "counting")
    for label, title, sample in (
        ("0", "What letter counts write", "a cab 1"),
        ("0.5", "What letter counts write", "a cab 1"),
        ("1", "What counting 4 letters writes", "a cab 4"),
    ):
        choose(page, timelines["letters"], label)
        expect(fold.locator("summary")).to_have_text(title)
        assert fold.locator(".passage").text_content() == f"a bad {sample}"
        expect(fold.locator(".prompt")).to_have_text("a bad ")
    expect(fold).to_contain_text("2.20 bits per character")
    expect(fold).to_contain_text("Your prompt and settings do not change it.")
    page.locator("#seed-text textarea").fill("cab ")
    page.locator("#seed-text textarea").press("Enter")
    page.wait_for_function("() => textgen.passage.prompt === 'cab '")
    assert fold.locator(".passage").text_content() == "a bad a cab 4"


@wide_and_small
def test_how_far_back_each_snapshot_looks_is_drawn_and_said(
    page: Page, timelines: dict[str, Timeline]
) -> None:
    fold = unfold(page, "context")
    expect(fold.locator(".line")).to_have_count(4)
    labeled = LENGTHS if page.evaluate("innerWidth") > 1000 else (1, 4, 16, 64, 256)
    assert fold.locator(".tick").all_text_contents() == [str(length) for length in labeled]
    for one in curve(timelines["letters"])["snapshots"]:
        choose(page, timelines["letters"], one["label"])
        expect(fold.locator(".context-words")).to_have_text(
            f"{one['description']}: {one['context_words']}"
        )
        expect(fold.locator(".line.chosen title")).to_have_text(one["description"])
        shown = fold.locator(".value").all_text_contents()
        assert shown == [f"{bits:.2f}" for length, bits in one["context"] if length in labeled]
        expect(fold.locator(".unseen")).to_contain_text(f"256: {shown[-1]} bits")
        values = boxes(fold.locator(".value"))
        assert not [pair for pair in itertools.combinations(values, 2) if overlap(*pair)]
    corners = (fold.locator(".counted").get_attribute("points") or "").split()
    assert len(corners) == 3  # orders 2, 4 and 6 look back 1, 3 and 5 characters
    assert corners[0].split(",")[0] == "34.0"  # where 1 is


def test_a_line_can_be_chosen_with_the_mouse(page: Page, timelines: dict[str, Timeline]) -> None:
    fold = unfold(page, "context")
    choose(page, timelines["letters"], "1")
    fold.locator(".line:not(.chosen) .target").first.dispatch_event("click")
    expect(page.locator(".caption strong")).to_have_text("Before training")
    expect(fold.locator(".line.chosen title")).to_have_text("Before training")


@wide_and_small
def test_a_timeline_without_measurements_shows_none_of_it(page: Page) -> None:
    expect(page.locator("#counting summary")).to_be_visible()
    show(page, "plain")
    for part in ("counting", "context"):
        expect(page.locator(f"#{part}")).to_be_hidden()
    expect(page.locator("#curve .rung")).to_have_count(0)
    expect(page.locator("#curve .at-random")).to_have_count(1)
    expect(page.locator("#curve .axis.rungs")).to_be_hidden()
    expect(page.locator(".caption .standing")).to_have_count(0)
    assert re.search(r"known words$", scrubber(page).get_attribute("aria-valuetext") or "")
    show(page, "letters")
    expect(page.locator("#counting summary")).to_be_visible()
    expect(page.locator("#context summary")).to_be_visible()


BROKEN = """() => [...document.querySelectorAll("#curve svg *, #context svg *")].flatMap((one) =>
  [...one.attributes].filter(({ value }) => /NaN|Infinity|undefined/.test(value))
    .map(({ name, value }) => `${one.tagName} ${name}=${value}`)
)"""


@wide_and_small
def test_impossible_measurements_are_drawn_all_the_same(
    page: Page, timelines: dict[str, Timeline]
) -> None:
    show(page, "strange")
    unfold(page, "counting")
    fold = unfold(page, "context")
    for snapshot in timelines["strange"].snapshots:
        choose(page, timelines["strange"], snapshot.label)
        assert page.evaluate(BROKEN) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(fold.locator(".line")).to_have_count(3)
    choose(page, timelines["strange"], "0")
    expect(fold.locator(".context-words")).to_have_text("Before training: not measured.")
    expect(fold.locator(".value")).to_have_count(0)
    assert page.locator(".counting .prompt").text_content() == HOSTILE
    assert page.locator(".counting img, .context img").count() == 0
