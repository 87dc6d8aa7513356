"""How well a model predicts a text, in nats or bits, on average and for each character."""

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

CONTEXT_LENGTHS = tuple(2**power for power in range(9))
"""The numbers of earlier characters for `bits_by_context`, 1 to 256."""
ALTERNATIVES = 5  # most likely characters kept for each position
_CHUNK = 4096  # characters per piece of logits
_BATCH = 256  # windows per matrix product
_FEWEST_TARGETS = 256  # characters predicted for each length of context


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """A model's mean surprise (−ln of the probability) per character of a text; lower is better.

    Attributes:
        nats_per_char: the mean, in nats.
        characters: how many characters were scored.
    """

    nats_per_char: float
    characters: int

    @property
    def bits_per_char(self) -> float:
        """The same in bits: what each character would take if this model compressed the text."""
        return self.nats_per_char / math.log(2)


def negative_log_likelihoods(logits: NDArray[np.floating], ids: Ids) -> NDArray[np.float64]:
    """Return −ln p of each id, in nats, float64 `(n,)`.

    Args:
        logits: the logits that predict each id, shape `(n, vocab_size)`.
        ids: shape `(n,)`.
    """
    shifted = logits.astype(np.float64)
    shifted -= shifted.max(axis=1, keepdims=True)
    log_total = np.log(np.exp(shifted).sum(axis=1))
    result: NDArray[np.float64] = log_total - shifted[np.arange(len(ids)), ids]
    return result


def evaluate(engine: Engine, ids: Ids, *, window: int | None = None) -> Evaluation:
    """Score every character of a text except the first, each once.

    Memory use does not grow with the text, and nothing is sampled.

    Args:
        engine: the model.
        ids: shape `(n,)`, n at least 2.
        window: None predicts each character from all characters before it, and the state is carried
            through the whole text (a model with a context sees only its last characters). A number
            cuts the text into windows of that many characters and starts each from the empty state.
            A model without a state has to be measured that way; nanoGPT's results use 256.

    Raises:
        SettingsError: fewer than two ids, or a window shorter than one character.
        VocabularyError: an id is outside the vocabulary.
    """
    pieces = predictions(engine, ids) if window is None else _in_windows(engine, ids, window)
    total = sum(float(negative_log_likelihoods(*predicted).sum()) for predicted in pieces)
    return Evaluation(nats_per_char=total / (len(ids) - 1), characters=len(ids) - 1)


def surprises(engine: Engine, ids: Ids) -> NDArray[np.float64]:
    """Return −ln p of every character of a text except the first, given all before it.

    Args:
        engine: the model.
        ids: shape `(n,)`, n at least 2.

    Returns:
        Nats, float64 `(n − 1,)`; their mean is the loss that `evaluate` returns.

    Raises:
        SettingsError: fewer than two ids.
        VocabularyError: an id is outside the vocabulary.
    """
    return np.concatenate(
        [negative_log_likelihoods(*predicted) for predicted in predictions(engine, ids)]
    )


