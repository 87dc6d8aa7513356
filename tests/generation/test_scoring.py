"""Scoring a text: the surprise of each character, and the most likely alternatives."""

import math
from pathlib import Path

import numpy as np
import pytest

from textgen import TextGenerator, evaluate
from textgen.errors import SettingsError
from textgen.timeline.generator import MAX_SCORED

TEXT = "a bad cab, é\nAbBa 🙂 dab " * 10


@pytest.fixture
def generator(timeline_directory: Path) -> TextGenerator:
    return TextGenerator.from_pretrained(timeline_directory)


def softmax(logits: np.ndarray) -> np.ndarray:
    weights: np.ndarray = np.exp(logits.astype(np.float64))
    weights /= weights.sum(axis=-1, keepdims=True)
    return weights


def test_nats_are_those_of_the_softmax_of_the_logits(generator: TextGenerator) -> None:
    score = generator.score(TEXT)
    ids = generator.vocabulary.encode(score.text)
    probabilities = softmax(generator.logits(score.text))[np.arange(len(ids) - 1), ids[1:]]
    np.testing.assert_allclose(score.nats, -np.log(probabilities), rtol=1e-6)


def test_the_mean_agrees_with_evaluate(generator: TextGenerator) -> None:
    score = generator.score(TEXT)
    evaluation = evaluate(generator.engine, generator.vocabulary.encode(score.text))
    assert score.nats_per_char == pytest.approx(evaluation.nats_per_char, rel=1e-12)
    assert score.bits_per_char == pytest.approx(score.nats_per_char / math.log(2))


def test_alternatives_are_the_most_likely_characters_with_their_probabilities(
    generator: TextGenerator,
) -> None:
    score = generator.score(TEXT)
    for position in (1, 7, len(score.text) - 1):
        probabilities = softmax(generator.logits(score.text[:position])[-1])
        best = np.argsort(-probabilities)[:5]
        alternatives = score.alternatives(position)
        assert [char for char, _ in alternatives] == list(generator.vocabulary.decode(best))
        np.testing.assert_allclose([p for _, p in alternatives], probabilities[best], rtol=1e-5)


@pytest.mark.parametrize("position", [0, -1, 10**6])
def test_the_first_character_has_no_alternatives(generator: TextGenerator, position: int) -> None:
    with pytest.raises(IndexError, match="from 1 to"):
        generator.score("abba").alternatives(position)


def test_the_text_is_preprocessed_and_unknown_characters_are_reported(
    generator: TextGenerator,
) -> None:
    score = generator.score("ABxx")
    assert (score.text, score.dropped) == ("ab", {"x": 2})
    assert score.nats.shape == (1,)


@pytest.mark.parametrize("text", ["", "a", "xyz", None, b"ab", "a" * (MAX_SCORED + 1)])
def test_texts_that_cannot_be_scored_are_refused(generator: TextGenerator, text: str) -> None:
    with pytest.raises(SettingsError):
        generator.score(text)
