"""A model with fixed weights and the texts it must write: saved seeds must keep their texts."""

import numpy as np

from textgen import Engine, ModelConfig, TextGenerator, Vocabulary
from textgen.network.weights import shapes, weights_from_arrays

CONFIG = ModelConfig(vocab_size=27, embedding_dim=6, lstm_units=(12, 9))

TEXTS = [
    (0.0, "wuukuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu"),
    (0.5, "ryjwmsuuuauumumukmmmuqmyyuukgyrfuuuubuqcuuukuuuujuuukukeuuuu"),
    (1.0, "oyeyjlvmrauqjujldlfiujmzyuqidyqdrurxaqmbsvrhvoqvewuufuebuuvm"),
]


def golden_generator() -> TextGenerator:
    random = np.random.default_rng(0)
    arrays = [random.normal(0, 0.8, s).astype(np.float32) for s in shapes(CONFIG).values()]
    vocabulary = Vocabulary.from_text(" abcdefghijklmnopqrstuvwxyz")
    return TextGenerator(Engine(CONFIG, weights_from_arrays(arrays, CONFIG)), vocabulary)
