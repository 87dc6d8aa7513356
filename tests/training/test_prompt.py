"""The default prompt of a timeline's samples."""

import pytest

from textgen.training.prompt import PROMPT_LENGTH, first_sentence

REST = " and so on" * 20  # so that what comes before it is in the first half of the text


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("rning. The sun rose." + REST, "The sun rose. and"),
        # A full stop and a space come first, because a line break may be inside a sentence.
        ("rn! Oh.\nThe old\nman left. He went." + REST, "He went. and"),
        ("rning! The sun rose" + REST, "The sun rose and"),
        ("rning? The sun rose" + REST, "The sun rose and"),
        ("rning\nThe sun rose" + REST, "The sun rose and"),
        ("rning the sun rose" + REST, "the sun rose and"),
        ("rning\tsun and moon rose" + REST, "sun and moon"),
        ("a long start" + REST + ". Too late.", "long start and"),
        ("rning.  The sun rose" + REST, "The sun rose and"),
        ("rning. \n\n  The sun rose" + REST, "The sun rose and"),
        ('rning. ") The sun rose' + REST, "The sun rose and"),
        ("rning! ’ “The sun” rose" + REST, "“The sun” rose and"),
        ('rning. "The sun" rose' + REST, '"The sun" rose and'),
        ("rning. ’Tis the sun" + REST, "’Tis the sun and"),
        ("def f(x):\n    return x\n" + "\ty = 1\n" * 20, "return x\n"),
    ],
)
def test_a_prompt_starts_with_a_sentence_or_at_least_a_word(text: str, start: str) -> None:
    assert first_sentence(text).startswith(start)


def test_a_prompt_never_starts_in_the_middle_of_a_word() -> None:
    words = ["seven", "sleepy", "lions", "watched", "eleven", "clouds"] * 18
    text = " ".join(words)
    for cut in range(60):
        assert first_sentence(text[cut:]).split()[0] in words


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("", ""),
        ("word", "word"),
        ("rning. ", "rning. "),
        ("rning.)\n", "rning.)\n"),
        ("千里之行" * 40, ("千里之行" * 40)[:PROMPT_LENGTH]),
    ],
)
def test_a_text_without_another_word_is_used_from_its_start(text: str, prompt: str) -> None:
    assert first_sentence(text) == prompt


@pytest.mark.parametrize("end", [" ", "\n"])
def test_a_prompt_ends_with_a_whole_word(end: str) -> None:
    word = "abcdefg" + end
    prompt = first_sentence("start. " + word * 20)
    assert prompt == word * (PROMPT_LENGTH // len(word))
