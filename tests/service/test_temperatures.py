"""One prompt at several temperatures: characters are drawn with the probabilities shown."""

import json

import numpy as np
import pytest

from tests.support.naive import sample
from tests.support.paths import BUNDLED
from textgen import TextGenerator
from textgen.config import ModelConfig
from textgen.errors import VocabularyError
from textgen.generation.sampling import Sampling
from textgen.network.engine import Engine
from textgen.network.weights import shapes, weights_from_arrays
from textgen.service.temperatures import TEMPERATURES, compare_temperatures
from textgen.text.vocabulary import Vocabulary


def generator_of(characters: str, weights: list[float]) -> TextGenerator:
    """Return a generator that always predicts these proportions, whatever the prompt."""
    config = ModelConfig(vocab_size=len(characters), embedding_dim=1, lstm_units=(1,))
    *zeros, _ = (np.zeros(shape, np.float32) for shape in shapes(config).values())
    arrays = [*zeros, np.log(np.array(weights, np.float32))]
    return TextGenerator(
        Engine(config, weights_from_arrays(arrays, config)), Vocabulary(tuple(characters))
    )


def silent(_: float) -> str:
    return ""


def test_probabilities_are_those_computed_by_hand() -> None:
    generator = generator_of("abcdefghij", [2, 8, 4, 1, 1, 1, 1, 1, 0.5, 0.5])  # their sum is 20
    shown = compare_temperatures(generator, "a", silent)
    assert shown["characters"] == list("bcadefgh")
    found = {one["temperature"]: (one["percent"], one["others"]) for one in shown["temperatures"]}
    assert list(found) == [0.0, 0.2, 0.5, 1.0, 1.2]
    assert found[0.0] == ([100, 0, 0, 0, 0, 0, 0, 0], 0)
    # To the power of 5: 32768, 1024, 32, five times 1, twice 1/32; the sum is 33829.1.
    assert found[0.2] == ([96.9, 3.0, 0.1, 0, 0, 0, 0, 0], 0)
    # Squared: 64, 16, 4, five times 1, twice 1/4; the sum is 89.5.
    assert found[0.5] == ([71.5, 17.9, 4.5, 1.1, 1.1, 1.1, 1.1, 1.1], 0.6)
    assert found[1.0] == ([40, 20, 10, 5, 5, 5, 5, 5], 5)
    # To the power of 1/1.2: 5.657, 3.175, 1.782, five times 1, twice 0.561; the sum is 16.736.
    assert found[1.2] == ([33.8, 19.0, 10.6, 6.0, 6.0, 6.0, 6.0, 6.0], 6.7)


def test_in_a_tie_the_first_of_the_vocabulary_comes_first_as_in_greedy() -> None:
    generator = generator_of("abc", [1, 3, 3])
    shown = compare_temperatures(
        generator, "a", lambda t: generator.generate("a", length=1, temperature=t)
    )
    assert shown["characters"] == ["b", "c", "a"]
    greedy = shown["temperatures"][0]
    assert greedy["text"] == "b"
    assert greedy["percent"] == [100, 0, 0]


def test_a_small_vocabulary_is_shown_completely() -> None:
    shown = compare_temperatures(generator_of("ab", [1, 1]), "ab", silent)
    assert shown["characters"] == ["a", "b"]
    assert shown["temperatures"][3]["percent"] == [50, 50]
    assert [one["others"] for one in shown["temperatures"]] == [0] * 5


def test_every_text_comes_from_the_given_function() -> None:
    written = []

    def write(temperature: float) -> str:
        written.append(temperature)
        return f"at {temperature}"

    shown = compare_temperatures(generator_of("ab", [1, 1]), "a", write)
    assert written == list(TEMPERATURES)
    assert [one["text"] for one in shown["temperatures"]] == [f"at {t}" for t in TEMPERATURES]
    assert shown["prompt"] == "a"
    assert json.loads(json.dumps(shown)) == shown


def test_characters_are_drawn_with_the_probabilities_shown() -> None:
    generator, prompt = TextGenerator.from_pretrained(BUNDLED), "the soul of man "
    characters, logits = generator.vocabulary.characters, generator.logits(prompt)[-1]
    shown = compare_temperatures(generator, prompt, silent)
    uniforms = (np.arange(4000) + 0.5) / 4000
    for one in shown["temperatures"]:
        sampling = Sampling(temperature=one["temperature"])
        drawn = [characters[sample(logits, uniform, sampling)] for uniform in uniforms.tolist()]
        shares = [100 * drawn.count(character) / 4000 for character in shown["characters"]]
        assert one["percent"] == pytest.approx(shares, abs=0.1)
        assert one["others"] == pytest.approx(100 - sum(shares), abs=0.2)


def test_a_prompt_that_was_not_preprocessed_is_refused() -> None:
    with pytest.raises(VocabularyError, match="outside the vocabulary"):
        compare_temperatures(generator_of("ab", [1, 1]), "c", silent)
