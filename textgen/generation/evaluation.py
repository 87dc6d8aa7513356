"""How well a model predicts a text: in nats and bits per character, and at each character."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textgen.errors import SettingsError
from textgen.network.engine import Engine
from textgen.network.weights import Array
from textgen.text.vocabulary import Ids, Vocabulary

ALTERNATIVES = 5  # characters that are shown at each place
_CHUNK = 4096  # characters read before their logits are handed over
_BATCH = 256  # windows read at once


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The mean surprise of a model at each character of a text; lower is better."""

    nats_per_char: float
    characters: int

    @property
    def bits_per_char(self) -> float:
        """The same in bits: what one character would cost, compressed with this model."""
        return self.nats_per_char / math.log(2)


def negative_log_likelihoods(logits: NDArray[np.floating], ids: Ids) -> NDArray[np.float64]:
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


def evaluate(engine: Engine, ids: Ids, *, window: int | None = None) -> Evaluation:
    """Score every character of a text but the first, each once.

    Memory does not grow with the text, and nothing is sampled.

    Args:
        engine: the model.
        ids: shape `(n,)`, n at least 2.
        window: None scores each character given all before it, the state carried through the whole
            text (a model with a context sees that much). A number cuts the text into windows of so
            many characters, each read from the empty state: what a model without a state has to
            do, and with 256 how nanoGPT's figures are measured.

    Raises:
        SettingsError: fewer than two ids, or a window shorter than one character.
        VocabularyError: an id is outside the vocabulary.
    """
    pieces = predictions(engine, ids) if window is None else _in_windows(engine, ids, window)
    total = sum(float(negative_log_likelihoods(*predicted).sum()) for predicted in pieces)
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
    inputs, targets = _pairs(engine, ids)
    state, rows = engine.start(), np.empty((_CHUNK, engine.config.vocab_size), np.float32)
    context = engine.config.context
    # A window is read anew for each character after it, many at once: so all but the first few.
    one_by_one = len(inputs) if context is None else min(context, len(inputs))
    for first in range(0, one_by_one, _CHUNK):
        piece = slice(first, min(first + _CHUNK, one_by_one))
        yield state.forward(inputs[piece], rows), targets[piece]
    if context is not None and one_by_one < len(inputs):
        windows = np.lib.stride_tricks.sliding_window_view(inputs, context)[1:]
        for first in range(0, len(windows), _BATCH):
            piece = slice(first, first + _BATCH)
            yield engine.last_logits(windows[piece]), targets[context:][piece]


def _in_windows(engine: Engine, ids: Ids, window: int) -> Iterator[tuple[Array, Ids]]:
    """Give logits and targets as `predictions`, of windows that are read from the empty state."""
    if type(window) is not int or window < 1:
        raise SettingsError(f"window must be a whole number of at least 1, received {window!r}.")
    inputs, targets = _pairs(engine, ids)
    whole = len(inputs) // window * window
    for first in range(0, whole, _BATCH * window):
        rows = slice(first, min(first + _BATCH * window, whole))
        columns = inputs[rows].reshape(-1, window).T
        state = engine.start(columns.shape[1])
        for column, after in zip(columns, targets[rows].reshape(-1, window).T, strict=True):
            yield state.step(column), after
    if whole < len(inputs):
        yield from predictions(engine, ids[whole:])


def _pairs(engine: Engine, ids: Ids) -> tuple[Ids, Ids]:
    """Return a text's characters and those after them, checked."""
    ids = np.asarray(ids)
    if len(ids) < 2:
        raise SettingsError(f"At least 2 characters are needed for a score, received {len(ids)}.")
    engine.check_ids(ids)
    return ids[:-1], ids[1:]


@dataclass(frozen=True, kw_only=True, eq=False)
class Score:
    """A text under a model.

    Attributes:
        text: what was scored: prepared, without the characters the model never saw.
        dropped: those characters with their counts.
        nats: −ln p of each character of `text` after the first, which only is context; float64
            `(len(text) − 1,)`.
        top_ids, top_probabilities: the likeliest characters at each of those places, best first;
            `(len(text) − 1, min(5, vocab_size))`.
        vocabulary: the model's alphabet.
    """

    text: str
    dropped: dict[str, int]
    nats: NDArray[np.float64]
    top_ids: NDArray[np.int64]
    top_probabilities: NDArray[np.float64]
    vocabulary: Vocabulary

    @property
    def nats_per_char(self) -> float:
        """The mean of `nats`, the model's loss on the text."""
        return float(self.nats.mean())

    @property
    def bits_per_char(self) -> float:
        """The same in bits: what one character would cost, compressed with this model."""
        return self.nats_per_char / math.log(2)

    def alternatives(self, position: int) -> list[tuple[str, float]]:
        """Return what the model would likeliest have written at `text[position]`, with p.

        Raises:
            IndexError: position is not from 1 to `len(text) - 1`.
        """
        if not 1 <= position < len(self.text):
            raise IndexError(f"position must be from 1 to {len(self.text) - 1}: {position}")
        ids, probabilities = self.top_ids[position - 1], self.top_probabilities[position - 1]
        return list(zip(self.vocabulary.decode(ids), probabilities.tolist(), strict=True))


def score(engine: Engine, vocabulary: Vocabulary, text: str) -> Score:
    """Score a text, each character given all before it.

    Raises:
        SettingsError: fewer than two of the text's characters are known to the model.
    """
    kept, dropped = vocabulary.normalize(text)
    nats, top_ids, top_probabilities = [], [], []
    for logits, targets in predictions(engine, vocabulary.encode(kept)):
        nats.append(negative_log_likelihoods(logits, targets))
        best = np.argsort(-logits, axis=1, kind="stable")[:, :ALTERNATIVES]
        chances = np.empty(best.shape)
        for place, ids in enumerate(best.T):
            chances[:, place] = np.exp(-negative_log_likelihoods(logits, ids))
        top_ids.append(best)
        top_probabilities.append(chances)
    return Score(
        text=kept,
        dropped=dropped,
        nats=np.concatenate(nats),
        top_ids=np.concatenate(top_ids),
        top_probabilities=np.concatenate(top_probabilities),
        vocabulary=vocabulary,
    )
