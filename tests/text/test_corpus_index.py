"""Tests of the index of a corpus: what it finds, and its file format."""

from itertools import product

import numpy as np
import pytest

from tests.support import naive
from tests.support.letters import CORPUS
from tests.support.naive import SIZES
from tests.support.texts import SCRIPTS, letters, text_and_corpus
from textgen.text import fingerprints
from textgen.text.corpus_index import MAX_NGRAMS, MAX_WORDS, CorpusIndex, file_size
from textgen.text.novelty import compare
from textgen.text.words import word_hashes, words_of

TEXTS = [
    "",
    "the soul",
    "a" * 30,
    "ab" * 30,
    "\0" * 20 + "\U0010ffff" * 20,
    "千里之行，始於足下。合抱之木，生於毫末；",
    "🙂👍🏽" * 30 + "é",
    CORPUS,
]


GOLDEN = "the soul of the higher man, 語 and 🙂"


GOLDEN_INDEX = "357d742ab4ad59e23e779802901b50741da830bc2bcf9b7511c00022d7c95a80"


GOLDEN_WITH_WORDS = f"{GOLDEN_INDEX}2e267aa5ecddd2febcebe0007270"


def plain_index(text: str) -> bytes:
    """Return the index of a text, computed directly from the definition of the format."""
    hashes = []
    for start in range(len(text) - 18):
        number = 0
        for char in text[start : start + 19]:
            number = (number * 0x9E3779B97F4A7C15 + ord(char)) % 2**64
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
            number = (number ^ number >> shift) * factor % 2**64
        hashes.append(number)
    return naive.packed(hashes) + naive.packed(word_hashes(naive.words(text)).tolist())


@pytest.mark.parametrize("alphabet", SCRIPTS)
def test_an_index_misses_nothing_that_is_copied(alphabet: str) -> None:
    for seed in range(150):
        text, corpus = text_and_corpus(alphabet, seed)
        exact, novelty = compare(text, corpus), CorpusIndex.of(corpus).compare(text)
        assert novelty.copied[exact.copied].all(), (text, corpus)
        assert (novelty.text, novelty.exact) == (text, False)
        if exact.copied.any():
            assert len(novelty.longest_run) >= len(exact.longest_run)
        if not novelty.copied.any():
            assert novelty.longest == (0, 0)
        assert novelty.copied[slice(*novelty.longest)].all()


def test_an_index_has_every_ngram_of_its_corpus() -> None:
    corpus = letters(100_000)
    novelty = CorpusIndex.of(corpus).compare(corpus)
    assert novelty.copied_share == 1
    assert novelty.longest == (0, len(corpus))


def test_overlapping_runs_may_count_as_one_run_with_an_index() -> None:
    text = letters(21)
    corpus = f"{text[:20]}.{text[1:]}"
    assert compare(text, corpus).longest == (0, 20)
    assert CorpusIndex.of(corpus).compare(text).longest == (0, 21)


@pytest.mark.parametrize("changed", [False, True], ids=["unrelated", "changed"])
def test_an_index_almost_never_finds_a_run_that_is_not_in_the_corpus(changed: bool) -> None:
    corpus = letters(500_000)
    # The changed text has much in common with the corpus, but no run of 20 characters.
    text = (
        "".join("." if place % 15 == 0 else char for place, char in enumerate(corpus))
        if changed
        else letters(500_000, seed=1)
    )
    # One n-gram in 2**12 is wrongly found, so about 120 here; a run needs two: one in 2**24.
    assert len(CorpusIndex.of(corpus).compare(text).runs) <= 2


def test_nineteen_characters_are_not_a_run_for_an_index_either() -> None:
    corpus = letters(100_000)
    text = ".".join(corpus[start : start + 19] for start in range(0, 99_000, 30))
    assert (
        len(CorpusIndex.of(corpus).compare(text).runs) <= 5
    )  # each needs one wrong n-gram, 1 in 2**12


@pytest.mark.parametrize("text", ["", "short", letters(19), letters(20)])
def test_an_index_of_nothing_finds_nothing(text: str) -> None:
    novelty = CorpusIndex.of("nineteen characters").compare(text)
    assert (novelty.copied_share, novelty.longest) == (0, (0, 0))
    assert novelty.copied.shape == (len(text),)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_an_index_has_the_bytes_its_format_asks_for(text: str) -> None:
    index = CorpusIndex.of(text)
    assert index.to_bytes() == plain_index(text)
    assert index.words == len(set(naive.words(text)))
    without = CorpusIndex.of(text, with_words=False)
    assert (without.ngrams, without.words) == (index.ngrams, None)
    assert without.to_bytes() == plain_index(text)[: fingerprints.file_size(index.ngrams)]


