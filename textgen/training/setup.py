"""Everything a training run needs before its first step: data, initial weights, manifest."""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textgen.errors import VocabularyError
from textgen.manifest.records import (
    CorpusFacts,
    IndexFacts,
    Origin,
    Publication,
    SampleSettings,
)
from textgen.manifest.schema import Manifest, WeightsDtype
from textgen.network.weights import Array
from textgen.text.beginnings import typical_beginnings
from textgen.text.corpus import Corpus
from textgen.text.corpus_index import MAX_NGRAMS, NGRAM_SIZE, CorpusIndex
from textgen.text.vocabulary import Ids, Vocabulary, describe
from textgen.text.wrapping import is_hard_wrapped
from textgen.timeline.reader import read_snapshot
from textgen.timeline.timeline import Timeline
from textgen.training.data import SplitText, encode, split_text
from textgen.training.prompt import first_sentence
from textgen.training.publication import completed
from textgen.training.recipes import Recipe
from textgen.version import __version__

SAMPLE_LENGTH = 400
STUDIED_CHARACTERS = 1_000_000  # of the training text, for prompts and line breaks


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """The options of a training run besides its corpus and recipe; see `training.run.train`."""

    name: str | None = None
    seed_text: str | None = None
    prompts: Sequence[str] | None = None
    corpus_index: bool = True
    weights_dtype: WeightsDtype | None = None  # None: see `training.resume.settled`
    init_from: Timeline | None = None
    devices: int = 1
    publication: Publication | None = None


@dataclass(frozen=True, kw_only=True)
class TrainingSetup:
    """Everything a training run needs before its first step.

    Attributes:
        train_ids: the training text; shape `(n,)`.
        val_ids: the last character of the training text, as context, then the validation text
            without characters outside the vocabulary; shape `(m + 1,)`.
        vocabulary: of the training text, or of the model to fine-tune.
        weights: initial weights in the order of `model.get_weights()`; None for random ones.
        corpus_index: the bytes of the training text's index; None for no index.
        manifest: complete except for the snapshots, of which there are none yet.
    """

    train_ids: Ids
    val_ids: Ids
    vocabulary: Vocabulary
    weights: list[Array] | None
    corpus_index: bytes | None
    manifest: Manifest


def prepare(corpus: Corpus, recipe: Recipe, options: RunOptions, *, scratch: Path) -> TrainingSetup:
    """Prepare a training run.

    Args:
        corpus: the text.
        recipe: the settings of preprocessing, model and training. If `options.init_from` names a
            model to fine-tune, its preprocessing, vocabulary and architecture replace the recipe's.
        options: the other options.
        scratch: a directory for a temporary file with the ids of a text too long for memory.

    Raises:
        CorpusError: the text is too short for the recipe's windows, or there is nothing to learn.
        ConfigError: the vocabulary is too large for a model, or the recipe cannot train the model
            to fine-tune, or `options.publication` states what no model card may.
        VocabularyError: none of a prompt's characters are in the vocabulary.
        TimelineError: the name or a prompt is not allowed in a manifest.
        OutputError: the temporary file cannot be written.
    """
    from textgen.training.hardware import device_name  # imports Keras

    start = options.init_from
    split, index, manifest = _planned(corpus, recipe, options)
    manifest = dataclasses.replace(
        manifest, software=_software(), device=device_name(options.devices)
    )
    manifest.to_json()  # if it cannot be written, raise an error now, not after an hour
    train_ids = encode(split.training_pieces(), split.train_characters, split.vocabulary, scratch)
    return TrainingSetup(
        train_ids=train_ids,
        val_ids=np.concatenate([train_ids[-1:], split.vocabulary.encode(split.validation)]),
        vocabulary=split.vocabulary,
        weights=None if start is None else _best_weights(start),
        corpus_index=None if index is None else index.to_bytes(),
        manifest=manifest,
    )


def planned(corpus: Corpus, recipe: Recipe, options: RunOptions) -> Manifest:
    """Return the manifest that `prepare` would return, without software and device.

    This needs no Keras. Arguments and errors are those of `prepare`.
    """
    _, _, manifest = _planned(corpus, recipe, options)
    return manifest


def _planned(
    corpus: Corpus, recipe: Recipe, options: RunOptions
) -> tuple[SplitText, CorpusIndex | None, Manifest]:
    start = options.init_from
    if start is not None:
        recipe = recipe.with_model(start.config, start.manifest.preparation)
    known = None if start is None else start.vocabulary
    split = split_text(corpus, recipe.preparation, recipe.training, known)
    index = None
    if options.corpus_index and split.train_characters <= MAX_NGRAMS:
        index = CorpusIndex.of("".join(split.training_pieces()))
    manifest = _manifest(corpus, recipe, options, split, index)
    return split, index, _with_display(manifest, split, options.prompts)


def _with_display(manifest: Manifest, split: SplitText, prompts: Sequence[str] | None) -> Manifest:
    """Add what the app needs to know in order to show the model well.

    Args:
        manifest: without it.
        split: the text.
        prompts: to offer users; None for typical beginnings from the training text.
    """
    studied = split.sample(STUDIED_CHARACTERS)
    hard_wrapped = is_hard_wrapped(studied)
    return dataclasses.replace(
        manifest,
        corpus=dataclasses.replace(manifest.corpus, hard_wrapped=hard_wrapped),
        prompts=typical_beginnings(studied, hard_wrapped=hard_wrapped)
        if prompts is None
        else _offered(prompts, split.vocabulary),
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
    """Return the manifest of a timeline before its first snapshot, without software and device."""
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
            seed_text=_prompt(split.validation, options.seed_text, split.vocabulary),
            length=SAMPLE_LENGTH,
            seed=recipe.training.seed,
        ),
        software={},
        device="",
        snapshots=(),
        corpus_index=None if index is None else _facts(index),
        weights_dtype=options.weights_dtype or "float16",
        init_from=None if options.init_from is None else _origin(options.init_from),
        publication=completed(options.publication, corpus),
    )


def _origin(start: Timeline) -> Origin:
    best = start.best
    return Origin(name=start.name, step=best.step, sha256=best.sha256, repo_id=start.source.repo_id)


def _facts(index: CorpusIndex) -> IndexFacts:
    return IndexFacts(
        ngram_size=NGRAM_SIZE, ngrams=index.ngrams, words=index.words, sha256=index.sha256
    )


def _prompt(validation: str, seed_text: str | None, vocabulary: Vocabulary) -> str:
    """Return the prompt of every sample."""
    return _known(seed_text, "--seed-text", vocabulary) if seed_text else first_sentence(validation)


def _known(prompt: str, flag: str, vocabulary: Vocabulary) -> str:
    """Return a prompt, preprocessed and without characters that are not in the vocabulary."""
    known, removed = vocabulary.clean(prompt)
    if not known:
        raise VocabularyError(
            "None of the prompt's characters occur in the training text: "
            f"{describe(removed)}. Choose a {flag} with characters from the training text."
        )
    return known


def _offered(prompts: Sequence[str], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the prompts to offer users."""
    for prompt in prompts:
        if not prompt.strip():
            raise VocabularyError(
                f"A prompt is blank: {prompt!r}. Choose a --prompt with characters from the "
                "training text."
            )
    return tuple(_known(prompt, "--prompt", vocabulary) for prompt in prompts)


def _software() -> dict[str, str]:
    import keras

    backend = keras.backend.backend()
    return {
        "textgen": __version__,
        "python": platform.python_version(),
        "keras": keras.__version__,
        backend: str(getattr(__import__(backend), "__version__", "unknown")),
        "numpy": np.__version__,
    }
