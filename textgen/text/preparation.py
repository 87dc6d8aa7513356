"""What is done to a text before a model sees it, in training and when a user types."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from textgen.checks import check_settings, setting
from textgen.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """How text is simplified; the same for the corpus and for every seed text.

    Example:
        >>> Preparation(lowercase=True).apply("The Soul.\\r\\n")
        'the soul.\\n'
    """

    lowercase: bool = setting(
        False, bool, "turn capitals into small letters: fewer symbols to learn"
    )
    strip_punctuation: bool = setting(
        False, bool, "keep letters and digits only, and one kind of white space"
    )

    def __post_init__(self) -> None:
        check_settings(self, ConfigError)

    def apply(self, text: str) -> str:
        """Return `text` with line ends as "\\n" and this preparation's simplifications made."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if self.lowercase:
            text = text.lower()
        if self.strip_punctuation:
            text = text.translate({ord(char): _stripped(char) for char in set(text)})
        return text


def _stripped(char: str) -> str:
    """Return a space for white space, letters, marks and digits as they are, and else nothing."""
    if char.isspace():
        return " "
    return char if unicodedata.category(char)[0] in "LMN" else ""