def test_an_existing_index_file_is_still_read() -> None:
    ngrams = CorpusIndex.of(GOLDEN).ngrams
    for content, words, known in ((GOLDEN_INDEX, None, False), (GOLDEN_WITH_WORDS, 7, True)):
        index = CorpusIndex.of(GOLDEN, with_words=known)
        assert (index.to_bytes().hex(), index.words) == (content, words)
        read = CorpusIndex.from_bytes(bytes.fromhex(content), ngrams, words)
        assert (read.ngrams, read.words, read.sha256) == (index.ngrams, words, index.sha256)
        assert read.compare(GOLDEN).copied_share == 1
        assert read.has_words(words_of(GOLDEN)).tolist() == [known] * 8


@pytest.mark.parametrize("ngrams", SIZES)
def test_an_index_survives_the_round_trip(ngrams: int) -> None:
    text = letters(ngrams + 18)
    index = CorpusIndex.of(text)
    data = index.to_bytes()
    read = CorpusIndex.from_bytes(data, ngrams, 1)
    assert (index.ngrams, read.ngrams, read.to_bytes()) == (ngrams, ngrams, data)
    assert read.compare(text).copied.all() == (ngrams > 1)  # a run needs two n-grams
    other = letters(20_000, seed=1)
    np.testing.assert_array_equal(read.compare(other).copied, index.compare(other).copied)


@pytest.mark.parametrize("spaced", ["", " "])
def test_the_words_and_the_ngrams_do_not_depend_on_each_other(spaced: str) -> None:
    for words in (0, 1, 2, 3, 500):
        text = spaced.join(f"{letters(9, seed=seed)}{spaced}" for seed in range(words))
        index = CorpusIndex.of(text)
        known = len(set(words_of(text)))
        assert index.words == known
        read = CorpusIndex.from_bytes(index.to_bytes(), index.ngrams, known)
        assert read.to_bytes() == index.to_bytes()
        assert len(index.to_bytes()) == file_size(index.ngrams, known)
        assert file_size(index.ngrams, known) == file_size(index.ngrams, None) + file_size(0, known)


def test_a_repeated_ngram_is_stored_once() -> None:
    once, twice = letters(60), letters(60) * 2
    assert (CorpusIndex.of(once).ngrams, CorpusIndex.of(twice).ngrams) == (42, 60)
    assert CorpusIndex.of("a" * 1000).ngrams == 1


def test_a_repeated_word_is_stored_once() -> None:
    assert CorpusIndex.of("The man’s man, the MAN'S own: e\u0301 É").words == 5


def test_the_index_of_a_book_is_less_than_a_megabyte() -> None:
    assert len(CorpusIndex.of(letters(540_000)).to_bytes()) <= 1_000_000


def test_no_text_has_more_words_than_an_index_may() -> None:
    for text in ("a", "a b", "a,b c", "a'b c"):
        assert CorpusIndex.of(text).words == (len(text) + 1) // 2 - text.count("'")
    assert MAX_WORDS == MAX_NGRAMS / 2


@pytest.mark.parametrize("ngrams", SIZES)
def test_an_index_of_another_size_is_refused(ngrams: int) -> None:
    for words, with_words in ((1, True), (None, False)):
        data = CorpusIndex.of(letters(ngrams + 18), with_words=with_words).to_bytes()
        for other in (data + b"\0", b"\0" + data, data[:-1], data[1:], b"", data * 2):
            if len(other) != len(data):
                with pytest.raises(
                    ValueError, match=f"an index of {ngrams:,} n-grams and {words or 0} "
                ):
                    CorpusIndex.from_bytes(other, ngrams, words)
        with pytest.raises(ValueError, match=f"{ngrams + 1:,}"):  # the size may be the same
            CorpusIndex.from_bytes(data, ngrams + 1, words)
        with pytest.raises(ValueError, match="words has"):
            CorpusIndex.from_bytes(data, ngrams, None if with_words else 1)


def test_an_index_with_the_wrong_number_of_marks_is_refused() -> None:
    text = CORPUS[:200]
    index = CorpusIndex.of(text)
    assert index.words is not None
    data, ends = index.to_bytes(), (fingerprints.file_size(index.ngrams), None)
    for end, count in zip(ends, (index.ngrams, index.words), strict=True):
        altered = np.frombuffer(data, np.uint8).copy()
        marks = altered[:end][-(2 * count // 8) :]
        marks[:] = 255
        with pytest.raises(ValueError, match=f"hashes are marked, expected {count}$"):
            CorpusIndex.from_bytes(altered.tobytes(), index.ngrams, index.words)


def test_an_index_has_every_word_of_its_corpus_and_almost_no_other() -> None:
    corpus = words_of(CORPUS)
    assert CorpusIndex.of(CORPUS).has_words(corpus).all()
    others = ["".join(word) for word in product("efghijkl", repeat=5)]
    mistaken = int(CorpusIndex.of(CORPUS).has_words(others).sum())
    assert mistaken < 40  # 8 of 32,768 on average
    assert not CorpusIndex.of("1984").has_words(others).any()
