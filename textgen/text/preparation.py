"""Preprocessing: simplifies text, in training and for whatever a user types."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from textgen.checks import check_settings, setting
from textgen.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """The preprocessing of the training text and of every prompt.

    Args:
        lowercase: convert capital letters to lowercase.
        strip_punctuation: remove everything but letters, digits and spaces; all whitespace,
            including line breaks, becomes spaces.

    Raises:
        ConfigError: an argument is not a bool.

    Example:
        >>> Preparation(lowercase=True).apply("The Soul.\\r\\n")
        'the soul.\\n'
    """

    lowercase: bool = setting(
        False, bool, "convert the text to lowercase: fewer characters to learn"
    )
    strip_punctuation: bool = setting(
        False, bool, "keep only letters, digits and spaces; line breaks become spaces"
    )

    def __post_init__(self) -> None:
        check_settings(self, ConfigError)

    def apply(self, text: str) -> str:
        """Return the preprocessed text. Line breaks become "\\n" in any case."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if self.lowercase:
            text = text.lower()
        if self.strip_punctuation:
            text = text.translate({ord(char): _stripped(char) for char in set(text)})
        return text


def _stripped(char: str) -> str:
    """Return a space for whitespace, a letter, mark or digit as it is, and "" for the rest."""
    if char.isspace():
        return " "
    return char if unicodedata.category(char)[0] in "LMN" else ""
