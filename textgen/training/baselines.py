"""Measures counting models on the text of a training run: what a network must be better than."""

from __future__ import annotations

import math
import time

import numpy as np

from textgen.generation.sampling import Sampling, make_sampler
from textgen.manifest.records import MAX_ORDER, NgramResult, SampleSettings
from textgen.text.ngrams import NgramModel
from textgen.text.vocabulary import Ids, Vocabulary

MAX_COUNTED = 4_000_000
"""The most characters of the training text that are counted; of a longer text, the last ones."""
USUAL_ORDER = 6
"""Orders up to this one are always measured, higher ones only while they lower the loss."""
SAMPLE_TEMPERATURE = 0.5


def measure_ngrams(
    train_ids: Ids, val_ids: Ids, vocabulary: Vocabulary, settings: SampleSettings
) -> tuple[NgramResult, ...]:
    """Return how well n-gram models predict the validation text, from order 1.

    Args:
        train_ids: the training text, shape `(n,)`.
        val_ids: the validation text, shape `(m + 1,)`; its first character is only read.
        vocabulary: of the training text.
        settings: prompt, length and random seed of the samples.
    """
    began = time.perf_counter()
    counted = np.asarray(train_ids[-MAX_COUNTED:])
    model = NgramModel(counted, vocabulary.size)
    measured: list[tuple[float, float]] = []  # loss, seconds since the beginning
    for loss in model.losses(val_ids):
        if len(measured) >= USUAL_ORDER and loss >= min(measured)[0]:
            break
        measured.append((loss, time.perf_counter() - began))
        if len(measured) == MAX_ORDER:
            break
    return tuple(
        NgramResult(
            order=order,
            characters=len(counted),
            val_loss=loss,
            val_bits_per_char=loss / math.log(2),
            seconds=round(seconds, 3),
            sample=_sample(model, order, vocabulary, settings),
        )
        for order, (loss, seconds) in enumerate(measured, start=1)
    )


def _sample(model: NgramModel, order: int, vocabulary: Vocabulary, settings: SampleSettings) -> str:
    """Return what an n-gram model writes with the random numbers of the snapshots' samples."""
    ids = vocabulary.encode(settings.seed_text).tolist()
    sample_next = make_sampler(Sampling(temperature=SAMPLE_TEMPERATURE), vocabulary.size)
    uniforms = np.random.default_rng(settings.seed).random(settings.length)
    for uniform in uniforms.tolist():
        probabilities = model.probabilities(np.array(ids[-MAX_ORDER:]), order)
        with np.errstate(divide="ignore"):  # a character that never occurs has probability 0
            ids.append(sample_next(np.log(probabilities), uniform))
    return vocabulary.decode(ids[-settings.length :])
