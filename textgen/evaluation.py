"""How well a model predicts a text, in nats and bits per character."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textgen.engine import Engine
from textgen.errors import SettingsError
from textgen.vocabulary import Ids
from textgen.weights import Array

_CHUNK = 4096


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The mean surprise of a model at each character of a text; lower is better."""

    nats_per_char: float
    characters: int

    @property
    def bits_per_char(self) -> float:
        """The same in bits: what one character would cost, compressed with this model."""
        return self.nats_per_char / math.log(2)


def surprises(logits: NDArray[np.floating], ids: Ids) -> NDArray[np.float64]:
    """Return −ln p of each id under the logits before it, in nats.

    Args:
        logits: shape `(n, vocab_size)`.
        ids: shape `(n,)`.
    """
    shifted = logits.astype(np.float64)
    shifted -= shifted.max(axis=1, keepdims=True)
    log_total = np.log(np.exp(shifted).sum(axis=1))
    result: NDArray[np.float64] = log_total - shifted[np.arange(len(ids)), ids]
    return result


def evaluate(engine: Engine, ids: Ids) -> Evaluation:
    """Score every character of a text but the first, each given all before it.

    The state is carried through the whole text from its first character on: no windows, nothing
    sampled, nothing scored twice. Memory does not grow with the text.

    Args:
        engine: the model.
        ids: shape `(n,)`, n at least 2.

    Raises:
        SettingsError: fewer than two ids.
        VocabularyError: an id is outside the vocabulary.
    """
    total = sum(float(surprises(*predicted).sum()) for predicted in predictions(engine, ids))
    return Evaluation(nats_per_char=total / (len(ids) - 1), characters=len(ids) - 1)


def predictions(engine: Engine, ids: Ids) -> Iterator[tuple[Array, Ids]]:
    """Give a text's logits and what they were to predict, in pieces of bounded size.

    Args:
        engine: the model.
        ids: shape `(n,)`, n at least 2.

    Returns:
        An iterator over pairs: logits after some characters, `(k, vocab_size)`, overwritten by the
        next piece; and the ids of the characters after them, `(k,)`. In all n − 1 of each.

    Raises:
        SettingsError: fewer than two ids.
        VocabularyError: an id is outside the vocabulary.
    """
    ids = np.asarray(ids)
    if len(ids) < 2:
        raise SettingsError(f"At least 2 characters are needed for a score, received {len(ids)}.")
    engine.check_ids(ids)
    state, inputs, targets = engine.start(), ids[:-1], ids[1:]
    rows = np.empty((_CHUNK, engine.config.vocab_size), np.float32)
    for first in range(0, len(inputs), _CHUNK):
        piece = slice(first, first + _CHUNK)
        yield state.read(inputs[piece], rows), targets[piece]
