"""Tests of the vocabulary: characters, ids, and cleaning text."""

import hashlib
import json
from typing import Any

import numpy as np
import pytest

from textgen.errors import TextGenError, VocabularyError
from textgen.text.preparation import Preparation
from textgen.text.vocabulary import Vocabulary, describe

ABC = Vocabulary.from_text("cabba")
LOWERCASE = Preparation(lowercase=True)


def test_ids_are_indexes_in_the_sorted_characters() -> None:
    assert ABC.characters == ("a", "b", "c")
    assert ABC.size == 3
    assert ABC.encode("cab").tolist() == [2, 0, 1]
    assert ABC.decode([2, 0, 1]) == "cab"


@pytest.mark.parametrize(
    "text", ["", "a", "plain\n\ttext", "漢字かな交じり", "👩‍🚀🏳️‍🌈 𝔘𝔫𝔦", "\U0010ffff\x01é e\u0301"]
)
def test_a_text_survives_the_round_trip(text: str) -> None:
    vocabulary = Vocabulary.from_text(text + "\n")
    ids = vocabulary.encode(text)
    assert ids.shape == (len(text),)
    assert vocabulary.decode(ids) == text


@pytest.mark.parametrize(
    ("size", "dtype"), [(1, np.uint8), (256, np.uint8), (257, np.uint16), (65_537, np.uint32)]
)
def test_ids_take_as_few_bytes_as_they_need(size: int, dtype: type) -> None:
    characters = "".join(chr(0xE000 + n) for n in range(size))
    ids = Vocabulary(tuple(characters)).encode(characters)
    assert ids.dtype == dtype
    assert ids.tolist() == list(range(size))


def test_a_character_outside_is_named_and_counted() -> None:
    with pytest.raises(
        VocabularyError, match=r"outside the vocabulary: z \(2 times\), '🙂'\. Remove"
    ):
        ABC.encode("azbz🙂")


@pytest.mark.parametrize(
    ("text", "kept", "dropped"),
    [
        ("\ud800", "", {"\ud800": 1}),
        ("a\udfffb\udfff", "ab", {"\udfff": 2}),
        ("c\ud83d\ude42", "c", dict.fromkeys("\ud83d\ude42", 1)),  # an emoji as two surrogates
    ],
)
def test_a_lone_surrogate_cannot_be_encoded_but_is_removed(
    text: str, kept: str, dropped: dict[str, int]
) -> None:
    with pytest.raises(VocabularyError, match=r"'\\ud"):
        ABC.encode(text)
    assert ABC.normalize(text) == ABC.clean(text) == (kept, dropped)


def test_a_lone_surrogate_is_not_mistaken_for_a_question_mark() -> None:
    with pytest.raises(VocabularyError, match=r"'\\ud800'"):
        Vocabulary.from_text("?").encode("?\ud800")


def test_normalize_preprocesses_then_removes_and_counts_in_order_of_appearance() -> None:
    vocabulary = Vocabulary.from_text("abc\n", LOWERCASE)
    kept, dropped = vocabulary.normalize("zAé\r\nBZ!é z")
    assert kept == "a\nb"
    assert list(dropped.items()) == [("z", 3), ("é", 2), ("!", 1), (" ", 1)]


def test_normalize_leaves_a_text_without_unknown_characters_as_it_is() -> None:
    assert ABC.normalize("cabbac") == ("cabbac", {})


WORDS = Vocabulary.from_text("\n the soul")


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("", ""),
        ("the soul", "the soul"),
        ("the 日本 soul", "the soul"),
        ("日本 the", "the"),
        ("the 日 ", "the "),
        ("the 日本", "the "),
        (" 日本the", " the"),
        ("日本", ""),
        ("日本 ", ""),
        ("日 本 the", "the"),
        ("the 日 本 soul", "the soul"),
        ("the 日\t本 soul", "the soul"),  # the tab is not in the vocabulary either
        ("the日本soul", "thesoul"),
        ("the日 soul", "the soul"),
        ("the 日soul", "the soul"),
        ("  the  soul \n\n", "  the  soul \n\n"),  # nothing is removed
        ("  the  soul 日 the  ", "  the  soul the  "),  # other whitespace stays
        (" 日 the", " the"),
        ("the  日 soul", "the  soul"),
        ("the\n\n日 soul", "the\n\nsoul"),  # line breaks count for more
        ("the  日\nsoul", "the\nsoul"),
        ("the 日\n", "the\n"),
    ],
)
def test_clean_leaves_one_whitespace_where_characters_were_removed(text: str, cleaned: str) -> None:
    assert WORDS.clean(text) == (cleaned, WORDS.normalize(text)[1])
    assert WORDS.clean(cleaned) == (cleaned, {})


