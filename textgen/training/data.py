"""A corpus made ready for a recipe: what is trained on, what is held out, what is known of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textgen.errors import CorpusError, OutputError, VocabularyError
from textgen.manifest.schema import CorpusFacts, IndexFacts, Manifest, Origin, SampleSettings
from textgen.network.weights import Array
from textgen.text.corpus import Corpus
from textgen.text.corpus_index import MAX_NGRAMS, NGRAM_SIZE, CorpusIndex
from textgen.text.preparation import Preparation
from textgen.text.vocabulary import Ids, Vocabulary, describe
from textgen.timeline.reader import read_snapshot
from textgen.timeline.timeline import Timeline
from textgen.training.recipes import Recipe
from textgen.training.windows import train_size

SAMPLE_LENGTH = 400
PROMPT_LENGTH = 60
MAX_IN_MEMORY = 50_000_000
"""Characters of a text whose ids are held in memory; those of a longer one are read from disk."""


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """The data of one training run.

    Attributes:
        train_ids: shape `(n,)`.
        val_ids: shape `(m + 1,)`: the last character trained on, as context, and the
            held-out ones that the vocabulary has.
        vocabulary: of the training part.
        weights: to begin with, in the order of `model.get_weights()`; None for random ones.
        corpus_index: of the training part, as its file holds it; None to do without.
        manifest: all that is settled before training starts; no snapshots yet.
    """

    train_ids: Ids
    val_ids: Ids
    vocabulary: Vocabulary
    weights: list[Array] | None
    corpus_index: bytes | None
    manifest: Manifest


def prepare_data(
    corpus: Corpus,
    recipe: Recipe,
    *,
    name: str | None,
    seed_text: str | None,
    with_index: bool,
    init_from: Timeline | None,
    software: dict[str, str],
    device: str,
    scratch: Path,
) -> TrainingData:
    """Apply a recipe's preparation and split to a corpus, and number its characters.

    Args:
        corpus: the text.
        recipe: what is done to it.
        name: the timeline's; None for the corpus's.
        seed_text: what every sample starts from; None for a sentence's start.
        init_from: a timeline whose best snapshot is trained on; its preparation, vocabulary and
            model take the place of the recipe's.
        with_index: whether an index of the corpus is made, if it is not too long for one.
        software, device: what the manifest says of them.
        scratch: a directory for the ids of a text too long for memory, in a file without a name.

    Raises:
        CorpusError: the text is too short for the recipe's windows.
        ConfigError: the vocabulary is too large for a model, or the recipe cannot train the model
            of `init_from`.
        VocabularyError: the corpus has none of the seed text's characters.
        TimelineError: the name or the seed text cannot stand in a manifest.
        OutputError: there is no room for a long text's ids.
    """
    training, weights, origin = recipe.training, None, None
    if init_from is not None:
        recipe = recipe.with_model(init_from.config, init_from.manifest.preparation)
        start = init_from.best
        weights = read_snapshot(init_from.source, init_from.manifest, start).arrays
        origin = Origin(name=init_from.name, step=start.step, sha256=start.sha256)
    known_from = None if init_from is None else init_from.vocabulary
    text = _Text(corpus, recipe.preparation, known_from)
    characters = sum(map(len, text.pieces()))
    cut = train_size(characters, training.val_fraction, seq_length=training.seq_length)
    vocabulary = known_from or Vocabulary.from_text(text.symbols(cut), recipe.preparation)
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
    index = None
    if with_index and cut <= MAX_NGRAMS:
        index = CorpusIndex.of("".join(text.pieces(stop=cut)))
    manifest = Manifest(
        name=name or corpus.name,
        corpus=CorpusFacts(
            name=corpus.name,
            source=corpus.source,
            sha256=corpus.sha256,
            characters=characters,
            train_characters=cut,
            held_out_characters=characters - cut,
            unseen_characters=text.left_out + sum(unseen.values()),
        ),
        recipe=recipe.name,
        preparation=recipe.preparation,
        model=recipe.model_config(vocabulary.size),
        training=training,
        vocabulary_sha256=vocabulary.sha256,
        sample_settings=SampleSettings(
            seed_text=_prompt(held_out, seed_text, vocabulary),
            length=SAMPLE_LENGTH,
            seed=training.seed,
        ),
        software=software,
        device=device,
        snapshots=(),
        corpus_index=None if index is None else _facts(index),
        init_from=origin,
    )
    manifest.to_json()  # raises now, not after the first hour, where it could not be written
    train_ids = _encoded(text.pieces(stop=cut), cut, vocabulary, scratch)
    return TrainingData(
        train_ids=train_ids,
        val_ids=np.concatenate([train_ids[-1:], vocabulary.encode(held_out)]),
        vocabulary=vocabulary,
        weights=weights,
        corpus_index=None if index is None else index.to_bytes(),
        manifest=manifest,
    )


class _Text:
    """A corpus as a model reads it, piece by piece."""

    def __init__(
        self, corpus: Corpus, preparation: Preparation, vocabulary: Vocabulary | None
    ) -> None:
        self._corpus, self._preparation, self._vocabulary = corpus, preparation, vocabulary
        self.left_out = 0  # characters that the vocabulary lacks, in the last complete reading

    def pieces(self, start: int = 0, stop: int | None = None) -> Iterator[str]:
        """Give the characters from one place to another."""
        position, left_out = 0, 0
        for piece in self._corpus.pieces():
            if self._vocabulary is None:
                text = self._preparation.apply(piece)
            else:
                text, dropped = self._vocabulary.normalize(piece)
                left_out += sum(dropped.values())
            end = None if stop is None else max(0, stop - position)
            yield text[max(0, start - position) : end]
            position += len(text)
            if stop is not None and position >= stop:
                return
        self.left_out = left_out

    def symbols(self, stop: int) -> str:
        """Return each character that there is up to a place."""
        return "".join(set().union(*map(set, self.pieces(stop=stop))))


def _encoded(pieces: Iterable[str], count: int, vocabulary: Vocabulary, scratch: Path) -> Ids:
    """Return the ids of a text in pieces: in memory, or those of a long one in a file."""
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


def _facts(index: CorpusIndex) -> IndexFacts:
    return IndexFacts(
        ngram_size=NGRAM_SIZE, ngrams=index.ngrams, words=index.words, sha256=index.sha256
    )


def _prompt(held_out: str, seed_text: str | None, vocabulary: Vocabulary) -> str:
    """Return what every sample starts from."""
    if not seed_text:
        return first_sentence(held_out)
    first_words, dropped = vocabulary.normalize(seed_text)
    if not first_words:
        raise VocabularyError(
            f"The corpus has none of the seed text's characters: {describe(dropped)}. Give "
            "--seed-text in characters of the corpus."
        )
    return first_words


def first_sentence(text: str) -> str:
    """Return where a sentence starts in a text: up to `PROMPT_LENGTH` characters, whole words."""
    start = text.find(". ", 0, len(text) // 2) + 2
    piece = text[start if start > 1 else 0 :][:PROMPT_LENGTH]
    words = piece.rpartition(" ")[0]
    return f"{words} " if words else piece
