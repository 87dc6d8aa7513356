"""Fixed weights, a fixed seed, a fixed text: what anyone has saved stays what it was."""

import numpy as np
import pytest

from textgen import Engine, ModelConfig, TextGenerator, Vocabulary
from textgen.weights import shapes, weights_from_arrays

CONFIG = ModelConfig(vocab_size=27, embedding_dim=6, lstm_units=(12, 9))


@pytest.fixture(scope="module")
def generator() -> TextGenerator:
    random = np.random.default_rng(0)
    arrays = [random.normal(0, 0.8, s).astype(np.float32) for s in shapes(CONFIG).values()]
    vocabulary = Vocabulary.from_text(" abcdefghijklmnopqrstuvwxyz")
    return TextGenerator(Engine(CONFIG, weights_from_arrays(arrays, CONFIG)), vocabulary)


@pytest.mark.parametrize(
    ("temperature", "text"),
    [
        (0.0, "wuukuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu"),
        (0.5, "ryjwmsuuuauumumukmmmuqmyyuukgyrfuuuubuqcuuukuuuujuuukukeuuuu"),
        (1.0, "oyeyjlvmrauqjujldlfiujmzyuqidyqdrurxaqmbsvrhvoqvewuufuebuuvm"),
    ],
)
def test_a_seed_repeats_its_text(generator: TextGenerator, temperature: float, text: str) -> None:
    settings = {"length": len(text), "temperature": temperature, "seed": 1}
    assert generator.generate("the soul ", **settings) == text  # type: ignore[arg-type]
    assert generator.generate_batch(["the soul "] * 3, **settings) == [text] * 3  # type: ignore[arg-type]
