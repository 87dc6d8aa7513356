"""Keras models with random weights."""

from functools import cache

import keras
import numpy as np

from textgen.config import ModelConfig
from textgen.network.model import build_model


@cache
def random_model(config: ModelConfig) -> keras.Model:
    """Return a model whose weights and biases are larger than a new model's."""
    random = np.random.default_rng(1)
    model = build_model(config)
    model.set_weights([random.normal(0, 0.5, array.shape) for array in model.get_weights()])
    return model


def random_ids(config: ModelConfig, *shape: int) -> np.ndarray:
    """Return random ids from the model's vocabulary."""
    return np.random.default_rng(2).integers(config.vocab_size, size=shape)
