"""The surprise of a text, compared with numbers computed by hand."""

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest

from tests.support.letters import TRAIN
from tests.support.paths import BUNDLED
from textgen import Engine, TextGenerator, Timeline
from textgen.errors import HubError, SettingsError, TimelineError
from textgen.network.weights import shapes, weights_from_arrays
from textgen.service.surprise import MAX_OWN_TEXT, score_text, text_surprise
from textgen.text.novelty import COPIED_RUN
from textgen.text.preparation import Preparation
from textgen.text.vocabulary import Vocabulary

PROBABILITIES = {" ": 1 / 2, "a": 1 / 4, "b": 1 / 8, "🙂": 1 / 16, "c": 1 / 32, "é": 1 / 64}
OWN = TRAIN[100:130]  # 30 characters of the training text


@pytest.fixture
def timeline(timeline_directory: Path) -> Timeline:
    return Timeline.from_pretrained(timeline_directory)


@pytest.fixture
def generator(timeline: Timeline) -> TextGenerator:
    """A model that always predicts `PROBABILITIES`, whatever the preceding text."""
    characters = timeline.vocabulary.characters
    rest = (1 - sum(PROBABILITIES.values())) / (len(characters) - len(PROBABILITIES))
    arrays = [np.zeros(shape, np.float32) for shape in shapes(timeline.config).values()]
    arrays[-1][:] = [math.log(PROBABILITIES.get(char, rest)) for char in characters]
    weights = weights_from_arrays(arrays, timeline.config)
    return TextGenerator(Engine(timeline.config, weights), timeline.vocabulary)


def without_index(timeline: Timeline) -> Timeline:
    manifest = dataclasses.replace(timeline.manifest, corpus_index=None)
    return dataclasses.replace(timeline, manifest=manifest)


