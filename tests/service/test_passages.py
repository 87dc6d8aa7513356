"""What the app shows of a text and a model, as words, HTML and plain data."""

import dataclasses
import json
from pathlib import Path

from tests.support.measured import measured, ngrams_of, strange
from tests.support.timelines import HOSTILE, VOCABULARY, hostile_manifest, manifest_of
from textgen import Timeline, Vocabulary
from textgen.hub.source import Source
from textgen.manifest.records import SampleSettings
from textgen.manifest.schema import Manifest
from textgen.service.passages import curve, how_far_trained, model_summary, passage, snapshots
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


def test_the_curve_has_the_counting_models_that_it_is_compared_with() -> None:
    plain, full = curve(timeline_of(manifest_of())), curve(timeline_of(measured()))
    assert plain["rungs"] == []
    assert [(one["order"], one["bits"]) for one in full["rungs"]] == [
        (1, 3.0),
        (2, 2.5),
        (4, 2.2),
        (6, 2.1),
    ]
    assert [one["title"] for one in full["rungs"]] == [
        "What letter counts write",
        "What counting pairs writes",
        "What counting 4 letters writes",
        "What counting 6 letters writes",
    ]
    assert [one["sample"] for one in full["rungs"]] == [f"a cab {order}" for order in (1, 2, 4, 6)]
    assert plain["guessing"] == full["guessing"] == 3.322
    assert full["sample_prompt"] == "a bad "
    assert full["snapshots"] == snapshots(timeline_of(measured()))


def test_a_snapshots_standing_among_the_counting_models_is_said_in_words() -> None:
    shown = snapshots(timeline_of(measured()))
    assert [one["beaten"] for one in shown] == [0, 1, 3, 1]
    assert [one["standing"] for one in shown] == [
        "Predicts no better than guessing",
        "Now predicts better than letter counts",
        "Now predicts better than counting 4 letters",
        "Now predicts better than letter counts",
    ]
    assert [one["standing"] for one in snapshots(timeline_of(manifest_of()))] == [""] * 4
    best = manifest_of().best.val_bits_per_char
    for bits, words in (
        ((best - 0.1, best - 0.2), "Does not yet predict better than letter counts"),
        ((best + 0.3, best + 0.1), "Now predicts better than every counting model measured"),
    ):
        manifest = dataclasses.replace(manifest_of(), ngrams=ngrams_of(bits))
        assert snapshots(timeline_of(manifest))[2]["standing"] == words


def test_a_model_that_is_no_rung_counts_among_all_that_were_measured() -> None:
    best = manifest_of().best.val_bits_per_char
    manifest = dataclasses.replace(manifest_of(), ngrams=ngrams_of((best + 0.01, best - 0.001)))
    shown = snapshots(timeline_of(manifest))[2]
    assert shown["beaten"] == 1
    assert shown["standing"] == "Now predicts better than letter counts"


def test_losses_by_context_are_sent_as_pairs_with_a_sentence() -> None:
    first, *_, last = snapshots(timeline_of(measured()))
    assert first["context"] == [[2**power, 3.607] for power in range(9)]
    assert last["context"][:3] == [[1, 3.525], [2, 3.025], [4, 2.775]]
    assert last["context_words"].startswith("Shown only 8 earlier characters")
    plain, *_ = snapshots(timeline_of(manifest_of()))
    assert (plain["context"], plain["context_words"]) == ([], "")


def test_a_stranger_cannot_make_the_page_load_long_texts() -> None:
    long = dataclasses.replace(
        measured(),
        ngrams=ngrams_of((3.0,), sample="x" * 99_000),
        sample_settings=SampleSettings(seed_text="y" * 100_000, length=6, seed=0),
    )
    sent = curve(timeline_of(long))
    assert len(json.dumps(sent["rungs"])) < 3000
    assert len(sent["sample_prompt"]) == 1000
    assert json.loads(json.dumps(curve(timeline_of(strange())))) == curve(timeline_of(strange()))


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
