"""Nats and bits per character, compared with hand-made numbers and with Keras."""

import dataclasses
import math
from typing import Any

import keras
import numpy as np
import pytest

from textgen.config import ModelConfig
from textgen.errors import SettingsError, VocabularyError
from textgen.generation.evaluation import (
    Evaluation,
    bits_by_context,
    evaluate,
    negative_log_likelihoods,
    surprises,
)
from textgen.network.engine import Engine
from textgen.network.model import build_model
from textgen.network.weights import shapes, weights_from_arrays

CONFIG = ModelConfig(vocab_size=8, embedding_dim=3, lstm_units=(6,))


def engine_of(config: ModelConfig, *, scale: float) -> Engine:
    """Return an engine with random weights; a scale of 0 predicts uniformly."""
    random = np.random.default_rng(0)
    arrays = [
        random.normal(0, scale, shape).astype(np.float32) for shape in shapes(config).values()
    ]
    return Engine(config, weights_from_arrays(arrays, config))


def test_surprise_is_minus_the_logarithm_of_the_probability() -> None:
    logits = np.log(np.array([[1, 1, 2], [1, 2, 1], [8, 4, 4]], np.float32)) + 5
    expected = [math.log(2), math.log(4), math.log(2)]
    np.testing.assert_allclose(
        negative_log_likelihoods(logits, np.array([2, 0, 0])), expected, rtol=1e-6
    )


def test_surprise_is_finite_however_sure_the_model_was() -> None:
    logits = np.array([[1e30, 0.0], [1e30, 0.0]], np.float32)
    assert negative_log_likelihoods(logits, np.array([0, 1])).tolist() == [0, np.float32(1e30)]


def test_a_uniform_model_needs_the_bits_of_its_vocabulary_size() -> None:
    evaluation = evaluate(engine_of(CONFIG, scale=0), np.array([3, 1, 4, 1, 5]))
    assert evaluation.characters == 4
    assert evaluation.nats_per_char == pytest.approx(math.log(8))
    assert evaluation.bits_per_char == pytest.approx(3)


def test_bits_are_nats_over_the_logarithm_of_two() -> None:
    assert Evaluation(nats_per_char=math.log(4), characters=1).bits_per_char == pytest.approx(2)


@pytest.mark.slow
def test_the_score_is_keras_cross_entropy_also_of_a_long_text() -> None:
    keras.utils.set_random_seed(0)
    model = build_model(CONFIG)
    model.set_weights([3 * array for array in model.get_weights()])
    ids = np.random.default_rng(0).integers(8, size=4200)
    logits = model.predict(ids[None, :-1], verbose=0)[0]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(ids[1:], logits)
    evaluation = evaluate(Engine.from_model(model, CONFIG), ids)
    assert evaluation.nats_per_char == pytest.approx(float(loss), rel=1e-5)


@pytest.mark.parametrize("length", [2, 3, 4096, 4097, 4098, 8193, 8194])
def test_every_character_but_the_first_is_scored_once(length: int) -> None:
    engine = engine_of(CONFIG, scale=1)
    ids = np.random.default_rng(0).integers(8, size=length).astype(np.uint8)
    evaluation = evaluate(engine, ids)
    expected = negative_log_likelihoods(engine.logits(ids[:-1]), ids[1:]).mean()
    assert evaluation.characters == length - 1
    assert evaluation.nats_per_char == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("length", [2, 5, 6, 7, 300, 1000])
def test_a_model_with_a_context_sees_only_its_context(length: int) -> None:
    engine = engine_of(dataclasses.replace(CONFIG, context=5), scale=1)
    ids = np.random.default_rng(0).integers(8, size=length).astype(np.uint8)
    expected = negative_log_likelihoods(engine.logits(ids[:-1]), ids[1:]).mean()
    evaluation = evaluate(engine, ids)
    assert evaluation.characters == length - 1
    assert evaluation.nats_per_char == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("context", [None, 3])
