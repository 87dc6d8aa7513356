"""Prompts chosen from a training text."""

import itertools
import textwrap
import typing
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from textgen.text.beginnings import COUNT, typical_beginnings

FILLER = ["of", "to", "in", "that", "it", "was", "with", "as", "for", "which", "but", "from", "his"]
RARE = [f"{one}{other}" for one in ("mor", "win", "lan", "sto", "gar") for other in FILLER[:8]]


def sentence(beginning: str, place: int, end: str = ".") -> str:
    """Return a sentence that continues a beginning in its own way."""
    rng = np.random.default_rng(place)
    return f"{beginning} {RARE[place % len(RARE)]} {' '.join(rng.choice(FILLER, 9))}{end}"


def prose(beginnings: Sequence[str], times: int) -> str:
    """Return paragraphs of sentences with these beginnings in turn."""
    made = [
        sentence(beginning, place)
        for place, beginning in enumerate(itertools.islice(itertools.cycle(beginnings), times))
    ]
    return "\n\n".join(" ".join(made[start : start + 3]) for start in range(0, len(made), 3))


def test_a_plays_prompts_are_the_speakers_with_the_most_different_speeches() -> None:
    speakers = ["ROMEO", "FRIAR LAURENCE", "JULIET", "Nurse", "TYBALT"]
    speeches = [
        f"{speaker}:\n" + "\n".join(sentence(RARE[place + line], place) for line in (0, 9))
        for number, speaker in enumerate(speakers)
        for place in range(20 - number)
    ]
    text = "\n\n".join(speeches)
    expected = ("ROMEO:\n", "FRIAR LAURENCE:\n", "JULIET:\n", "Nurse:\n")
    assert typical_beginnings(text, hard_wrapped=False) == expected
    assert typical_beginnings(text.lower(), hard_wrapped=False) == tuple(
        speaker.lower() for speaker in expected
    )


@pytest.mark.parametrize("hard_wrapped", [False, True])
def test_proses_prompts_are_beginnings_of_sentences_with_a_name_or_a_rare_word(
    hard_wrapped: bool,
) -> None:
    text = prose(["Alice was", "It was", "The philosopher", "Perhaps his", "It", "But"], 300)
    text += " It was Alice. " * 3  # so that she is named within sentences too
    if hard_wrapped:
        text = "\n\n".join(textwrap.fill(paragraph, 60) for paragraph in text.split("\n\n"))
    found = typical_beginnings(text, hard_wrapped=hard_wrapped)
    assert found[:3] == ("Alice was ", "Perhaps his ", "The philosopher ")
    assert "\n" not in "".join(found)


def test_speakers_need_no_colon() -> None:
    rows = [f"{('ANNA.', 'BOB')[n % 2]}\n{sentence(RARE[n], n)}\n" for n in range(30)]
    assert typical_beginnings("\n".join(rows), hard_wrapped=False) == ("ANNA.\n", "BOB\n")


def test_beginnings_that_always_go_on_alike_are_no_prompts() -> None:
    alike = "Down down down went the philosopher. " * 50
    assert typical_beginnings(alike, hard_wrapped=False) == ()
    text = alike + " ".join(sentence("The winter", place) for place in range(5))
    assert typical_beginnings(text, hard_wrapped=False)[0] == "The winter "


def test_single_frequent_words_come_last() -> None:
    text = prose(["It", "It", "It", "It", "Philosophers think"], 200)
    assert typical_beginnings(text, hard_wrapped=False) == ("Philosophers think ", "It ")


def test_no_two_prompts_begin_with_the_same_word() -> None:
    text = prose(["The winter", "The morning", "The garden", "A question"], 200)
    found = typical_beginnings(text, hard_wrapped=False)
    assert sorted(prompt.split()[0] for prompt in found) == ["A", "The"]


def test_prompts_have_no_numbers_and_end_with_no_punctuation() -> None:
    text = prose(["Chapter 12", "However,", "Why?", "In short;", "Good morning"], 200)
    found = typical_beginnings(text, hard_wrapped=False)
    assert found[0] == "Good morning "
    assert "12" not in "".join(found)
    assert all(prompt.rstrip()[-1].isalpha() for prompt in found)


def test_a_chats_prompts_are_its_users() -> None:
    text = "\n".join(sentence(f"<{'anna' if n % 3 else 'bob'}>", n, "") for n in range(90))
    assert typical_beginnings(text, hard_wrapped=False) == ("<anna> ", "<bob> ")


def test_codes_prompts_are_its_keywords() -> None:
    code = Path(typing.__file__).read_text(encoding="utf-8")
    assert {"class ", "def "} <= set(typical_beginnings(code, hard_wrapped=False))


def test_chinese_prompts_are_a_few_characters() -> None:
    rng = np.random.default_rng(0)
    clauses = ("".join(rng.choice(list("山水人天地日月火木金土"), 8)) for _ in range(400))
    text = "".join(
        f"{beginning}{clause}。"
        for beginning, clause in zip(itertools.cycle(["我们", "如果"]), clauses, strict=False)
    )
    found = typical_beginnings(text, hard_wrapped=False)
    assert [prompt[:2] for prompt in found] == ["如果", "我们"]


@pytest.mark.parametrize(
    "text", ["", " ", "word", "aaaa" * 1000, "the same words again " * 500, "1,2\n3,4\n" * 500]
)
def test_a_text_that_repeats_no_beginning_has_no_prompts(text: str) -> None:
    assert typical_beginnings(text, hard_wrapped=False) == ()
    assert typical_beginnings(text, hard_wrapped=True) == ()


@pytest.mark.parametrize(
    "text", ["\n" * 10**6, "a.\n" + "\n" * 10**6 + "b", "." * 10**6, "a " * 10**5, "x" * 10**6]
)
def test_it_is_quick_for_any_text(text: str) -> None:
    assert len(typical_beginnings(text, hard_wrapped=False)) <= COUNT
    assert len(typical_beginnings(text, hard_wrapped=True)) <= COUNT