def test_clean_differs_from_normalize_only_in_whitespace() -> None:
    random = np.random.default_rng(0)
    for _ in range(500):
        text = "".join(random.choice([*"to \n日本"], size=12))
        (cleaned, removed), (kept, counts) = WORDS.clean(text), WORDS.normalize(text)
        assert removed == counts
        assert cleaned.split() == kept.split()
        assert len(cleaned) <= len(kept)
        if not counts:
            assert cleaned == text


def test_clean_preprocesses_first() -> None:
    vocabulary = Vocabulary.from_text("the soul", LOWERCASE)
    assert vocabulary.clean("THE 日 SOUL\r\n") == ("the soul", {"日": 1, "\n": 1})


def test_clean_is_fast_for_a_long_text_of_many_gaps() -> None:
    text = "the 日 " * 100_000  # minutes, if the text were copied at every gap
    assert WORDS.clean(text) == ("the " * 100_000, {"日": 100_000})


@pytest.mark.parametrize("ids", [[3], [-1], [0, 1, 2**40]])
def test_ids_outside_cannot_be_decoded(ids: list[int]) -> None:
    with pytest.raises(VocabularyError):
        ABC.decode(ids)


@pytest.mark.parametrize(
    ("characters", "message"),
    [
        ((), "at least one"),
        (("ab",), "exactly one Unicode character"),
        (("",), "exactly one Unicode character"),
        (("a", 1), "exactly one Unicode character"),
        (("a", ["b"]), "exactly one Unicode character"),
        (("\ud800",), "exactly one Unicode character"),
        (("a", "b", "a"), r"repeated: \['a'\]"),
    ],
)
def test_malformed_characters_are_refused(characters: tuple[Any, ...], message: str) -> None:
    with pytest.raises(VocabularyError, match=message) as caught:
        Vocabulary(characters)
    assert isinstance(caught.value, TextGenError)


def test_the_json_has_everything_and_is_ascii() -> None:
    vocabulary = Vocabulary.from_text('"\\é漢🙂\n', LOWERCASE)
    form = vocabulary.to_json()
    assert form.isascii()
    assert json.loads(form) == {
        "characters": ["\n", '"', "\\", "é", "漢", "🙂"],
        "preparation": {"lowercase": True, "strip_punctuation": False},
    }
    assert Vocabulary.from_json(form) == vocabulary
    assert Vocabulary.from_json(form.encode()).encode("🙂").tolist() == [5]


def test_the_hash_is_that_of_the_json_and_differs_between_vocabularies() -> None:
    assert ABC.sha256 == hashlib.sha256(ABC.to_json().encode()).hexdigest()
    others = [
        Vocabulary.from_text("ab"),
        Vocabulary(("b", "a", "c")),
        Vocabulary(ABC.characters, LOWERCASE),
    ]
    assert len({vocabulary.sha256 for vocabulary in [ABC, *others]}) == 4


GOOD = json.loads(ABC.to_json())


@pytest.mark.parametrize(
    "form",
    [
        None,
        [],
        "abc",
        1,
        {},
        {"characters": ["a"]},
        {"preparation": GOOD["preparation"]},
        {**GOOD, "characters": "abc"},
        {**GOOD, "characters": {"a": 0}},
        {**GOOD, "characters": []},
        {**GOOD, "characters": ["a", "a"]},
        {**GOOD, "characters": ["a", None]},
        {**GOOD, "characters": ["a", {}]},
        {**GOOD, "characters": ["\ud800"]},
        {**GOOD, "preparation": None},
        {**GOOD, "preparation": {}},
        {**GOOD, "preparation": ["lowercase", "strip_punctuation"]},
        {**GOOD, "preparation": {"lowercase": 1, "strip_punctuation": False}},
        {**GOOD, "preparation": {"lowercase": "no", "strip_punctuation": False}},
    ],
)
def test_json_of_another_shape_is_refused(form: Any) -> None:
    with pytest.raises(VocabularyError):
        Vocabulary.from_json(json.dumps(form))


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe\xfa", b"{", b"[" * 100_000, b"9" * 10_000, b'{"characters": NaN}']
)
def test_invalid_json_is_refused(data: bytes) -> None:
    with pytest.raises(VocabularyError):
        Vocabulary.from_json(data)


def test_a_message_names_the_first_few_characters() -> None:
    assert describe({"é": 7, "“": 2}) == "é (7 times), '“' (2 times)"
    assert describe(dict.fromkeys("abcdefg", 1)) == "a, b, c, d, e and 2 more"
