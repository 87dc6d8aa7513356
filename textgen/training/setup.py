"""What is settled before the first step of training: where it starts, its data, its manifest."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from textgen.errors import VocabularyError
from textgen.manifest.schema import CorpusFacts, IndexFacts, Manifest, Origin, SampleSettings
from textgen.network.weights import Array
from textgen.text.corpus import Corpus
from textgen.text.corpus_index import MAX_NGRAMS, NGRAM_SIZE, CorpusIndex
from textgen.text.vocabulary import Ids, Vocabulary, describe
from textgen.timeline.reader import read_snapshot
from textgen.timeline.timeline import Timeline
from textgen.training.data import SplitText, encode, split_text
from textgen.training.hardware import device_name
from textgen.training.recipes import Recipe
from textgen.version import __version__

SAMPLE_LENGTH = 400
PROMPT_LENGTH = 60


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What is asked of a training run beside its corpus and recipe; see `training.run.train`."""

    name: str | None = None
    seed_text: str | None = None
    corpus_index: bool = True
    init_from: Timeline | None = None
    devices: int = 1


@dataclass(frozen=True, kw_only=True)
class TrainingSetup:
    """All that a training run begins with.

    Attributes:
        train_ids: shape `(n,)`.
        val_ids: shape `(m + 1,)`: the last character trained on, as context, and the held-out
            ones that the vocabulary has.
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


def prepare(corpus: Corpus, recipe: Recipe, options: RunOptions, *, scratch: Path) -> TrainingSetup:
    """Settle all that a run begins with.

    Args:
        corpus: the text.
        recipe: what is done to it, what is built and how it is trained. A model that `options`
            goes on from brings its own preparation, vocabulary and shape.
        options: what else is asked for.
        scratch: a directory for the ids of a text too long for memory, in a file without a name.

    Raises:
        CorpusError: the text is too short for the recipe's windows, or has nothing to learn.
        ConfigError: the vocabulary is too large for a model, or the recipe cannot train the model
            that is gone on from.
        VocabularyError: the corpus has none of the seed text's characters.
        TimelineError: the name or the seed text cannot stand in a manifest.
        OutputError: there is no room for a long text's ids.
    """
    start = options.init_from
    if start is not None:
        recipe = recipe.with_model(start.config, start.manifest.preparation)
    known = None if start is None else start.vocabulary
    split = split_text(corpus, recipe.preparation, recipe.training, known)
    index = None
    if options.corpus_index and split.train_characters <= MAX_NGRAMS:
        index = CorpusIndex.of("".join(split.trained_on()))
    manifest = _manifest(corpus, recipe, options, split, index)
    manifest.to_json()  # raises now, not after the first hour, where it could not be written
    train_ids = encode(split.trained_on(), split.train_characters, split.vocabulary, scratch)
    return TrainingSetup(
        train_ids=train_ids,
        val_ids=np.concatenate([train_ids[-1:], split.vocabulary.encode(split.held_out)]),
        vocabulary=split.vocabulary,
        weights=None if start is None else _best_weights(start),
        corpus_index=None if index is None else index.to_bytes(),
        manifest=manifest,
    )


def _best_weights(start: Timeline) -> list[Array]:
    return read_snapshot(start.source, start.manifest, start.best).arrays


def _manifest(
    corpus: Corpus,
    recipe: Recipe,
    options: RunOptions,
    split: SplitText,
    index: CorpusIndex | None,
) -> Manifest:
    """Return what a timeline says of itself before its first snapshot."""
    start = options.init_from
    return Manifest(
        name=options.name or corpus.name,
        corpus=CorpusFacts(
            name=corpus.name,
            source=corpus.source,
            sha256=corpus.sha256,
            characters=split.characters,
            train_characters=split.train_characters,
            held_out_characters=split.characters - split.train_characters,
            unseen_characters=split.unseen_characters,
        ),
        recipe=recipe.name,
        preparation=recipe.preparation,
        model=recipe.model_config(split.vocabulary.size),
        training=recipe.training,
        vocabulary_sha256=split.vocabulary.sha256,
        sample_settings=SampleSettings(
            seed_text=_prompt(split.held_out, options.seed_text, split.vocabulary),
            length=SAMPLE_LENGTH,
            seed=recipe.training.seed,
        ),
        software=_software(),
        device=device_name(options.devices),
        snapshots=(),
        corpus_index=None if index is None else _facts(index),
        init_from=None
        if start is None
        else Origin(name=start.name, step=start.best.step, sha256=start.best.sha256),
    )


def _facts(index: CorpusIndex) -> IndexFacts:
    return IndexFacts(
        ngram_size=NGRAM_SIZE, ngrams=index.ngrams, words=index.words, sha256=index.sha256
    )


def _prompt(held_out: str, seed_text: str | None, vocabulary: Vocabulary) -> str:
    """Return what every sample starts from."""
    if not seed_text:
        return first_sentence(held_out)
    prompt, dropped = vocabulary.normalize(seed_text)
    if not prompt:
        raise VocabularyError(
            f"The corpus has none of the seed text's characters: {describe(dropped)}. Give "
            "--seed-text in characters of the corpus."
        )
    return prompt


def first_sentence(text: str) -> str:
    """Return where a sentence starts in a text: up to `PROMPT_LENGTH` characters, whole words."""
    start = text.find(". ", 0, len(text) // 2) + 2
    piece = text[start if start > 1 else 0 :][:PROMPT_LENGTH]
    words = piece.rpartition(" ")[0]
    return f"{words} " if words else piece


def _software() -> dict[str, str]:
    backend = keras.backend.backend()
    return {
        "textgen": __version__,
        "python": platform.python_version(),
        "keras": keras.__version__,
        backend: str(getattr(__import__(backend), "__version__", "unknown")),
        "numpy": np.__version__,
    }
