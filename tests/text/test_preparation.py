"""Tests of the preprocessing of texts."""

import pytest

from textgen.text.preparation import Preparation

AS_IT_IS = Preparation()
LOWERCASE = Preparation(lowercase=True)
BARE = Preparation(strip_punctuation=True)
BOTH = Preparation(lowercase=True, strip_punctuation=True)


@pytest.mark.parametrize(
    ("preparation", "text", "prepared"),
    [
        (AS_IT_IS, "", ""),
        (AS_IT_IS, "The Soul, 'tis—🙂\t", "The Soul, 'tis—🙂\t"),
        (AS_IT_IS, "dos\r\nold mac\runix\n", "dos\nold mac\nunix\n"),
        (AS_IT_IS, "\r\r\n", "\n\n"),
        (LOWERCASE, "The ÉTÉ of ΑΣ.\r\n", "the été of ας.\n"),
        (LOWERCASE, "İ", "i̇"),  # one character may become two
        (BARE, "Don't — stop; 3 × 4!\n\tYes", "Dont  stop 3  4  Yes"),
        (BARE, "naïve 漢字 ๑ e\u0301", "naïve 漢字 ๑ e\u0301"),
        (BARE, "\u00a0\u2003\ud800", "  "),
        (BOTH, "The Soul.\r\n", "the soul "),
    ],
)
def test_a_text_becomes(preparation: Preparation, text: str, prepared: str) -> None:
    assert preparation.apply(text) == prepared


@pytest.mark.parametrize("preparation", [AS_IT_IS, LOWERCASE, BARE, BOTH])
def test_preprocessing_twice_is_the_same_as_once(preparation: Preparation) -> None:
    once = preparation.apply("İstanbul: “DON'T”\r\n\r— ΟΔΟΣ, ﬁn? \u2028🙂 Ⅷ")
    assert preparation.apply(once) == once
