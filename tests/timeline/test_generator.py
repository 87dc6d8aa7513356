"""One snapshot and its vocabulary: text in, text out."""

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.support.naive import sample
from textgen.config import ModelConfig
from textgen.errors import HubError, SettingsError, TextGenError, TimelineError, VocabularyError
from textgen.generation.sampling import Sampling
from textgen.generation.streams import MAX_LENGTH, MAX_SEED
from textgen.network.engine import Engine
from textgen.network.model import build_model
from textgen.network.weights import shapes, weights_from_arrays
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
    """Return weights with which a text depends on what came before, as a trained model's does."""
    random = np.random.default_rng(0)
    arrays = [random.normal(0, 2, shape).astype(np.float32) for shape in shapes(config).values()]
    arrays[-1][:] = 0  # no character is likelier than others whatever came before
    return arrays


def generator_of(characters: str, preparation: Preparation | None = None) -> TextGenerator:
    """Return a generator of random weights for the characters of a text."""
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


def test_the_seed_text_matters() -> None:
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
    """Write with Keras as simply as can be: the whole text anew for every character."""
    ids = vocabulary.encode(seed_text).tolist()
    for uniform in np.random.default_rng(seed).random(length):
        logits = keras.ops.convert_to_numpy(model(np.array([ids]), training=False))[0, -1]
        ids.append(sample(logits, uniform, Sampling(**settings)))
    return vocabulary.decode(ids[len(seed_text) :])


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_text_is_what_keras_would_write(settings: dict[str, Any]) -> None:
    vocabulary = LETTERS.vocabulary
    model = build_model(config_for(vocabulary))
    model.set_weights(random_arrays(config_for(vocabulary)))
    expected = naive(model, vocabulary, "a cab é", 20, settings, seed=11)
    assert len(set(expected)) > 2
    assert LETTERS.generate("a cab é", length=20, seed=11, **settings) == expected


# The seed text


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
def test_what_of_a_seed_text_is_used(seed_text: str, used: str, dropped: dict[str, int]) -> None:
    assert LETTERS.prepare(seed_text) == (used, dropped)
    assert LETTERS.generate(seed_text, length=20, seed=1) == LETTERS.generate(
        used, length=20, seed=1
    )


def test_without_a_line_break_the_first_character_starts_a_text() -> None:
    assert generator_of("cab").prepare("")[0] == "a"
    assert generator_of("cab\n\t").prepare("")[0] == "\n"


def test_a_seed_text_may_be_as_long_as_said_and_no_longer() -> None:
    assert LETTERS.prepare("a" * MAX_SEED_TEXT)[0] == "a" * MAX_SEED_TEXT
    with pytest.raises(SettingsError, match=r"up to 100,000 characters, received 100,001"):
        LETTERS.stream("a" * (MAX_SEED_TEXT + 1))


@pytest.mark.parametrize("seed_text", [None, 1, b"bytes", ["a"]])
def test_a_seed_text_is_a_string(seed_text: Any) -> None:
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
        ("top_k", 0),
        ("top_p", 0),
        ("min_p", 2),
        ("no_repeat_ngram_size", 1),
    ],
)
def test_a_wrong_setting_is_refused_at_the_call(name: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=f"^{name} must be .*received {value!r}") as caught:
        LETTERS.stream("a", **{name: value})  # and nothing is taken from the stream
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
def test_a_refusal_is_short_whatever_was_received(name: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=f"^{name} must be ") as caught:
        LETTERS.generate("a", **{name: value})
    assert len(str(caught.value)) < 250


# Logits


def test_logits_are_given_after_each_character() -> None:
    logits = LETTERS.logits("cab")
    assert logits.shape == (3, LETTERS.config.vocab_size)
    greedy = LETTERS.generate("cab", length=1, temperature=0)
    assert LETTERS.vocabulary.characters[logits[-1].argmax()] == greedy


def test_logits_of_unknown_characters_are_refused() -> None:
    with pytest.raises(VocabularyError, match="'z' 1"):
        LETTERS.logits("cabz")


def test_a_vocabulary_of_another_size_is_refused() -> None:
    with pytest.raises(VocabularyError, match="holds 3 characters, the model expects 7"):
        TextGenerator(LETTERS.engine, Vocabulary.from_text("abc"))


# Loading


@pytest.mark.parametrize(
    ("wanted", "step"),
    [
        ({}, 3),
        ({"epoch": "last"}, 10),
        ({"epoch": 0.3}, 3),
        ({"epoch": "0"}, 0),
        ({"step": 10}, 10),
    ],
    ids=str,
)
def test_a_snapshot_is_loaded_from_a_directory(
    timeline_directory: Path, wanted: dict[str, Any], step: int
) -> None:
    generator = TextGenerator.from_pretrained(timeline_directory, **wanted)
    path = timeline_directory / "snapshots" / f"step-{step:07d}.weights.h5"
    expected = Engine.from_file(path, generator.config).logits(generator.vocabulary.encode("bad"))
    np.testing.assert_array_equal(generator.logits("bad"), expected)
    assert generator.vocabulary.characters == tuple("\n abcdé🙂")
    assert generator.prepare("BAD")[0] == "bad"