@pytest.mark.parametrize("length", [2, 7, 8, 9, 15, 5000])
def test_each_window_starts_from_the_empty_state(context: int | None, length: int) -> None:
    engine = engine_of(dataclasses.replace(CONFIG, context=context), scale=1)
    ids = np.random.default_rng(0).integers(8, size=length).astype(np.uint8)
    expected = [
        negative_log_likelihoods(engine.logits(ids[first : first + 7][: length - 1 - first]), after)
        for first in range(0, length - 1, 7)
        if len(after := ids[first + 1 : first + 8])
    ]
    evaluation = evaluate(engine, ids, window=7)
    assert evaluation.characters == length - 1 == sum(map(len, expected))
    assert evaluation.nats_per_char == pytest.approx(np.concatenate(expected).mean(), rel=1e-6)


@pytest.mark.parametrize("window", [0, -1, 1.5, True, "7"])
def test_a_window_is_a_number_of_characters(window: Any) -> None:
    with pytest.raises(SettingsError, match="window must be a whole number of at least 1"):
        evaluate(engine_of(CONFIG, scale=1), np.array([1, 2, 3]), window=window)


@pytest.mark.parametrize("ids", [[], [3]])
def test_fewer_than_two_characters_have_no_score(ids: list[int]) -> None:
    with pytest.raises(SettingsError, match=f"at least 2 known characters, received {len(ids)}"):
        evaluate(engine_of(CONFIG, scale=1), np.array(ids, np.uint8))


@pytest.mark.parametrize("ids", [[0, 8], [8, 0], [-1, 0], [0, -1]])
def test_ids_outside_the_vocabulary_have_no_score(ids: list[int]) -> None:
    with pytest.raises(VocabularyError, match="from 0 to 7"):
        evaluate(engine_of(CONFIG, scale=1), np.array(ids))


def test_surprises_are_those_that_the_loss_is_the_mean_of() -> None:
    engine, ids = engine_of(CONFIG, scale=1), np.random.default_rng(1).integers(8, size=5000)
    nats = surprises(engine, ids)
    assert nats.shape == (4999,)
    assert nats.mean() == pytest.approx(evaluate(engine, ids).nats_per_char, rel=1e-12)


def test_bits_by_context_are_those_of_windows_of_that_length() -> None:
    engine, ids = engine_of(CONFIG, scale=1), np.random.default_rng(1).integers(8, size=300)
    nats = surprises(engine, ids)
    # With as many steps as it takes, every character is predicted.
    found = bits_by_context(engine, ids, nats, steps=10**9)
    assert list(found) == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    for length, bits in found.items():
        windows = np.lib.stride_tricks.sliding_window_view(ids, length)[:-1]
        shown = negative_log_likelihoods(engine.last_logits(windows), ids[length:])
        by_hand = nats.mean() + (shown - nats[length - 1 :]).mean()
        assert bits == pytest.approx(by_hand / math.log(2)), length


def test_a_sample_of_the_characters_is_close_to_all_of_them() -> None:
    engine, ids = engine_of(CONFIG, scale=0.7), np.random.default_rng(1).integers(8, size=20_000)
    nats = surprises(engine, ids)
    found, exact = (
        bits_by_context(engine, ids[:4000], nats[:3999], steps=steps) for steps in (2048, 10**9)
    )
    for length, bits in found.items():
        assert bits == pytest.approx(exact[length], abs=0.1), length
    assert found != exact


@pytest.mark.parametrize(
    ("characters", "context", "longest"), [(40, None, 32), (2, None, 1), (400, 10, 8)]
)
def test_contexts_are_limited_by_text_and_model(
    characters: int, context: int | None, longest: int
) -> None:
    engine = engine_of(dataclasses.replace(CONFIG, context=context), scale=1)
    ids = np.random.default_rng(1).integers(8, size=characters)
    assert max(bits_by_context(engine, ids, surprises(engine, ids))) == longest
