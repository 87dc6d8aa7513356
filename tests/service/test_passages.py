"""What the app shows of a text and a model, as words, HTML and plain data."""

import dataclasses
import json
from pathlib import Path

from tests.support.timelines import HOSTILE, VOCABULARY, hostile_manifest, manifest_of
from textgen import Timeline, Vocabulary
from textgen.hub.source import Source
from textgen.manifest.schema import Manifest
from textgen.service.passages import how_far_trained, model_summary, passage, snapshots
from textgen.service.request import Request
from textgen.service.wire import Continuation

NOWHERE = Source(directory=Path("unread"))


def timeline_of(manifest: Manifest, vocabulary: Vocabulary = VOCABULARY) -> Timeline:
    return Timeline(manifest, vocabulary, NOWHERE)


def test_the_amount_of_training_is_described_in_words() -> None:
    first, early, one, later = manifest_of((0, 0.037, 1, 2)).snapshots
    assert how_far_trained(first) == "Before training"
    assert how_far_trained(early) == "After 3.7% of the first epoch"
    assert how_far_trained(one) == "After 1 epoch"
    assert how_far_trained(later) == "After 2 epochs"


def test_the_summary_shows_the_progress_of_unfinished_training() -> None:
    finished = manifest_of()
    html = model_summary(timeline_of(finished))
    assert "We saved 4 snapshots, the first before any training." in html
    assert "vocabulary of 10 characters" in html
    assert f"{finished.model.parameters:,} parameters · trained for 2 minutes on 2 CPU" in html
    assert "Training is at" not in html
    growing = dataclasses.replace(finished, snapshots=finished.snapshots[:3])
    assert "Training is at epoch 1 of 2" in model_summary(timeline_of(growing))
    assert "trained for 60 seconds" in model_summary(timeline_of(growing))


def test_nothing_from_a_timeline_becomes_markup() -> None:
    manifest = hostile_manifest()
    growing = dataclasses.replace(manifest, snapshots=manifest.snapshots[:2])
    for each in (manifest, growing):
        html = model_summary(timeline_of(each))
        assert "<img" not in html
        assert "</style>" not in html
        assert html.count("&lt;img src=x onerror=alert(1)&gt;") == 2


def test_snapshots_are_listed_in_order_with_one_best() -> None:
    shown = snapshots(timeline_of(manifest_of()))
    assert [one["label"] for one in shown] == ["0", "0.5", "1", "2"]
    assert [one["step"] for one in shown] == [0, 50, 100, 200]
    assert [one["bits"] for one in shown] == [3.607, 2.885, 2.164, 2.525]
    assert [one["best"] for one in shown] == [False, False, True, False]
    assert [one["description"] for one in shown][::3] == [
        "Before training",
        "After 2 epochs",
    ]


def test_a_passage_is_plain_data_by_step() -> None:
    request = Request(model="letters", seed_text="Ab", seed=9, temperature=0.25)
    texts: dict[int, Continuation] = {
        0: {"text": "cd", "known_words": None},
        50: {"text": "dc", "known_words": 0.667},
    }
    shown = passage(request, "ab", ["One.", "Two."], texts)
    title = shown["title"]
    assert title.startswith("“ab” · ")
    assert title.endswith("temperature 0.25, seed 9")
    assert shown == {
        "question": request.question,
        "link": "model=letters&seed_text=Ab&temperature=0.25&seed=9",
        "title": title,
        "prompt": "ab",
        "notes": "One. Two.",
        "texts": {"0": texts[0], "50": texts[50]},
    }
    assert json.loads(json.dumps(shown)) == shown


def test_a_passages_title_is_short_and_its_texts_stay_unchanged() -> None:
    text: Continuation = {"text": HOSTILE, "known_words": 0.0}
    shown = passage(Request(model=HOSTILE), f" {HOSTILE}", [], {1: text})
    assert shown["title"].startswith(f"“{HOSTILE[:40]}”")
    assert shown["texts"]["1"] == text  # the browser escapes it
