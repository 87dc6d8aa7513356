"""Characters to ids and back: the alphabet of one model."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textgen.errors import VocabularyError
from textgen.text.preparation import Preparation

Ids = NDArray[Any]
"""Character ids, shape (n,), of the smallest unsigned integer type that holds them."""

_SHOWN_CHARACTERS = 5


@dataclass(frozen=True)
class Vocabulary:
    """An ordered alphabet, and the preparation that brings text into it.

    Args:
        characters: the distinct characters; a character's id is its place, from 0.
        preparation: applied by `normalize` to what users type.

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
                "A vocabulary holds at least one entry, each exactly one Unicode character."
            )
        ids = {char: index for index, char in enumerate(self.characters)}
        if len(ids) != len(self.characters):
            repeated = [char for char, n in Counter(self.characters).items() if n > 1]
            raise VocabularyError(f"A vocabulary's characters are distinct; repeated: {repeated!r}")
        object.__setattr__(self, "_id_of", ids)

    @classmethod
    def from_text(cls, text: str, preparation: Preparation | None = None) -> Vocabulary:
        """Return the sorted distinct characters of a (prepared) text as a vocabulary."""
        return cls(tuple(sorted(set(text))), preparation or Preparation())

    @property
    def size(self) -> int:
        """The number of characters."""
        return len(self.characters)

    def encode(self, text: str) -> Ids:
        """Return the ids of a text, shape `(len(text),)`.

        Raises:
            VocabularyError: a character is not in the vocabulary; `normalize` drops those.
        """
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        # A table from code point to id, plus one so that 0 means "not a character of ours".
        known = np.array([ord(char) for char in self.characters])
        table = np.zeros(int(max(known.max(), points.max(initial=0))) + 1, dtype=np.uint32)
        table[known] = np.arange(1, self.size + 1)
        found = table[points]
        if not found.all():
            unknown = Counter(text[i] for i in np.flatnonzero(found == 0))
            raise VocabularyError(
                f"The text holds characters outside the vocabulary: {describe(unknown)}. "
                "Drop them with Vocabulary.normalize."
            )
        ids: Ids = (found - 1).astype(np.min_scalar_type(self.size - 1))
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of some ids.

        Raises:
            VocabularyError: an id is not from 0 to `size - 1`.
        """
        array = np.fromiter(ids, np.int64)
        if len(array) and not (array.min() >= 0 and array.max() < self.size):
            wrong = array[(array < 0) | (array >= self.size)]
            raise VocabularyError(f"Ids must be from 0 to {self.size - 1}, received {wrong[0]}.")
        return "".join(map(self.characters.__getitem__, array.tolist()))

    def normalize(self, text: str) -> tuple[str, dict[str, int]]:
        """Bring any text into this vocabulary.

        Returns:
            The prepared text without the characters the vocabulary lacks, and those characters
            with how often each stood in the text, in order of appearance.
        """
        prepared = self.preparation.apply(text)
        dropped = Counter(char for char in prepared if char not in self._id_of)
        return "".join(char for char in prepared if char in self._id_of), dict(dropped)

    def to_json(self) -> str:
        """Return the JSON form, which `from_json` reads and `sha256` hashes."""
        form = {"characters": list(self.characters), "preparation": asdict(self.preparation)}
        return json.dumps(form, ensure_ascii=True, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Vocabulary:
        """Read the JSON form.

        Raises:
            VocabularyError: it is not a vocabulary's JSON.
        """
        try:
            form = json.loads(text)
            characters, preparation = form["characters"], form["preparation"]
            flags = {name: preparation[name] for name in ("lowercase", "strip_punctuation")}
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise VocabularyError(f"Not a vocabulary's JSON form: {error!r}") from error
        if not isinstance(characters, list) or not all(type(v) is bool for v in flags.values()):
            raise VocabularyError("Not a vocabulary's JSON form: a field has the wrong type.")
        return cls(tuple(characters), Preparation(**flags))

    @property
    def sha256(self) -> str:
        """The SHA-256 of the JSON form, in hexadecimal."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def describe(characters: dict[str, int]) -> str:
    """Name characters and their counts for a message: `'é' 7, '“' 2 and 3 more`."""
    shown = list(characters.items())[:_SHOWN_CHARACTERS]
    text = ", ".join(f"{char!r} {count}" for char, count in shown)
    rest = len(characters) - len(shown)
    return f"{text} and {rest} more" if rest else text
