"""Tests of the exact comparison of a text with a corpus."""

import tracemalloc
from itertools import combinations

import pytest

from tests.support.letters import CORPUS
from tests.support.texts import SCRIPTS, letters, text_and_corpus
from textgen.text.corpus_index import CorpusIndex
from textgen.text.novelty import compare


def plain_compare(text: str, corpus: str) -> tuple[list[bool], tuple[int, int]]:
    """Return the copied characters and the longest run, by searching for every substring."""
    copied, longest = [False] * len(text), (0, 0)
    for start, end in combinations(range(len(text) + 1), 2):
        if text[start:end] in corpus:
            if end - start > longest[1] - longest[0]:
                longest = (start, end)
            if end - start >= 20:
                copied[start:end] = [True] * (end - start)
    return copied, longest


@pytest.mark.parametrize("alphabet", SCRIPTS)
def test_the_comparison_finds_what_searching_for_every_substring_finds(alphabet: str) -> None:
    lengths = set()
    for seed in range(150):
        text, corpus = text_and_corpus(alphabet, seed)
        novelty, (copied, longest) = compare(text, corpus), plain_compare(text, corpus)
        assert novelty.copied.tolist() == copied, (text, corpus)
        assert novelty.longest == longest, (text, corpus)
        assert novelty.longest_run == text[slice(*longest)]
        assert (novelty.text, novelty.exact) == (text, True)
        lengths.add(longest[1] - longest[0])
    assert {0, 19, 20, 21} < lengths
    assert max(lengths) > 40


@pytest.mark.parametrize(
    ("text", "corpus", "copied", "longest"),
    [
        ("", "", 0, (0, 0)),
        ("", CORPUS, 0, (0, 0)),
        (CORPUS[:50], "", 0, (0, 0)),
        ("x", CORPUS, 0, (0, 0)),
        (CORPUS[500], CORPUS, 0, (0, 1)),
        (CORPUS[500:519], CORPUS, 0, (0, 19)),
        (CORPUS[500:520], CORPUS, 20, (0, 20)),
        (f"xx{CORPUS[500:520]}x", CORPUS, 20, (2, 22)),
        (CORPUS[:300], CORPUS, 300, (0, 300)),
        (CORPUS[-300:], CORPUS, 300, (0, 300)),
        (CORPUS, CORPUS, 1000, (0, 1000)),
        (f"xx{CORPUS}x", CORPUS, 1000, (2, 1002)),
        (f"{CORPUS[500:519]}x{CORPUS[600:619]}", CORPUS, 0, (0, 19)),
        (f"{CORPUS[500:525]}x{CORPUS[600:625]}", CORPUS, 50, (0, 25)),
        (f"{CORPUS[500:525]}x{CORPUS[600:626]}", CORPUS, 51, (26, 52)),
        ("a" * 50, "a" * 20, 50, (0, 20)),
        ("a" * 50, "a" * 30, 50, (0, 30)),
    ],
)
def test_a_run_needs_twenty_characters_and_the_first_longest_is_reported(
    text: str, corpus: str, copied: int, longest: tuple[int, int]
) -> None:
    novelty = compare(text, corpus)
    assert (novelty.copied.sum(), novelty.longest) == (copied, longest)
    assert novelty.copied_share == (copied / len(text) if text else 0)


def test_a_long_copy_is_measured_in_little_memory() -> None:
    text = letters(20_000)
    tracemalloc.start()
    try:
        assert compare(text, text).longest == (0, len(text))
        assert tracemalloc.get_traced_memory()[1] < 2000 * len(text)
    finally:
        tracemalloc.stop()


def test_the_runs_are_where_the_copied_characters_are() -> None:
    corpus = letters(1000)
    text = f"..{corpus[:30]}...{corpus[100:119]}.{corpus[500:520]}"
    expected = [(2, 32), (55, 75)]
    assert compare(text, corpus).runs == CorpusIndex.of(corpus).compare(text).runs == expected


def test_a_long_repetitive_text_is_compared_quickly() -> None:
    text, corpus = " " * 200_000, f"{letters(500_000)}{' ' * 70}"
    assert compare(text, corpus).longest == (
        0,
        70,
    )  # minutes, if every position were searched again
