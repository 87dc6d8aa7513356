"""Generating text with one snapshot: text in, text out."""

import argparse
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import keras
import numpy as np
import pytest

from tests.support.naive import sample
from textgen.cli.generate import add_generate
from textgen.config import ModelConfig
from textgen.errors import SettingsError, TextGenError, VocabularyError
from textgen.generation.sampling import Sampling
from textgen.generation.streams import DEFAULT_LENGTH, MAX_LENGTH, MAX_SEED
from textgen.network.engine import Engine
from textgen.network.model import build_model
from textgen.network.weights import shapes, weights_from_arrays
from textgen.service.request import Request
from textgen.text.preparation import Preparation
from textgen.text.vocabulary import Vocabulary
from textgen.timeline.generator import MAX_SEED_TEXT, TextGenerator

SETTINGS: list[dict[str, Any]] = [
    {"temperature": 0},
    {"temperature": 0.5},
    {"temperature": 1.0},
    {"temperature": 1.5, "top_k": 3},
    {"temperature": 1.0, "top_p": 0.8},
]


def config_for(vocabulary: Vocabulary) -> ModelConfig:
    return ModelConfig(vocab_size=vocabulary.size, embedding_dim=3, lstm_units=(8, 5))


def random_arrays(config: ModelConfig) -> list[np.ndarray]:
    """Return weights that make the next character depend on earlier ones, as in a trained model."""
    random = np.random.default_rng(0)
    arrays = [random.normal(0, 2, shape).astype(np.float32) for shape in shapes(config).values()]
    arrays[-1][:] = 0  # no character is more likely than others in every context
    return arrays


def generator_of(characters: str, preparation: Preparation | None = None) -> TextGenerator:
    """Return a generator with random weights and the characters of a text as its vocabulary."""
    vocabulary = Vocabulary.from_text(characters, preparation)
    config = config_for(vocabulary)
    weights = weights_from_arrays(random_arrays(config), config)
    return TextGenerator(Engine(config, weights), vocabulary)


LETTERS = generator_of("abc é🙂\n", Preparation(lowercase=True))


# Writing


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_same_seed_gives_the_same_text(settings: dict[str, Any]) -> None:
    text = LETTERS.generate("a cab", length=60, seed=7, **settings)
    assert len(text) == 60
    assert set(text) <= set(LETTERS.vocabulary.characters)
    assert LETTERS.generate("a cab", length=60, seed=7, **settings) == text


def test_another_seed_or_none_gives_another_text() -> None:
    texts = [LETTERS.generate("a", length=60, temperature=1.0, seed=s) for s in (1, 2, None, None)]
    assert len(set(texts)) == 4


def test_the_prompt_matters() -> None:
    texts = [LETTERS.generate(text, length=60, temperature=1.0, seed=1) for text in ("aaa", "bcb")]
    assert texts[0] != texts[1]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_a_shorter_text_is_the_beginning_of_a_longer_one(settings: dict[str, Any]) -> None:
    long = LETTERS.generate("a cab", length=100, seed=7, **settings)
    for length in (1, 2, 50, 99):
        assert LETTERS.generate("a cab", length=length, seed=7, **settings) == long[:length]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_a_text_is_its_stream_joined(settings: dict[str, Any]) -> None:
    pieces = list(LETTERS.stream("a cab", length=50, seed=7, **settings))
    assert all(len(piece) == 1 for piece in pieces)
    assert "".join(pieces) == LETTERS.generate("a cab", length=50, seed=7, **settings)


def test_streams_of_one_generator_do_not_disturb_each_other() -> None:
    alone = [LETTERS.generate("a", length=40, seed=seed) for seed in (1, 2)]
    streams = [LETTERS.stream("a", length=40, seed=seed) for seed in (1, 2)]
    together = list(zip(*streams, strict=True))
    assert ["".join(pieces) for pieces in zip(*together, strict=True)] == alone


def test_threads_may_share_a_generator() -> None:
    def write(seed: int) -> str:
        return LETTERS.generate("a cab", length=300, temperature=1.0, seed=seed)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(write, range(24))) == [write(seed) for seed in range(24)]


def naive(
    model: keras.Model,
    vocabulary: Vocabulary,
    seed_text: str,
    length: int,
    settings: Any,
    seed: int,
) -> str:
    """Write with Keras in the simplest way: read the whole text again for every character."""
    ids = vocabulary.encode(seed_text).tolist()
    for uniform in np.random.default_rng(seed).random(length):
        logits = keras.ops.convert_to_numpy(model(np.array([ids]), training=False))[0, -1]
        ids.append(sample(logits, uniform, Sampling(**settings)))
    return vocabulary.decode(ids[len(seed_text) :])


@pytest.mark.slow
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_text_is_what_keras_would_write(settings: dict[str, Any]) -> None:
    vocabulary = LETTERS.vocabulary
    model = build_model(config_for(vocabulary))
    model.set_weights(random_arrays(config_for(vocabulary)))
    expected = naive(model, vocabulary, "a cab é", 12, settings, seed=11)
    assert len(set(expected)) > 2
    assert LETTERS.generate("a cab é", length=12, seed=11, **settings) == expected


# The prompt