def bits_by_context(
    engine: Engine, ids: Ids, nats: NDArray[np.float64], *, steps: int = 16_384
) -> dict[int, float]:
    """Return the loss, in bits per character, if the model is shown only a few characters.

    For each length it measures how much worse some characters are predicted if the model starts
    from the empty state that many characters before them, and adds the mean to the loss on the
    whole text. The characters are spread evenly over the text. There are more of them for short
    lengths, where the difference varies more and costs less.

    Args:
        engine: the model.
        ids: a text, shape `(n,)`.
        nats: `surprises(engine, ids)`.
        steps: about the number of characters to read for each length; at least 256 characters are
            predicted.

    Returns:
        Number of earlier characters → bits per character, for each of `CONTEXT_LENGTHS` that the
        text and the model's own context allow.
    """
    longest = min(len(ids) - 1, engine.config.context or len(ids))
    result = {}
    for length in CONTEXT_LENGTHS:
        if length > longest:
            break
        targets = np.arange(length, len(ids))
        count = min(len(targets), max(_FEWEST_TARGETS, steps // length))
        targets = targets[np.linspace(0, len(targets) - 1, count).astype(int)]
        added = 0.0
        for first in range(0, count, _BATCH):
            chosen = targets[first : first + _BATCH]
            windows = ids[chosen[:, None] + np.arange(-length, 0)]
            shown = negative_log_likelihoods(engine.last_logits(windows), ids[chosen])
            added += float((shown - nats[chosen - 1]).sum())
        result[length] = max(0.0, float(nats.mean()) + added / count) / math.log(2)
    return result


def predictions(engine: Engine, ids: Ids) -> Iterator[tuple[Array, Ids]]:
    """Yield the logits for a text and the ids they should predict, in pieces of bounded size.

    Args:
        engine: the model.
        ids: shape `(n,)`, n at least 2.

    Returns:
        An iterator over pairs: logits `(k, vocab_size)`, which the next piece overwrites, and the
        ids `(k,)` of the characters they should predict; n − 1 of each in total.

    Raises:
        SettingsError: fewer than two ids.
        VocabularyError: an id is outside the vocabulary.
    """
    inputs, targets = _pairs(engine, ids)
    state, rows = engine.start(), np.empty((_CHUNK, engine.config.vocab_size), np.float32)
    context = engine.config.context
    # With a context, each character has its own window. All but the first, shorter ones are read
    # in batches.
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
    """Yield logits and targets like `predictions`, but start each window from the empty state."""
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
    """Check the ids, and return those that are read and those that should be predicted."""
    ids = np.asarray(ids)
    if len(ids) < 2:
        raise SettingsError(f"A score needs at least 2 known characters, received {len(ids)}.")
    engine.check_ids(ids)
    return ids[:-1], ids[1:]


@dataclass(frozen=True, kw_only=True, eq=False)
class Score:
    """How well a model predicts each character of a text.

    Attributes:
        text: the text that was scored: preprocessed, without characters outside the vocabulary.
        dropped: the removed characters with their counts.
        nats: −ln p of each character of `text` except the first, which is only read; float64
            `(len(text) − 1,)`.
        top_ids, top_probabilities: the most likely characters at each of these positions, most
            likely first; `(len(text) − 1, min(5, vocab_size))`.
        vocabulary: of the model.
    """

    text: str
    dropped: dict[str, int]
    nats: NDArray[np.float64]
    top_ids: NDArray[np.int64]
    top_probabilities: NDArray[np.float64]
    vocabulary: Vocabulary

    @property
    def nats_per_char(self) -> float:
        """The mean of `nats`: the model's loss on the text."""
        return float(self.nats.mean())

    @property
    def bits_per_char(self) -> float:
        """The same in bits: what each character would take if this model compressed the text."""
        return self.nats_per_char / math.log(2)

    def alternatives(self, position: int) -> list[tuple[str, float]]:
        """Return the most likely characters at `text[position]`, each with its probability.

        Raises:
            IndexError: position is not from 1 to `len(text) − 1`.
        """
        if not 1 <= position < len(self.text):
            raise IndexError(
                f"position must be from 1 to {len(self.text) - 1}, received {position}."
            )
        ids, probabilities = self.top_ids[position - 1], self.top_probabilities[position - 1]
        return list(zip(self.vocabulary.decode(ids), probabilities.tolist(), strict=True))


def score(engine: Engine, vocabulary: Vocabulary, text: str) -> Score:
    """Score a text: how likely each character is, given all characters before it.

    Raises:
        SettingsError: fewer than two characters of the text are in the vocabulary.
    """
    kept, dropped = vocabulary.clean(text)
    nats, top_ids, top_probabilities = [], [], []
    for logits, targets in predictions(engine, vocabulary.encode(kept)):
        nats.append(negative_log_likelihoods(logits, targets))
        best = np.argsort(-logits, axis=1, kind="stable")[:, :ALTERNATIVES]
        probabilities = np.empty(best.shape)
        for rank, ids in enumerate(best.T):
            probabilities[:, rank] = np.exp(-negative_log_likelihoods(logits, ids))
        top_ids.append(best)
        top_probabilities.append(probabilities)
    return Score(
        text=kept,
        dropped=dropped,
        nats=np.concatenate(nats),
        top_ids=np.concatenate(top_ids),
        top_probabilities=np.concatenate(top_probabilities),
        vocabulary=vocabulary,
    )
