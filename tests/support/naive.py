"""Slow reference implementations, written from the definitions."""

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from textgen.generation.sampling import Sampling
from textgen.network.weights import Weights

SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 100, 101, 102, 103, 5000]
"""Sizes of packed sets, so that every number of unused bits at the end occurs."""


def packed(hashes: Iterable[int]) -> bytes:
    """Return a set of hashes in its file format, written bit by bit."""
    distinct = set(hashes)
    count = len(distinct)
    values = sorted(number % (4096 * count) for number in distinct)
    low = "".join(f"{value % 4096:012b}" for value in values) + "0" * (12 * (count % 2))
    marks = {value // 4096 + index for index, value in enumerate(values)}
    high = "".join("01"[index in marks] for index in range(2 * count)) + "0" * (-2 * count % 8)
    return bytes(int((low + high)[bit : bit + 8], 2) for bit in range(0, len(low + high), 8))


def words(text: str) -> list[str]:
    """Return the words of a text that has no combining marks and that NFC leaves unchanged."""
    assert unicodedata.is_normalized("NFC", text)
    found = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text)
    return [word.replace("’", "'").casefold() for word in found]


def sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logistic function of each element."""
    return 1 / (1 + np.exp(-x))


def lstm(ids: Iterable[int], rows: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    """Return the logits after each id, shape `(len(ids), vocab_size)`.

    Args:
        ids: the characters.
        rows: `rows[id]` is the input vector of a character.
        weights: the model's.
    """
    h = [np.zeros(len(layer.recurrent_kernel)) for layer in weights.lstm]
    c = [np.zeros(len(layer.recurrent_kernel)) for layer in weights.lstm]
    logits = []
    for index in ids:
        x = rows[index]
        for k, layer in enumerate(weights.lstm):
            z = x @ layer.kernel + h[k] @ layer.recurrent_kernel + layer.bias
            i, f, g, o = np.split(z, 4)
            c[k] = sigmoid(f) * c[k] + sigmoid(i) * np.tanh(g)
            x = h[k] = sigmoid(o) * np.tanh(c[k])
        logits.append(x @ weights.kernel + weights.bias)
    return np.array(logits)


def sample(
    logits: Sequence[float] | NDArray[np.floating], uniform: float, sampling: Sampling
) -> int:
    """Return the id that a uniform random number selects, without a repetition filter."""
    order = sorted(range(len(logits)), key=lambda index: -logits[index])
    best = order[0]  # the first of equals: sorting is stable
    if sampling.temperature == 0:
        return best
    weights = [math.exp((float(x) - float(logits[best])) / sampling.temperature) for x in logits]
    allowed = order[: sampling.top_k or None]
    if sampling.top_p is not None and sampling.top_p < 1:
        reached, fewest = 0.0, []
        for index in order:
            if reached < sampling.top_p * sum(weights):
                fewest.append(index)
            reached += weights[index]
        allowed = [index for index in allowed if index in fewest]
    if sampling.min_p:
        allowed = [index for index in allowed if weights[index] >= sampling.min_p]
    kept = [weight if index in allowed else 0.0 for index, weight in enumerate(weights)]
    reached = 0.0
    for index, weight in enumerate(kept):
        reached += weight
        if uniform * sum(kept) < reached:
            return index
    return max(allowed)  # rounding of the sums may lead here
