"""A model's vocabulary: its characters and their ids."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textgen.errors import VocabularyError
from textgen.text.preparation import Preparation

Ids = NDArray[Any]
"""Character ids, shape `(n,)`, in the smallest unsigned integer type that fits the vocabulary."""

_SHOWN_CHARACTERS = 5


@dataclass(frozen=True)
class Vocabulary:
    """The characters a model reads and writes, in order, and the preprocessing of its text.

    Args:
        characters: at least one, all different; a character's id is its index, from 0.
        preparation: the preprocessing that `normalize` and `clean` apply first.

    Raises:
        VocabularyError: there are no characters, or one is repeated or not a single character.

    Example:
        >>> vocabulary = Vocabulary.from_text("abba")
        >>> vocabulary.encode("ab").tolist()
        [0, 1]
        >>> vocabulary.normalize("abc")[0]
        'ab'
    """

    characters: tuple[str, ...]
    preparation: Preparation = Preparation()
    _id_of: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.characters or any(
            not isinstance(char, str) or len(char) != 1 or "\ud800" <= char <= "\udfff"
            for char in self.characters
        ):
            raise VocabularyError(
                "A vocabulary needs at least one entry, each exactly one Unicode character."
            )
        ids = {char: index for index, char in enumerate(self.characters)}
        if len(ids) != len(self.characters):
            repeated = [char for char, n in Counter(self.characters).items() if n > 1]
            raise VocabularyError(
                f"The characters of a vocabulary must all be different; repeated: {repeated!r}."
            )
        object.__setattr__(self, "_id_of", ids)

    @classmethod
    def from_text(cls, text: str, preparation: Preparation | None = None) -> Vocabulary:
        """Return the vocabulary of a text that is already preprocessed, sorted by code point."""
        return cls(tuple(sorted(set(text))), preparation or Preparation())

    @property
    def size(self) -> int:
        """The number of characters."""
        return len(self.characters)

    def encode(self, text: str) -> Ids:
        """Return the ids of a text, shape `(len(text),)`.

        Raises:
            VocabularyError: a character is not in the vocabulary; `normalize` removes those.
        """
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        # The table maps a code point to its id plus 1; 0 means "not in the vocabulary".
        known = np.array([ord(char) for char in self.characters])
        table = np.zeros(int(max(known.max(), points.max(initial=0))) + 1, dtype=np.uint32)
        table[known] = np.arange(1, self.size + 1)
        found = table[points]
        if not found.all():
            unknown = Counter(text[i] for i in np.flatnonzero(found == 0))
            raise VocabularyError(
                f"The text has characters outside the vocabulary: {describe(unknown)}. "
                "Remove them with Vocabulary.normalize."
            )
        ids: Ids = (found - 1).astype(np.min_scalar_type(self.size - 1))
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text that ids stand for.

        Raises:
            VocabularyError: an id is outside 0 to `size - 1`.
        """
        array = np.fromiter(ids, np.int64)
        if len(array) and not (array.min() >= 0 and array.max() < self.size):
            wrong = array[(array < 0) | (array >= self.size)]
            raise VocabularyError(f"Ids must be from 0 to {self.size - 1}, received {wrong[0]}.")
        return "".join(map(self.characters.__getitem__, array.tolist()))

    def normalize(self, text: str) -> tuple[str, dict[str, int]]:
        """Preprocess a text and remove the characters that are not in the vocabulary.

        Returns:
            The text that is left, and the removed characters with their counts, in order of
            appearance.
        """
        stretches, removed = self._known_stretches(text)
        return "".join(stretches), removed

    def clean(self, text: str) -> tuple[str, dict[str, int]]:
        """Normalize a text, and leave no double whitespace where characters were removed.

        If the removed characters had whitespace on both sides, only one side's is kept: the side
        with more line breaks, or else the longer one. The start of the text counts as whitespace.

        Returns:
            As `normalize`.

        Example:
            >>> Vocabulary.from_text("the soul").clean("日本 the 日本 soul")
            ('the soul', {'日': 2, '本': 2})
        """
        stretches, removed = self._known_stretches(text)
        kept: list[str] = []
        space = ""  # the whitespace after what is kept so far
        for index, stretch in enumerate(stretches):
            body = stretch.strip()
            before = stretch[: len(stretch) - len(stretch.lstrip())]
            if index == 0:
                space = before
            elif kept or space:
                space = max(space, before, key=lambda run: (run.count("\n"), len(run)))
            if body:
                kept += [space, body]
                space = stretch[len(before) + len(body) :]
        return "".join([*kept, space]), removed

    def _known_stretches(self, text: str) -> tuple[list[str], dict[str, int]]:
        """Preprocess a text and split it wherever characters are not in the vocabulary.

        Returns:
            The stretches between them (the first or last is empty if the text starts or ends with
            such characters), and those characters with their counts.
        """
        stretches, removed = [""], Counter[str]()
        for known, characters in groupby(self.preparation.apply(text), self._id_of.__contains__):
            if known:
                stretches[-1] = "".join(characters)
            else:
                removed.update(characters)
                stretches.append("")
        return stretches, dict(removed)

    def to_json(self) -> str:
        """Return the vocabulary as JSON, which `from_json` reads and `sha256` hashes."""
        form = {"characters": list(self.characters), "preparation": asdict(self.preparation)}
        return json.dumps(form, ensure_ascii=True, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Vocabulary:
        """Read a vocabulary that `to_json` wrote.

        Raises:
            VocabularyError: this is not a vocabulary as JSON.
        """
        try:
            form = json.loads(text)
            characters, preparation = form["characters"], form["preparation"]
            flags = {name: preparation[name] for name in ("lowercase", "strip_punctuation")}
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise VocabularyError(f"This is not a vocabulary as JSON: {error!r}.") from error
        if not isinstance(characters, list) or not all(type(v) is bool for v in flags.values()):
            raise VocabularyError("This is not a vocabulary as JSON: a field has the wrong type.")
        return cls(tuple(characters), Preparation(**flags))

    @property
    def sha256(self) -> str:
        """The SHA-256 of `to_json()`, in hexadecimal."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def describe(characters: dict[str, int]) -> str:
    """List characters with their counts for a message.

    Example:
        >>> print(describe({"日": 1, "é": 7, ",": 2}))
        日, é (7 times), ',' (2 times)
    """
    named = [
        (char if char.isalnum() else repr(char)) + (f" ({count:,} times)" if count > 1 else "")
        for char, count in list(characters.items())[:_SHOWN_CHARACTERS]
    ]
    rest = len(characters) - len(named)
    return ", ".join(named) + (f" and {rest} more" if rest else "")
