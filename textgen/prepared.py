"""A corpus made ready for a recipe: what is trained on, what is held out, what is known of it."""

from __future__ import annotations

from dataclasses import dataclass

from textgen.contents import read_snapshot
from textgen.corpus import Corpus
from textgen.dataset import split
from textgen.errors import CorpusError, VocabularyError
from textgen.manifest import CorpusFacts, IndexFacts, Manifest, Origin, SampleSettings
from textgen.novelty import MAX_NGRAMS, NGRAM_SIZE, CorpusIndex
from textgen.recipes import Recipe
from textgen.timeline import Timeline
from textgen.vocabulary import Ids, Vocabulary, describe
from textgen.weights import Array

SAMPLE_LENGTH = 400
OPENING_LENGTH = 60


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """The data of one training run.

    Attributes:
        train_ids: shape `(n,)`.
        held_out_ids: shape `(m + 1,)`: the last character trained on, as context, and the
            held-out ones that the vocabulary has.
        vocabulary: of the training part.
        weights: to begin with, in the order of `model.get_weights()`; None for random ones.
        corpus_index: of the training part, as its file holds it; None to do without.
        manifest: all that is settled before training starts; no snapshots yet.
    """

    train_ids: Ids
    held_out_ids: Ids
    vocabulary: Vocabulary
    weights: list[Array] | None
    corpus_index: bytes | None
    manifest: Manifest


def prepare(
    corpus: Corpus,
    recipe: Recipe,
    *,
    name: str | None,
    seed_text: str | None,
    indexed: bool,
    init_from: Timeline | None,
    software: dict[str, str],
    device: str,
) -> Prepared:
    """Apply a recipe's preparation and split to a corpus, and number its characters.

    Args:
        corpus: the text.
        recipe: what is done to it.
        name: the timeline's; None for the corpus's.
        seed_text: what every sample starts from; None for a sentence's start.
        init_from: a timeline whose best snapshot is trained on; its preparation, vocabulary and
            model take the place of the recipe's.
        indexed: whether an index of the corpus is made, if it is not too long for one.
        software, device: what the manifest says of them.

    Raises:
        CorpusError: the text is too short for the recipe's windows.
        ConfigError: the vocabulary is too large for a model, or the recipe cannot train the model
            of `init_from`.
        VocabularyError: the corpus has none of the seed text's characters.
        TimelineError: the name or the seed text cannot stand in a manifest.
    """
    training, weights, origin, left_out = recipe.training, None, None, 0
    if init_from is None:
        text = recipe.preparation.apply(corpus.text)
    else:
        recipe = recipe.with_model(init_from.config, init_from.manifest.preparation)
        text, dropped = init_from.vocabulary.normalize(corpus.text)
        left_out, start = sum(dropped.values()), init_from.best
        weights = read_snapshot(init_from.directory, init_from.manifest, start).arrays
        origin = Origin(name=init_from.name, step=start.step, sha256=start.sha256)
    train_text, held_out = split(text, training.val_fraction, seq_length=training.seq_length)
    if init_from is None:
        vocabulary = Vocabulary.from_text(train_text, recipe.preparation)
    else:
        vocabulary = init_from.vocabulary
    known, unseen = vocabulary.normalize(held_out)
    if not known:
        raise CorpusError(
            "The end of the corpus, held out to measure on, has no character in common with the "
            "rest. Give a text that is of one kind from start to end."
        )
    index = CorpusIndex.of(train_text) if indexed and len(train_text) <= MAX_NGRAMS else None
    manifest = Manifest(
        name=name or corpus.name,
        corpus=CorpusFacts(
            name=corpus.name,
            source=corpus.source,
            sha256=corpus.sha256,
            characters=len(text),
            train_characters=len(train_text),
            held_out_characters=len(held_out),
            unseen_characters=left_out + sum(unseen.values()),
        ),
        recipe=recipe.name,
        preparation=recipe.preparation,
        model=recipe.model_config(vocabulary.size),
        training=training,
        vocabulary_sha256=vocabulary.sha256,
        sample_settings=SampleSettings(
            seed_text=_first_words(known, seed_text, vocabulary),
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
    return Prepared(
        train_ids=vocabulary.encode(train_text),
        held_out_ids=vocabulary.encode(train_text[-1] + known),
        vocabulary=vocabulary,
        weights=weights,
        corpus_index=None if index is None else index.to_bytes(),
        manifest=manifest,
    )


def _facts(index: CorpusIndex) -> IndexFacts:
    return IndexFacts(ngram_size=NGRAM_SIZE, ngrams=index.ngrams, sha256=index.sha256)


def _first_words(held_out: str, seed_text: str | None, vocabulary: Vocabulary) -> str:
    """Return what every sample starts from."""
    if not seed_text:
        return opening(held_out)
    first_words, dropped = vocabulary.normalize(seed_text)
    if not first_words:
        raise VocabularyError(
            f"The corpus has none of the seed text's characters: {describe(dropped)}. Give "
            "--seed-text in characters of the corpus."
        )
    return first_words


def opening(text: str) -> str:
    """Return where a sentence starts in a text: up to `OPENING_LENGTH` characters, whole words."""
    start = text.find(". ", 0, len(text) // 2) + 2
    piece = text[start if start > 1 else 0 :][:OPENING_LENGTH]
    words = piece.rpartition(" ")[0]
    return f"{words} " if words else piece
