"""Prepares a corpus for training: preprocessing, training/validation split, ids."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textgen.config import TrainConfig
from textgen.errors import CorpusError, OutputError
from textgen.text.corpus import Corpus
from textgen.text.preparation import Preparation
from textgen.text.vocabulary import Ids, Vocabulary
from textgen.training.schedule import train_size

MAX_IN_MEMORY = 50_000_000
"""Longest training text, in characters, whose ids are kept in memory and not in a file."""


class PreparedText:
    """A corpus after preprocessing, read piece by piece.

    Args:
        corpus: the text.
        preparation: the preprocessing; unused if there is a `vocabulary`, which has its own.
        vocabulary: an existing model's; characters outside it are removed. None for a new model,
            whose vocabulary comes from this text.
    """

    def __init__(
        self, corpus: Corpus, preparation: Preparation, vocabulary: Vocabulary | None
    ) -> None:
        self._corpus, self._preparation, self._vocabulary = corpus, preparation, vocabulary

    def pieces(self, start: int = 0, stop: int | None = None) -> Iterator[str]:
        """Yield the text from character `start` up to, not including, character `stop`."""
        position = 0
        for text, _ in self._prepared():
            end = None if stop is None else max(0, stop - position)
            yield text[max(0, start - position) : end]
            position += len(text)
            if stop is not None and position >= stop:
                return

    def count(self) -> tuple[int, int]:
        """Return how many characters the text has, and how many of the corpus were removed."""
        characters = removed = 0
        for text, dropped in self._prepared():
            characters += len(text)
            removed += dropped
        return characters, removed

    def distinct(self, stop: int) -> str:
        """Return each character that occurs before character `stop`, once, in any order."""
        return "".join(set().union(*map(set, self.pieces(stop=stop))))

    def _prepared(self) -> Iterator[tuple[str, int]]:
        """Yield each piece, and how many of its characters were removed."""
        for piece in self._corpus.pieces():
            if self._vocabulary is None:
                yield self._preparation.apply(piece), 0
            else:
                text, dropped = self._vocabulary.normalize(piece)
                yield text, sum(dropped.values())


@dataclass(frozen=True, kw_only=True)
class SplitText:
    """A text after preprocessing, split into training text and validation (held-out) text.

    Attributes:
        text: the whole text.
        vocabulary: of the training text, or of the existing model.
        characters: length of the whole text.
        train_characters: length of the training text, the first part.
        validation: the validation text, the second part, without characters that are not in the
            vocabulary.
        unseen_characters: how many characters were removed from both parts, because they are not in
            the vocabulary.
    """

    text: PreparedText
    vocabulary: Vocabulary
    characters: int
    train_characters: int
    validation: str
    unseen_characters: int

    def training_pieces(self) -> Iterator[str]:
        """Yield the training text in pieces."""
        return self.text.pieces(stop=self.train_characters)

    def sample(self, limit: int) -> str:
        """Return the training text or, if it has more than `limit` characters, parts of it."""
        share = min(1.0, limit / self.train_characters)
        return "".join(piece[: int(share * len(piece))] for piece in self.training_pieces())


def split_text(
    corpus: Corpus, preparation: Preparation, training: TrainConfig, known: Vocabulary | None
) -> SplitText:
    """Preprocess a corpus and split it into training text and validation text.

    Args:
        corpus: the text.
        preparation: the preprocessing.
        training: `val_fraction` and `seq_length`.
        known: an existing model's vocabulary, None for a new model.

    Raises:
        CorpusError: the text is too short for the windows, its training part consists of a single
            character, or its two parts have no character in common.
    """
    text = PreparedText(corpus, preparation, known)
    characters, removed = text.count()
    cut = train_size(
        characters,
        training.val_fraction,
        seq_length=training.seq_length,
        counted="after preprocessing",
    )
    vocabulary = known or Vocabulary.from_text(text.distinct(cut), preparation)
    if vocabulary.size == 1:
        raise CorpusError(
            "The training part of the corpus has only one distinct character, "
            f"{vocabulary.characters[0]!r}, so there is nothing to learn. Give a text of words."
        )
    validation, unseen = vocabulary.normalize("".join(text.pieces(cut)))
    if not validation:
        raise CorpusError(
            "The end of the corpus, used for validation, has no character in common with the part "
            "before it. Give a text of one kind from start to end."
        )
    return SplitText(
        text=text,
        vocabulary=vocabulary,
        characters=characters,
        train_characters=cut,
        validation=validation,
        unseen_characters=removed + sum(unseen.values()),
    )


def encode(pieces: Iterable[str], count: int, vocabulary: Vocabulary, scratch: Path) -> Ids:
    """Return the ids of a text, shape `(count,)`; those of a long text stay in a temporary file.

    Args:
        pieces: the text, in pieces.
        count: its length, in characters; above `MAX_IN_MEMORY` the ids go into a file.
        vocabulary: contains all its characters.
        scratch: a directory for the file, which has no name and disappears with the process.

    Raises:
        OutputError: the file cannot be written.
    """
    encoded = map(vocabulary.encode, pieces)
    if count <= MAX_IN_MEMORY:
        return np.concatenate(list(encoded))
    try:
        scratch.mkdir(parents=True, exist_ok=True)
        # It never has a name, so it disappears with the process even if that is killed.
        with tempfile.TemporaryFile(dir=scratch) as file:
            for ids in encoded:
                file.write(ids.tobytes())
            file.flush()
            return np.memmap(file, dtype=ids.dtype, mode="r")
    except OSError as error:
        raise OutputError(
            f"Cannot write a temporary file for {count:,} characters in {scratch}: "
            f"{error.strerror or error}. "
            "Free some space or choose another --output."
        ) from error
