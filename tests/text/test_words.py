"""Tests of splitting text into words, of the words a text completes, and of their hashes."""

import hashlib
import unicodedata
from itertools import product

import numpy as np
import pytest

from tests.support import naive
from textgen.text.words import whole_words, word_hashes, words_of

LETTERS = "aB'’ -1_\né語"


def random_text(seed: int, length: int = 60) -> str:
    """Return a random text of letters, apostrophes and separators."""
    return "".join(np.random.default_rng(seed).choice(list(LETTERS), length))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" \n.,;'’--_ 1984 ½ ² Ⅷ 🙂", []),
        ("a", ["a"]),
        ("The soul of man.", ["the", "soul", "of", "man"]),
        ("the THE The", ["the", "the", "the"]),
        ("a man's self-love; o'er-th'edge", ["a", "man's", "self", "love", "o'er", "th'edge"]),
        ("man’s man's", ["man's", "man's"]),
        ("'tis said: 'he's mad' ’twas men's'", ["tis", "said", "he's", "mad", "twas", "men's"]),
        ("a''b a'’b rock'n'roll", ["a", "b", "a", "b", "rock'n'roll"]),
        ("x1y 2nd snake_case a.b.", ["x", "y", "nd", "snake", "case", "a", "b"]),
        ("Straße STRASSE ΟΔΟΣ οδος", ["strasse", "strasse", "οδοσ", "οδοσ"]),
        ("e\u0301te\u0301 ÉTÉ E\u0301te\u0301", ["été", "été", "été"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("ไม่มี, שָׁלוֹם", ["ไม่มี", unicodedata.normalize("NFC", "שָׁלוֹם")]),
        ("\u0301a '\u0301a ❤\ufe0f a'\u0301a", ["a", "a", "a", "a"]),
        ("千里之行，始於足下。", ["千里之行", "始於足下"]),
        ("a\ud800b\0c\u00add", ["a", "b", "c", "d"]),
        ("𝒳𝒴 Ꭰ ǅ ʰ ª", ["𝒳𝒴", "Ꭰ".casefold(), "ǆ", "ʰ", "ª"]),
    ],
)
def test_the_words_of_a_text_are(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_words_are_those_that_a_simple_search_finds() -> None:
    for seed in range(300):
        text = random_text(seed)
        assert words_of(text) == naive.words(text), text


def test_every_spelling_of_a_word_is_the_same_word() -> None:
    for word in ("the", "l'été", "ÇA", "ﬁn", "İstanbul"):
        spellings = set()
        for cased, apostrophe in product((word, word.upper(), word.casefold()), "'’"):
            spelling = cased.replace("'", apostrophe)
            spellings.add(unicodedata.normalize("NFC", spelling))
            spellings.add(unicodedata.normalize("NFD", spelling))
        assert len({tuple(words_of(spelling)) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("prompt", "text", "words"),
    [
        ("", "", []),
        ("", "soul", []),
        ("", "soul ", ["soul"]),
        ("", "soul\n", ["soul"]),
        ("", "the soul", ["the"]),
        ("", "the soul'", ["the"]),  # the word may become "soul's"
        ("", "the soul’", ["the"]),
        ("", "the soul''", ["the", "soul"]),
        ("", "the soul's", ["the"]),
        ("", "the soul '", ["the", "soul"]),
        ("", "the soul1", ["the", "soul"]),
        ("", "the e\u0301", ["the"]),
        ("", "the soul '\u0301", ["the", "soul"]),
        ("the ", "soul ", ["soul"]),
        ("the", " soul ", ["soul"]),
        ("the so", "ul of", ["soul"]),
        ("the so", "ul", []),
        ("the so", "", []),
        ("the so", "'", []),
        ("the soul", "'s own", ["soul's"]),
        ("the soul'", "s own", ["soul's"]),
        ("the soul'", " own ", ["own"]),
        ("the e", "\u0301 a", ["é"]),
        ("the soul ", "of the the man", ["of", "the", "the"]),
        ("of the", ".", []),
    ],
)
def test_a_text_completes(prompt: str, text: str, words: list[str]) -> None:
    assert whole_words(text, prompt=prompt) == words


def test_no_word_is_lost_or_counted_twice_wherever_a_text_is_cut() -> None:
    for seed in range(40):
        text = random_text(seed, 30) + "."
        for cut in range(len(text) + 1):
            before, after = whole_words(text[:cut]), whole_words(text[cut:], prompt=text[:cut])
            expected = words_of(text)
            assert expected[len(expected) - len(after) :] == after
            # A word that is cut counts for the second part, unless it ended exactly at the cut.
            between = expected[len(before) : len(expected) - len(after)]
            assert len(between) <= 1
            if between:
                written = text[:cut].replace("’", "'").removesuffix("'").casefold()
                assert written.endswith(between[0])


def test_a_word_has_the_same_number_everywhere() -> None:
    words = ["the", "man's", "été", "語", ""]
    digests = [hashlib.blake2b(word.encode(), digest_size=8).digest() for word in words]
    expected = [sum(byte << 8 * place for place, byte in enumerate(digest)) for digest in digests]
    assert word_hashes(words).tolist() == expected
    assert word_hashes(["the"]).tolist() == [3331141520948189790]
    assert word_hashes([]).shape == (0,)