@pytest.mark.parametrize(
    ("seed_text", "used", "dropped"),
    [
        ("A cab\r\n", "a cab\n", {}),
        ("a?b!?", "ab", {"?": 2, "!": 1}),
        ("", "\n", {}),
        ("???", "\n", {"?": 3}),
        ("\ud83d", "\n", {"\ud83d": 1}),
        ("🙂", "🙂", {}),
    ],
)
def test_a_prompt_is_preprocessed_and_unknown_characters_are_removed(
    seed_text: str, used: str, dropped: dict[str, int]
) -> None:
    assert LETTERS.prepare(seed_text) == (used, dropped)
    assert LETTERS.generate(seed_text, length=20, seed=1) == LETTERS.generate(
        used, length=20, seed=1
    )


def test_an_empty_prompt_is_a_line_break_or_else_the_first_character() -> None:
    assert generator_of("cab").prepare("")[0] == "a"
    assert generator_of("cab\n\t").prepare("")[0] == "\n"


def test_a_prompt_has_a_largest_length() -> None:
    assert LETTERS.prepare("a" * MAX_SEED_TEXT)[0] == "a" * MAX_SEED_TEXT
    with pytest.raises(SettingsError, match=r"up to 100,000 characters, received 100,001"):
        LETTERS.stream("a" * (MAX_SEED_TEXT + 1))


@pytest.mark.parametrize("seed_text", [None, 1, b"bytes", ["a"]])
def test_a_prompt_is_a_string(seed_text: Any) -> None:
    with pytest.raises(
        SettingsError, match=f"must be a string, received {type(seed_text).__name__}"
    ):
        LETTERS.stream(seed_text)


# Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("length", 0),
        ("length", -1),
        ("length", MAX_LENGTH + 1),
        ("length", 1.0),
        ("length", True),
        ("length", "5"),
        ("length", None),
        ("seed", -1),
        ("seed", 1.0),
        ("seed", True),
        ("seed", "1"),
        ("temperature", -1),
        ("top_k", -1),
        ("top_p", 0),
        ("min_p", 2),
        ("no_repeat_ngram_size", 1),
    ],
)
def test_a_wrong_setting_is_refused_at_the_call(name: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=f"^{name} must be .*received {value!r}") as caught:
        LETTERS.stream("a", **{name: value})  # without asking for a character
    assert isinstance(caught.value, TextGenError)
    with pytest.raises(SettingsError, match=name):
        LETTERS.generate("a", **{name: value})


@pytest.mark.parametrize("seed", [0, MAX_SEED, np.int64(3)])
def test_a_seed_is_any_whole_number_in_its_range(seed: int) -> None:
    assert LETTERS.generate(length=5, seed=seed) == LETTERS.generate(length=5, seed=int(seed))


@pytest.mark.parametrize(
    "value",
    [10**5000, -(10**5000), "x" * 10**6, float("nan")],
    ids=["huge", "hugely negative", "long", "nan"],
)
@pytest.mark.parametrize("name", ["length", "seed", "temperature", "top_p"])
def test_an_error_is_short_whatever_was_received(name: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=f"^{name} must be ") as caught:
        LETTERS.generate("a", **{name: value})
    assert len(str(caught.value)) < 250


OFF: list[dict[str, Any]] = [
    {"top_k": 0, "top_p": 1, "min_p": 0, "no_repeat_ngram_size": 0},
    {"top_k": None, "top_p": None, "min_p": None, "no_repeat_ngram_size": None},
]


@pytest.mark.parametrize("off", OFF, ids=str)
def test_off_values_change_nothing(off: dict[str, Any]) -> None:
    settings: dict[str, Any] = {"length": 60, "temperature": 1.0, "seed": 3}
    text = LETTERS.generate("a cab", **settings)
    assert LETTERS.generate("a cab", **settings, **off) == text
    assert "".join(LETTERS.stream("a cab", **settings, **off)) == text
    assert LETTERS.generate_batch(["a cab"] * 2, **settings, **off) == [text] * 2


def test_python_the_api_and_the_command_line_have_the_same_defaults() -> None:
    parser = argparse.ArgumentParser()
    add_generate(parser.add_subparsers())
    command = vars(parser.parse_args(["generate", "a timeline"]))
    request = Request(model="a timeline")
    expected = {"length": DEFAULT_LENGTH, **asdict(Sampling())}
    assert (expected["length"], expected["temperature"]) == (400, 0.5)
    assert {name: command[name] for name in expected} == expected
    assert {name: getattr(request, name) for name in expected} == expected
    text = LETTERS.generate("a cab", seed=1)
    assert text == LETTERS.generate("a cab", seed=1, **expected)
    assert (
        LETTERS.generate_batch(["a cab"], seed=1)
        == [text]
        == ["".join(LETTERS.stream("a cab", seed=1))]
    )


# Logits


def test_there_are_logits_after_each_character() -> None:
    logits = LETTERS.logits("cab")
    assert logits.shape == (3, LETTERS.config.vocab_size)
    greedy = LETTERS.generate("cab", length=1, temperature=0)
    assert LETTERS.vocabulary.characters[logits[-1].argmax()] == greedy


def test_logits_of_unknown_characters_are_refused() -> None:
    with pytest.raises(VocabularyError, match="vocabulary: z\\."):
        LETTERS.logits("cabz")


def test_a_vocabulary_of_another_size_is_refused() -> None:
    with pytest.raises(VocabularyError, match="has 3 characters, but the model expects 7"):
        TextGenerator(LETTERS.engine, Vocabulary.from_text("abc"))
