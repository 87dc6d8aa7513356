"""How a model sees a text, character by character: surprise, and what it would have written."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textgen.generation.evaluation import negative_log_likelihoods, predictions
from textgen.network.engine import Engine
from textgen.text.vocabulary import Vocabulary

ALTERNATIVES = 5


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
