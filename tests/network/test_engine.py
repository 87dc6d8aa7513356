"""The engine in NumPy computes the same logits as the model in Keras."""

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.support.models import random_ids, random_model
from textgen.config import ENCODINGS, ModelConfig
from textgen.errors import VocabularyError
from textgen.network.engine import Engine, State
from textgen.network.model import build_model
from textgen.network.weights import Array
from textgen.text.vocabulary import Ids, Vocabulary
from textgen.timeline.generator import TextGenerator

CONFIGS = [
    ModelConfig(vocab_size=11, embedding_dim=3, lstm_units=(16,)),
    ModelConfig(vocab_size=1, embedding_dim=1, lstm_units=(1,)),
    ModelConfig(vocab_size=65, embedding_dim=17, lstm_units=(5, 12)),
    ModelConfig(vocab_size=300, embedding_dim=7, lstm_units=(9, 3, 6)),
    ModelConfig(vocab_size=59, encoding="one_hot", lstm_units=(13,)),
    ModelConfig(vocab_size=44, encoding="scaled", lstm_units=(6, 10)),
]
each_config = pytest.mark.parametrize(
    "config", CONFIGS, ids=lambda config: f"{config.encoding}-{config.lstm_units}"
)
DEEP = CONFIGS[2]


@each_config
def test_logits_agree_with_keras(config: ModelConfig) -> None:
    model, ids = random_model(config), random_ids(config, 20)
    expected = keras.ops.convert_to_numpy(model(ids[None], training=False))[0]
    logits = Engine.from_model(model, config).logits(ids)
    assert logits.shape == (20, config.vocab_size)
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-4)


@each_config
def test_a_batch_of_streams_agrees_with_keras(config: ModelConfig) -> None:
    model, ids = random_model(config), random_ids(config, 3, 20)
    expected = keras.ops.convert_to_numpy(model(ids, training=False))
    engine = Engine.from_model(model, config)
    state = engine.start(batch=3)
    for time, column in enumerate(ids.T):
        logits = engine.step(column, state)
        np.testing.assert_allclose(logits, expected[:, time], rtol=0, atol=1e-4)


def test_state_is_carried_over_thousands_of_steps_without_drifting() -> None:
    model, ids = random_model(DEEP), random_ids(DEEP, 2000)
    expected = model.predict(ids[None], verbose=0)[0]
    logits = Engine.from_model(model, DEEP).logits(ids)
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-4)


def test_saturated_gates_agree_with_keras() -> None:
    model = build_model(DEEP)
    model.set_weights([100 * array for array in random_model(DEEP).get_weights()])
    ids = random_ids(DEEP, 20)
    expected = keras.ops.convert_to_numpy(model(ids[None], training=False))[0]
    logits = Engine.from_model(model, DEEP).logits(ids)
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-2)  # they are in the hundreds


@each_config
def test_an_engine_from_a_file_agrees_with_the_model_that_saved_it(
    config: ModelConfig, tmp_path: Path
) -> None:
    path, ids = tmp_path / "saved.weights.h5", random_ids(config, 20)
    random_model(config).save_weights(path)
    from_file = Engine.from_file(path, config).logits(ids)
    from_model = Engine.from_model(random_model(config), config).logits(ids)
    np.testing.assert_array_equal(from_file, from_model)


def test_streams_do_not_disturb_each_other() -> None:
    engine = Engine.from_model(random_model(DEEP), DEEP)
    texts = random_ids(DEEP, 2, 15)
    states = [engine.start(), engine.start()]
    for column in texts.T:
        last = [engine.step(int(i), state).copy() for i, state in zip(column, states, strict=True)]
    for text, logits in zip(texts, last, strict=True):
        np.testing.assert_array_equal(logits, engine.logits(text)[-1])


@pytest.mark.parametrize("ids", [[-1], [65], [0, 3, 2**40], [0, -(2**40)]])
def test_ids_outside_the_vocabulary_are_refused(ids: list[int]) -> None:
    engine = Engine.from_model(random_model(DEEP), DEEP)
    with pytest.raises(VocabularyError, match="from 0 to 64"):
        engine.logits(np.array(ids))


def test_without_ids_there_are_no_logits() -> None:
    engine = Engine.from_model(random_model(DEEP), DEEP)
    assert engine.logits(np.array([], np.uint8)).shape == (0, 65)


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("context", [1, 7])
def test_a_model_with_a_context_reads_each_window_from_the_empty_state(
    encoding: str, context: int
) -> None:
    config = ModelConfig(
        vocab_size=9, encoding=encoding, embedding_dim=3, lstm_units=(5, 4), context=context
    )
    model, ids = random_model(config), random_ids(config, 20)
    logits = Engine.from_model(model, config).logits(ids)
    for end in range(1, len(ids) + 1):
        window = ids[max(0, end - context) : end]
        expected = keras.ops.convert_to_numpy(model(window[None], training=False))[0, -1]
        np.testing.assert_allclose(logits[end - 1], expected, rtol=0, atol=1e-4)


class Counting(Engine):
    """An engine that counts the steps of its streams."""

    steps = 0

    def start(self, batch: int | None = None) -> State:
        state = super().start(batch)
        advance = state.advance

        def counted(ids: int | Ids) -> Array:
            self.steps += 1
            return advance(ids)

        state.advance = counted
        if self.config.context is None:
            state.step = counted
        return state


@pytest.mark.parametrize("context", [None, 7, 50])
def test_a_prompt_is_read_once_and_only_as_far_as_the_context_reaches(
    context: int | None,
) -> None:
    config = dataclasses.replace(DEEP, context=context)
    model, ids = random_model(config), random_ids(config, 30)
    engine = Counting.from_model(model, config)
    last = engine.next_logits(ids)
    assert engine.steps == min(30, context or 30)
    engine.steps = 0
    vocabulary = Vocabulary(tuple(map(chr, range(65, 65 + config.vocab_size))))
    TextGenerator(engine, vocabulary).generate(vocabulary.decode(ids), length=1)
    assert engine.steps == min(30, context or 30)
    np.testing.assert_array_equal(last, engine.logits(ids)[-1])
    engine.steps = 0
    engine.logits(ids[:7])
    assert engine.steps == 7


def test_steps_continue_a_prefilled_prompt() -> None:
    config = dataclasses.replace(DEEP, context=7)
    engine, ids = Engine.from_model(random_model(config), config), random_ids(config, 30)
    expected = engine.logits(ids)
    for forward in (0, 1, 6, 7, 8, 20):
        state = engine.start()
        state.prefill(ids[:forward].tolist())
        for position in range(forward, 30):
            np.testing.assert_array_equal(state.step(int(ids[position])), expected[position])


def test_an_empty_text_has_no_next_logits() -> None:
    engine = Engine.from_model(random_model(DEEP), DEEP)
    with pytest.raises(VocabularyError, match="at least one"):
        engine.next_logits(np.array([], np.uint8))
