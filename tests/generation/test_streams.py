"""Texts written in a batch are the same as when written alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.naive import sample
from textgen import Engine, ModelConfig, TextGenerator, Vocabulary
from textgen.errors import SettingsError
from textgen.generation.sampling import Sampling
from textgen.generation.streams import make_batch_sampler
from textgen.network.weights import shapes, weights_from_arrays

TEXTS = ["a bad cab", "é", "", "dab 🙂 dab"]


@pytest.fixture
def generator(timeline_directory: Path) -> TextGenerator:
    return TextGenerator.from_pretrained(timeline_directory)


def test_a_batch_writes_what_single_streams_write(generator: TextGenerator) -> None:
    temperatures, seeds = [0.0, 0.5, 1.0, 2.0], [5, 6, 7, 8]
    together = generator.generate_batch(TEXTS, length=60, temperature=temperatures, seed=seeds)
    alone = [
        generator.generate(text, length=60, temperature=temperature, seed=seed)
        for text, temperature, seed in zip(TEXTS, temperatures, seeds, strict=True)
    ]
    assert together == alone


def test_one_seed_means_the_same_random_numbers_for_all(generator: TextGenerator) -> None:
    first, second = generator.generate_batch(["ab", "ab"], length=50, temperature=1.0, seed=3)
    assert first == second == generator.generate("ab", length=50, temperature=1.0, seed=3)


def test_each_text_avoids_only_its_own_repetitions(generator: TextGenerator) -> None:
    settings = {"length": 80, "no_repeat_ngram_size": 4, "min_p": 0.01, "seed": 2}
    temperatures = [0.0, 0.0, 0.3, 1.0]
    together = generator.generate_batch(TEXTS, temperature=temperatures, **settings)  # type: ignore[arg-type]
    alone = [
        generator.generate(text, temperature=temperature, **settings)  # type: ignore[arg-type]
        for text, temperature in zip(TEXTS, temperatures, strict=True)
    ]
    assert together == alone
    assert together[0] != generator.generate(TEXTS[0], temperature=0, length=80)


def test_a_model_with_a_context_also_writes_batches() -> None:
    config = ModelConfig(vocab_size=4, embedding_dim=3, lstm_units=(5,), context=3)
    random = np.random.default_rng(0)
    arrays = [random.normal(size=shape).astype(np.float32) for shape in shapes(config).values()]
    engine = Engine(config, weights_from_arrays(arrays, config))
    generator = TextGenerator(engine, Vocabulary.from_text("abcd"))
    assert generator.generate_batch(["abcdabcd", "d"], length=30, temperature=1.0, seed=1) == [
        generator.generate(text, length=30, temperature=1.0, seed=1) for text in ("abcdabcd", "d")
    ]


@pytest.mark.parametrize(
    "settings",
    [{"top_k": 3}, {"top_p": 0.6}, {"top_k": 4, "top_p": 0.8}, {"min_p": 0.2}, {}],
    ids=str,
)
def test_a_batch_is_sampled_like_its_rows(settings: dict[str, Any]) -> None:
    random = np.random.default_rng(1)
    samplings = [Sampling(temperature=t, **settings) for t in (0.0, 0.01, 0.3, 1.0, 10.0)]
    sample_next = make_batch_sampler(samplings, 11, [()] * 5)
    for _ in range(200):
        logits = random.normal(0, 3, (5, 11)).astype(np.float32)
        uniforms = random.random(5)
        expected = [sample(*row) for row in zip(logits, uniforms.tolist(), samplings, strict=True)]
        assert sample_next(logits, uniforms).tolist() == expected


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"seed_texts": []}, "at least one string, received none"),
        ({"seed_texts": "ab"}, "list of strings, received 'ab'. For one prompt, use generate"),
        ({"seed_texts": None}, "list of strings, received None"),
        ({"seed": b"ab"}, "seed must be a whole number from 0"),
        ({"temperature": [0.5]}, "temperature must be one value or a list of 2, one per text"),
        ({"seed": [1, 2, 3]}, "seed must be one value or a list of 2, .* received a list of 3"),
        ({"temperature": [0.5, -1]}, "temperature must be 0"),
        ({"length": 0}, "length must be"),
    ],
)
def test_bad_batches_are_refused(
    generator: TextGenerator, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        generator.generate_batch(**{"seed_texts": ["a", "b"], **settings})