def test_a_directory_may_be_a_string_or_relative(
    timeline_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = TextGenerator.from_pretrained(str(timeline_directory)).generate(length=9, seed=1)
    monkeypatch.chdir(timeline_directory.parent)
    assert TextGenerator.from_pretrained("timeline").generate(length=9, seed=1) == text


def test_a_snapshot_that_is_not_there_is_refused(timeline_directory: Path) -> None:
    with pytest.raises(TimelineError, match="no snapshot at epoch '7'"):
        TextGenerator.from_pretrained(timeline_directory, epoch=7)


BEST = "snapshots/step-0000003.weights.h5"


@pytest.fixture
def altered(timeline_directory: Path) -> Iterator[Path]:
    """The timeline with the best snapshot's file for the test to alter; the rest stays whole."""
    yield timeline_directory / BEST
    assert TextGenerator.from_pretrained(timeline_directory, step=10).generate(length=3)


def test_an_altered_snapshot_is_refused(altered: Path) -> None:
    data = bytearray(altered.read_bytes())
    data[-1] ^= 1
    altered.write_bytes(data)
    with pytest.raises(TimelineError, match="is not the file its manifest names: SHA-256 "):
        TextGenerator.from_pretrained(altered.parents[1])


def test_a_truncated_snapshot_is_refused(altered: Path) -> None:
    data = altered.read_bytes()
    altered.write_bytes(data[:-1])
    with pytest.raises(TimelineError, match=f"has {len(data) - 1:,} bytes.*says {len(data):,}"):
        TextGenerator.from_pretrained(altered.parents[1])


def test_another_snapshots_file_is_refused(altered: Path) -> None:
    shutil.copy(altered.with_name("step-0000000.weights.h5"), altered)
    with pytest.raises(TimelineError, match="is not the file its manifest names"):
        TextGenerator.from_pretrained(altered.parents[1])


@pytest.mark.parametrize("replaced", [False, True])
def test_a_missing_snapshot_is_refused(altered: Path, replaced: bool) -> None:
    altered.unlink()
    if replaced:
        altered.mkdir()
    with pytest.raises(TimelineError, match=r"step-0000003\.weights\.h5 is missing"):
        TextGenerator.from_pretrained(altered.parents[1])


def test_a_snapshot_of_another_shape_is_refused(timeline_directory: Path) -> None:
    path = timeline_directory / "timeline.json"
    form = json.loads(path.read_bytes())
    form["model"]["lstm_units"] = [4, 7]
    path.write_text(json.dumps(form))
    with pytest.raises(TimelineError, match=r"Cannot read the weights .*expected float32"):
        TextGenerator.from_pretrained(timeline_directory)


@pytest.mark.parametrize("characters", ["\n abcdé", "\n abcdéf", "\n abcdé🙂!"])
def test_another_timelines_vocabulary_is_refused(timeline_directory: Path, characters: str) -> None:
    other = Vocabulary.from_text(characters, Preparation(lowercase=True))
    (timeline_directory / "vocabulary.json").write_text(other.to_json())
    with pytest.raises(TimelineError, match="is not the vocabulary this timeline was trained with"):
        TextGenerator.from_pretrained(timeline_directory)


def test_a_vocabulary_under_another_preparation_is_refused(timeline_directory: Path) -> None:
    (timeline_directory / "vocabulary.json").write_text(
        Vocabulary.from_text("\n abcdé🙂").to_json()
    )
    with pytest.raises(TimelineError, match="is not the vocabulary this timeline was trained with"):
        TextGenerator.from_pretrained(timeline_directory)


def test_a_missing_vocabulary_is_refused(timeline_directory: Path) -> None:
    (timeline_directory / "vocabulary.json").unlink()
    with pytest.raises(TimelineError, match=r"Cannot read .*vocabulary\.json: No such file"):
        TextGenerator.from_pretrained(timeline_directory)


def test_a_malformed_vocabulary_is_a_malformed_timeline(timeline_directory: Path) -> None:
    (timeline_directory / "vocabulary.json").write_text("{}")
    with pytest.raises(TimelineError, match=r"vocabulary\.json"):
        TextGenerator.from_pretrained(timeline_directory)


def test_a_directory_that_is_no_timeline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TimelineError, match="is not a timeline"):
        TextGenerator.from_pretrained(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "nowhere",
        "./nowhere/at/all",
        "a\0b",
        *(name for name in ("x" * 5000, "~nobody-of-this-name/x")),
    ],
    ids=lambda name: repr(name)[:20],
)
def test_what_is_neither_a_directory_nor_a_repository_is_refused(name: str) -> None:
    with pytest.raises(HubError, match="neither a directory here nor a Hub repository"):
        TextGenerator.from_pretrained(name)


def test_a_directory_has_no_revision(timeline_directory: Path) -> None:
    with pytest.raises(HubError, match="only Hub repositories have revisions"):
        TextGenerator.from_pretrained(timeline_directory, revision="main")
