"""A corpus as training reads it: prepared, split in two, and as ids."""

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
from textgen.training.windows import train_size

MAX_IN_MEMORY = 50_000_000
"""Characters of a text whose ids are held in memory; those of a longer one are read from disk."""


class PreparedText:
    """A corpus as a model reads it, piece by piece.

    Args:
        corpus: the text.
        preparation: how it is simplified.
        vocabulary: of a model that is there already; characters that it lacks are left out. None
            for a model whose vocabulary the text decides.
    """

    def __init__(
        self, corpus: Corpus, preparation: Preparation, vocabulary: Vocabulary | None
    ) -> None:
        self._corpus, self._preparation, self._vocabulary = corpus, preparation, vocabulary

    def pieces(self, start: int = 0, stop: int | None = None) -> Iterator[str]:
        """Give the characters from one place to another."""
        position = 0
        for text, _ in self._prepared():
            end = None if stop is None else max(0, stop - position)
            yield text[max(0, start - position) : end]
            position += len(text)
            if stop is not None and position >= stop:
                return

    def count(self) -> tuple[int, int]:
        """Return how many characters it has, and how many of the corpus were left out."""
        characters = left_out = 0
        for text, dropped in self._prepared():
            characters += len(text)
            left_out += dropped
        return characters, left_out

    def distinct(self, stop: int) -> str:
        """Return each character that there is up to a place."""
        return "".join(set().union(*map(set, self.pieces(stop=stop))))

    def _prepared(self) -> Iterator[tuple[str, int]]:
        """Give every piece, and how many of its characters were left out."""
        for piece in self._corpus.pieces():
            if self._vocabulary is None:
                yield self._preparation.apply(piece), 0
            else:
                text, dropped = self._vocabulary.normalize(piece)
                yield text, sum(dropped.values())


@dataclass(frozen=True, kw_only=True)
class SplitText:
    """A prepared text in two parts: the first is trained on, the rest is held out.

    Attributes:
        text: the whole of it.
        vocabulary: of the first part, or of the model that is there already.
        characters: of the whole.
        train_characters: of the first part.
        held_out: the rest, without characters that the vocabulary lacks.
        unseen_characters: that were left out, of both parts.
    """

    text: PreparedText
    vocabulary: Vocabulary
    characters: int
    train_characters: int
    held_out: str
    unseen_characters: int

    def trained_on(self) -> Iterator[str]:
        """Give the first part, in pieces."""
        return self.text.pieces(stop=self.train_characters)


def split_text(
    corpus: Corpus, preparation: Preparation, training: TrainConfig, known: Vocabulary | None
) -> SplitText:
    """Prepare a corpus and cut it in two.

    Args:
        corpus: the text.
        preparation: what is done to it.
        training: how much is held out, and how long a window is.
        known: the vocabulary of a model that is there already, else None.

    Raises:
        CorpusError: the text is too short for the windows, has nothing to learn, or its two parts
            have no character in common.
    """
    text = PreparedText(corpus, preparation, known)
    characters, left_out = text.count()
    cut = train_size(characters, training.val_fraction, seq_length=training.seq_length)
    vocabulary = known or Vocabulary.from_text(text.distinct(cut), preparation)
    if vocabulary.size == 1:
        raise CorpusError(
            "The part of the corpus to train on has one distinct character, "
            f"{vocabulary.characters[0]!r}, so there is nothing to learn. Give a text of words."
        )
    held_out, unseen = vocabulary.normalize("".join(text.pieces(cut)))
    if not held_out:
        raise CorpusError(
            "The end of the corpus, held out to measure on, has no character in common with the "
            "rest. Give a text that is of one kind from start to end."
        )
    return SplitText(
        text=text,
        vocabulary=vocabulary,
        characters=characters,
        train_characters=cut,
        held_out=held_out,
        unseen_characters=left_out + sum(unseen.values()),
    )


def encode(pieces: Iterable[str], count: int, vocabulary: Vocabulary, scratch: Path) -> Ids:
    """Return the ids of a text in pieces: in memory, or those of a long one in a nameless file.

    Args:
        pieces: of the text.
        count: its characters.
        vocabulary: that has them all.
        scratch: a directory for the file.

    Raises:
        OutputError: there is no room for it.
    """
    encoded = map(vocabulary.encode, pieces)
    if count <= MAX_IN_MEMORY:
        return np.concatenate(list(encoded))
    try:
        scratch.mkdir(parents=True, exist_ok=True)
        # Nameless from the start, and gone with the process, however that ends.
        with tempfile.TemporaryFile(dir=scratch) as file:
            for ids in encoded:
                file.write(ids.tobytes())
            file.flush()
            return np.memmap(file, dtype=ids.dtype, mode="r")
    except OSError as error:
        raise OutputError(
            f"Cannot write {count:,} characters' ids into {scratch}: {error.strerror or error}. "
            "Free some space or choose another --output."
        ) from error
