"""What the page shows, as words, HTML and plain data."""

import dataclasses
import json
from pathlib import Path

from tests.support.timelines import HOSTILE, VOCABULARY, hostile_manifest, manifest_of
from textgen import Timeline, Vocabulary
from textgen.hub.source import Source
from textgen.manifest.schema import Manifest
from textgen.service import passages as views
from textgen.service.request import Request
from textgen.text.preparation import Preparation

NOWHERE = Source(directory=Path("unread"))


def timeline_of(manifest: Manifest, vocabulary: Vocabulary = VOCABULARY) -> Timeline:
    return Timeline(manifest, vocabulary, NOWHERE)


def test_readings_are_words() -> None:
    first, early, one, later = manifest_of((0, 0.037, 1, 2)).snapshots
    assert views.how_far_trained(first) == "before reading anything"
    assert views.how_far_trained(early) == "after 3.7 % of one reading"
    assert views.how_far_trained(one) == "after 1 reading"
    assert views.how_far_trained(later) == "after 2 readings"


def test_the_summary_tells_how_far_training_has_come_as_long_as_it_goes_on() -> None:
    finished = manifest_of()
    html = views.summary(timeline_of(finished))
    assert "Snapshots of it were taken 4 times" in html
    assert "knows 10 characters" in html
    assert f"{finished.model.parameters:,} weights · trained 2 minutes on 2 CPU cores" in html
    assert "Training has come" not in html
    growing = dataclasses.replace(finished, snapshots=finished.snapshots[:3])
    assert "come to epoch 1 of 2" in views.summary(timeline_of(growing))
    assert "trained 60 seconds" in views.summary(timeline_of(growing))


def test_nothing_from_a_timeline_becomes_markup() -> None:
    manifest = hostile_manifest()
    growing = dataclasses.replace(manifest, snapshots=manifest.snapshots[:2])
    for each in (manifest, growing):
        html = views.summary(timeline_of(each))
        assert "<img" not in html
        assert "</style>" not in html
        assert html.count("&lt;img src=x onerror=alert(1)&gt;") == 2


def test_snapshots_are_told_in_order_with_one_best() -> None:
    told = views.snapshots(timeline_of(manifest_of()))
    assert [one["label"] for one in told] == ["0", "0.5", "1", "2"]
    assert [one["step"] for one in told] == [0, 50, 100, 200]
    assert [one["bits"] for one in told] == [3.607, 2.885, 2.164, 2.525]
    assert [one["best"] for one in told] == [False, False, True, False]
    assert [one["description"] for one in told][::3] == [
        "before reading anything",
        "after 2 readings",
    ]


def test_a_passage_is_plain_data_by_step() -> None:
    request = Request(model="letters", seed_text="Ab", seed=9, temperature=0.25)
    passage = views.passage(request, "ab", ["One.", "Two."], {0: ("cd", None), 50: ("dc", 2 / 3)})
    title = passage["title"]
    assert title.startswith("“ab” · ")
    assert title.endswith("temperature 0.25, dice 9")
    assert passage == {
        "link": "model=letters&seed_text=Ab&temperature=0.25&seed=9",
        "model": "letters",
        "title": title,
        "length": 400,
        "prompt": "ab",
        "notes": "One. Two.",
        "texts": {"0": {"text": "cd", "words": None}, "50": {"text": "dc", "words": 0.667}},
    }
    assert json.loads(json.dumps(passage)) == passage


def test_a_passages_title_is_short_and_its_texts_stay_what_they_are() -> None:
    passage = views.passage(Request(model=HOSTILE), f" {HOSTILE}", [], {1: (HOSTILE, 0.0)})
    assert passage["title"].startswith(f"“{HOSTILE[:40]}”")
    assert passage["texts"]["1"] == {"text": HOSTILE, "words": 0.0}  # escaped where it is drawn


def test_openings_are_those_the_model_can_read() -> None:
    manifest = manifest_of()
    characters = Vocabulary.from_text("once upon a time ")
    assert views.prompts(timeline_of(manifest, characters)) == ["a a ", "once upon a time "]
    assert views.prompts(timeline_of(manifest, Vocabulary.from_text("xyz"))) == ["x"]


def test_what_a_stranger_says_makes_no_endless_opening() -> None:
    plain = manifest_of()
    settings = dataclasses.replace(plain.sample_settings, seed_text="ab" * 50_000)
    samples = {"0.5": "a " + "b" * 50_000 + " " + "c" * 40_000}
    best = dataclasses.replace(plain.best, samples=samples)
    manifest = dataclasses.replace(plain, sample_settings=settings, snapshots=(best,))
    assert views.prompts(timeline_of(manifest)) == ["ab" * 500]


def test_openings_have_phrases_of_the_models_own_world() -> None:
    manifest = manifest_of()
    sample = "The cat sat. the cat ran, the dog sat on the mat the the end of 12 the cat_x"
    best = dataclasses.replace(manifest.best, samples={"0.5": sample.lower()})
    snapshots = tuple(best if each is manifest.best else each for each in manifest.snapshots)
    vocabulary = Vocabulary.from_text("abcdefghijklmnopqrstuvwxyz ")
    manifest = dataclasses.replace(manifest, snapshots=snapshots)
    found = views.prompts(timeline_of(manifest, vocabulary))
    assert found == [
        "a bad ",
        "the cat sat ",
        "the dog sat ",
        "the end of ",
        "the meaning of life is ",
        "once upon a time ",
    ]


def test_what_was_changed_in_an_opening_is_said() -> None:
    vocabulary = Vocabulary.from_text("abc ", Preparation(lowercase=True))
    assert views.prompt_notes("abc", {}, vocabulary) == []
    assert "'x' 2" in views.prompt_notes("xabcx", {"x": 2}, vocabulary)[0]
    assert "Capitals" in views.prompt_notes("Abc", {}, vocabulary)[0]
    as_it_is = dataclasses.replace(vocabulary, preparation=Preparation())
    assert views.prompt_notes("Abc", {}, as_it_is) == []
