"""Keras and the engine compute the same as the slow, obvious LSTM in the README."""

import dataclasses
import inspect

import keras
import numpy as np
import pytest

from tests.support import naive
from tests.support.models import random_ids, random_model
from tests.support.paths import ROOT
from textgen.config import ModelConfig
from textgen.network.engine import Engine
from textgen.network.weights import weights_from_arrays

pytestmark = pytest.mark.slow

CONFIGS = [
    ModelConfig(vocab_size=11, embedding_dim=3, lstm_units=(16,)),
    ModelConfig(vocab_size=65, embedding_dim=17, lstm_units=(5, 12, 6)),
    ModelConfig(vocab_size=59, encoding="one_hot", lstm_units=(13,)),
    ModelConfig(vocab_size=44, encoding="scaled", lstm_units=(6, 10)),
]
each_config = pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.encoding)


def naive_logits(config: ModelConfig, ids: np.ndarray) -> np.ndarray:
    weights = weights_from_arrays(random_model(config).get_weights(), config)
    rows = {
        "embedding": weights.embedding,
        "one_hot": np.eye(config.vocab_size),
        "scaled": np.arange(config.vocab_size)[:, None] / config.vocab_size,
    }[config.encoding]
    assert rows is not None
    return naive.lstm(ids.tolist(), rows.astype(float), weights)


def test_the_readme_shows_the_reference() -> None:
    readme = (ROOT / "textgen" / "network" / "README.md").read_text("utf-8")
    assert f"```python\n{inspect.getsource(naive.lstm)}```\n" in readme


@each_config
def test_keras_agrees_with_the_reference(config: ModelConfig) -> None:
    ids = random_ids(config, 30)
    logits = keras.ops.convert_to_numpy(random_model(config)(ids[None], training=False))[0]
    np.testing.assert_allclose(logits, naive_logits(config, ids), rtol=0, atol=1e-4)


@each_config
def test_the_engine_agrees_with_the_reference(config: ModelConfig) -> None:
    ids = random_ids(config, 30)
    logits = Engine.from_model(random_model(config), config).logits(ids)
    np.testing.assert_allclose(logits, naive_logits(config, ids), rtol=0, atol=1e-4)


def test_a_context_agrees_with_the_reference_on_each_window() -> None:
    ids = random_ids(CONFIGS[1], 30)
    windows = [ids[max(0, end - 7) : end] for end in range(1, 31)]
    expected = [naive_logits(CONFIGS[1], window)[-1] for window in windows]
    config = dataclasses.replace(CONFIGS[1], context=7)
    logits = Engine.from_model(random_model(CONFIGS[1]), config).logits(ids)
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-4)