def test_each_character_has_its_bits_and_the_most_likely_alternatives(
    timeline: Timeline, generator: TextGenerator
) -> None:
    seen = text_surprise(timeline, timeline.best, generator, "a ab🙂cé", prompt_length=2)
    assert seen["text"] == "a ab🙂cé"
    assert (seen["prompt_length"], seen["typed"], seen["notes"]) == (2, False, [])
    assert seen["bits"] == [None, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    most_likely = [" ab🙂c", [50.0, 25.0, 12.5, 6.2, 3.1]]
    assert seen["alternatives"] == [None, *[most_likely] * 6]
    assert seen["bits_per_char"] == (2 + 3 + 4 + 5 + 6) / 5
    assert seen["held_out_bits"] == round(1.5 / math.log(2), 2)
    assert seen["symbols"] == 8
    assert seen["random_bits"] == 3.0


def test_without_a_prompt_all_but_the_first_character_count(
    timeline: Timeline, generator: TextGenerator
) -> None:
    for read in (0, 1):
        seen = text_surprise(timeline, timeline.best, generator, "ba ", prompt_length=read)
        assert seen["bits_per_char"] == (2 + 1) / 2
    assert text_surprise(timeline, timeline.best, generator, "ba ")["prompt_length"] == 0


def test_copied_runs_exclude_the_prompt(timeline: Timeline, generator: TextGenerator) -> None:
    prompt = TRAIN[10:40]
    text = f"{prompt}bbbbbb{OWN}bbbb"
    seen = text_surprise(timeline, timeline.best, generator, text, prompt_length=30)
    assert (seen["copied"], seen["longest"]) == ([[36, 66]], [36, 66])
    assert seen["copied_share"] == 0.75
    assert seen["run"] == COPIED_RUN
    seen = text_surprise(timeline, timeline.best, generator, prompt + "éé ", prompt_length=30)
    assert (seen["copied"], seen["longest"], seen["copied_share"]) == ([], None, 0.0)


def test_positions_count_code_points(timeline: Timeline, generator: TextGenerator) -> None:
    text = "🙂🙂🙂" + OWN
    seen = score_text(timeline, timeline.best, generator, text)
    [[start, end]] = seen["copied"] or []
    assert text[start:end].endswith(OWN)
    assert len(seen["bits"]) == len(seen["alternatives"]) == len(text)


def test_without_an_index_copying_is_not_mentioned(
    timeline: Timeline, generator: TextGenerator
) -> None:
    seen = text_surprise(without_index(timeline), timeline.best, generator, OWN)
    assert (seen["copied"], seen["longest"], seen["copied_share"]) == (None, None, None)
    assert seen["notes"] == []


def test_without_an_answer_of_the_hub_only_the_copied_runs_are_missing(
    timeline: Timeline, generator: TextGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Timeline, text: str) -> None:
        raise HubError("The Hub cannot be reached.")

    monkeypatch.setattr(Timeline, "novelty", refuse)
    seen = score_text(timeline, timeline.best, generator, "ba")
    assert (seen["copied"], seen["bits"]) == (None, [None, 2.0])
    assert "The Hub does not answer now" in seen["notes"][-1]


def test_an_altered_index_is_an_error(timeline: Timeline, generator: TextGenerator) -> None:
    (timeline.directory / "corpus-index.bin").write_bytes(b"other")
    with pytest.raises(TimelineError):
        text_surprise(timeline, timeline.best, generator, "ba")


@pytest.mark.parametrize(
    ("text", "prompt_length", "message"),
    [
        ("a", 0, "at least 2 known characters"),
        ("ab", 2, "prompt_length must be a whole number from 0 to 1"),
        ("ab", -1, "prompt_length"),
        ("Ab", 0, "text must be preprocessed"),
        ("ab☃", 0, "'☃'"),
    ],
)
def test_a_text_that_the_app_cannot_show_is_refused(
    timeline: Timeline, generator: TextGenerator, text: str, prompt_length: int, message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        text_surprise(timeline, timeline.best, generator, text, prompt_length=prompt_length)


def test_a_users_text_is_preprocessed_and_the_changes_are_listed(
    timeline: Timeline, generator: TextGenerator
) -> None:
    seen = score_text(timeline, timeline.best, generator, "Bx☃☃a\r\nb")
    assert (seen["text"], seen["typed"], seen["prompt_length"]) == ("ba\nb", True, 0)
    removed, lowercase = seen["notes"]
    assert "x, '☃' (2 times)" in removed
    assert "lowercase" in lowercase
    assert score_text(timeline, timeline.best, generator, "ba")["notes"] == []


def test_only_the_first_part_of_a_long_text_is_used(
    timeline: Timeline, generator: TextGenerator
) -> None:
    for length, notes in ((MAX_OWN_TEXT, 0), (MAX_OWN_TEXT + 1, 1), (10**6, 1)):
        seen = score_text(timeline, timeline.best, generator, "b" + "a" * (length - 1))
        assert len(seen["text"]) == len(seen["bits"]) == MAX_OWN_TEXT
        assert len(seen["notes"]) == notes
    assert "first 5,000 characters" in seen["notes"][0]
    assert seen["bits_per_char"] == 2.0


def test_a_model_without_punctuation_lists_its_removal(
    timeline: Timeline, generator: TextGenerator
) -> None:
    letters = Preparation(lowercase=True, strip_punctuation=True)
    vocabulary = Vocabulary(timeline.vocabulary.characters, letters)
    plain = dataclasses.replace(timeline, vocabulary=vocabulary)
    generator = TextGenerator(generator.engine, vocabulary)
    seen = score_text(plain, plain.best, generator, "b, a!")
    assert seen["text"] == "b a"
    assert seen["notes"] == [
        "Removed punctuation: this model only knows letters, digits and spaces."
    ]
    assert score_text(plain, plain.best, generator, "b a")["notes"] == []


@pytest.mark.parametrize("typed", ["", "a", "☃" * 3, "☃a", "\ud83da", "\r\n"])
def test_too_little_to_score_is_explained(
    timeline: Timeline, generator: TextGenerator, typed: str
) -> None:
    with pytest.raises(SettingsError, match=r"at least 2 characters.*has [01].*Paste"):
        score_text(timeline, timeline.best, generator, typed)


@pytest.mark.parametrize("typed", [None, 5, b"ab", ["a", "b"]])
def test_a_value_that_is_no_text_is_refused(
    timeline: Timeline, generator: TextGenerator, typed: str
) -> None:
    with pytest.raises(SettingsError, match="text must be a string, received"):
        score_text(timeline, timeline.best, generator, typed)


def test_half_of_a_surrogate_pair_is_removed(timeline: Timeline, generator: TextGenerator) -> None:
    seen = score_text(timeline, timeline.best, generator, "ba\ud83d")
    assert seen["text"] == "ba"
    json.dumps(seen, ensure_ascii=False).encode()  # everything in it can be sent


def test_random_letters_surprise_a_trained_model_more_than_a_guess() -> None:
    timeline = Timeline.from_pretrained(BUNDLED)
    random = np.random.default_rng(0).choice(timeline.vocabulary.characters, 1000)
    seen = score_text(timeline, timeline.best, timeline.generator(), "".join(random))
    assert seen["random_bits"] == 5.83
    assert seen["bits_per_char"] > 8


def test_two_thousand_characters_are_less_than_a_hundred_kilobytes() -> None:
    timeline = Timeline.from_pretrained(BUNDLED)
    generator = timeline.generator()
    prompt = "the soul of man "
    text = prompt + generator.generate(prompt, length=2000 - len(prompt), seed=1)
    seen = text_surprise(timeline, timeline.best, generator, text, prompt_length=len(prompt))
    compact = json.dumps(seen, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    assert len(compact.encode()) < 100_000
    assert json.loads(compact) == seen
    score = generator.score(text)
    assert seen["bits"][1:] == pytest.approx(score.nats / math.log(2), abs=0.005)
    for place in (1, 16, 1999):
        most_likely, percent = seen["alternatives"][place] or ["", []]
        expected = score.alternatives(place)
        assert list(most_likely) == [char for char, _ in expected]
        assert percent == pytest.approx([100 * p for _, p in expected], abs=0.051)
    novelty = timeline.novelty(text[len(prompt) :])
    assert seen["copied_share"] == pytest.approx(novelty.copied_share, abs=5e-5)
