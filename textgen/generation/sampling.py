"""Choosing the next character: a pure function of logits, settings and one random number."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from textgen.checks import check_settings, setting
from textgen.errors import SettingsError

DEFAULT_TEMPERATURE = 0.5

Sampler = Callable[[NDArray[np.floating], float], int]
"""Takes logits `(vocab_size,)` and a uniform number in [0, 1); returns the next character's id."""


class SamplingFilters(TypedDict, total=False):
    """The settings of `Sampling` except the temperature, as keyword arguments."""

    top_k: int | None
    top_p: float | None
    min_p: float | None
    no_repeat_ngram_size: int | None


class SamplingSettings(SamplingFilters, total=False):
    """The settings of `Sampling` as keyword arguments."""

    temperature: float


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How the next character is chosen from the model's probabilities.

    Args:
        temperature: 0 always picks the most likely character (greedy). Otherwise 0.01 to 10, by
            which the logits are divided: below 1 the text is safer, above 1 wilder.
            Ackley, Hinton and Sejnowski (1985), A Learning Algorithm for Boltzmann Machines.
        top_k: choose only among the `top_k` most likely characters, 1 or more; 0 = off.
            Fan, Lewis and Dauphin (2018), Hierarchical Neural Story Generation.
        top_p: choose only among the most likely characters, as few as possible, that together
            reach this probability at the given temperature, above 0 and up to 1; 1 = off.
            Holtzman et al. (2020), The Curious Case of Neural Text Degeneration.
        min_p: choose only among characters at least `min_p` times as probable as the most likely
            one at the given temperature, 0 to 1; 0 = off.
            Nguyen et al. (2024), Turning Up the Heat: Min-p Sampling for Creative and Coherent LLM
            Outputs.
        no_repeat_ngram_size: never repeat a sequence of this many characters that is already in
            the text, unless every character would repeat one, 2 to 100; 0 = off. 20 stops the
            loops at temperatures below 0.5: it allows repeated phrases, but not sentences.
            Paulus, Xiong and Socher (2018), A Deep Reinforced Model for Abstractive Summarization.

    For the last four, None also means off and becomes the number that does. If `top_k`, `top_p` and
    `min_p` are used together, only characters that pass all of them remain.

    Raises:
        SettingsError: a setting is outside its range.
    """

    temperature: float = setting(
        DEFAULT_TEMPERATURE,
        float,
        "randomness: 0 always picks the most likely character, below 1 is safer, above 1 wilder",
        at_least=0.01,
        at_most=10.0,
        zero="greedy",
    )
    top_k: int | None = setting(
        0, int, "choose only among the k most likely characters; 0 = off", at_least=0, optional=True
    )
    top_p: float | None = setting(
        1.0,
        float,
        "choose only among the most likely characters that together reach this probability; "
        "1 = off",
        above=0.0,
        at_most=1.0,
        optional=True,
    )
    min_p: float | None = setting(
        0.0,
        float,
        "drop characters whose probability is below this share of the highest one; 0 = off",
        at_least=0.0,
        at_most=1.0,
        optional=True,
    )
    no_repeat_ngram_size: int | None = setting(
        0,
        int,
        "never repeat a sequence this long; 0 = off, 20 stops the loops at low temperature",
        at_least=2,
        at_most=100,
        zero="off",
        optional=True,
    )

    def __post_init__(self) -> None:
        check_settings(self, SettingsError)
        # One value for "off", so that equal settings compare equal. The defaults are all off.
        for item in fields(self):
            if getattr(self, item.name) is None:
                object.__setattr__(self, item.name, item.default)

    @property
    def filters(self) -> bool:
        """Whether `top_k`, `top_p` or `min_p` is on."""
        return bool(self.top_k or self.top_p != 1 or self.min_p)


def probabilities(logits: NDArray[np.floating], sampling: Sampling) -> NDArray[np.float64]:
    """Return the distribution that a sampler draws from, float64 `(vocab_size,)`, summing to 1.

    `no_repeat_ngram_size` is ignored, since it depends on the text so far.
    """
    weights = _weights(logits, sampling)
    total: float = weights.sum()
    return weights / total


def make_sampler(sampling: Sampling, vocab_size: int, text: Iterable[int] = ()) -> Sampler:
    """Return a function that chooses the characters of one stream, one after the other.

    Each character uses exactly one random number, by inverting the cumulative distribution. So two
    models or two temperatures that get the same numbers differ only in what they learned or in
    their settings, never in their randomness.

    Args:
        sampling: how to choose.
        vocab_size: the number of characters.
        text: the ids so far, which `no_repeat_ngram_size` must not repeat. The function adds each
            id it returns.

    Returns:
        A function that takes logits `(vocab_size,)` and a uniform random number in [0, 1) and
        returns the next id. It may write into the logits.
    """
    sample_next, size = _make_sampler(sampling, vocab_size), sampling.no_repeat_ngram_size
    if not size:
        return sample_next
    ngrams = Ngrams(size, text)

    def sample_new(logits: NDArray[np.floating], uniform: float) -> int:
        ngrams.mask_repeats(logits)
        index = sample_next(logits, uniform)
        ngrams.add(index)
        return index

    return sample_new


class Ngrams:
    """The n-grams of one text, so that none is repeated.

    Args:
        size: characters in an n-gram.
        text: the ids so far.
    """

    def __init__(self, size: int, text: Iterable[int]) -> None:
        self._recent: deque[int] = deque(maxlen=size - 1)
        self._followers: dict[tuple[int, ...], set[int]] = {}
        for index in text:
            self.add(index)

    def add(self, index: int) -> None:
        """Append the next id to the text."""
        if len(self._recent) == self._recent.maxlen:
            self._followers.setdefault(tuple(self._recent), set()).add(index)
        self._recent.append(index)

    def mask_repeats(self, logits: NDArray[np.floating]) -> None:
        """Set the logits of ids that would repeat an n-gram to −∞, unless every id would."""
        followers = self._followers.get(tuple(self._recent), ())
        if 0 < len(followers) < len(logits):
            logits[list(followers)] = -np.inf


def _make_sampler(sampling: Sampling, vocab_size: int) -> Sampler:
    """Return a sampler that ignores `no_repeat_ngram_size` and has its own scratch arrays.

    It draws from the same distribution as `probabilities`. It is called for every character, so it
    is written for speed: no allocation, memory views to move single numbers, and bisection instead
    of `searchsorted`.
    """
    if sampling.temperature == 0:
        return lambda logits, _: int(logits.argmax())
    weights, shifted, cumulative = (np.empty(vocab_size) for _ in range(3))
    in_order, last = cumulative.data, vocab_size - 1
    each, largest = weights.data, np.empty(())
    largest_in = largest.reshape(1).data
    temperature = np.array(float(sampling.temperature))
    filtered = sampling.filters
    copyto, subtract, divide, exp = np.copyto, np.subtract, np.divide, np.exp
    accumulate = np.add.accumulate

    def sample_one(logits: NDArray[np.floating], uniform: float) -> int:
        copyto(weights, logits)
        largest_in[0] = each[logits.argmax()]
        subtract(weights, largest, shifted)
        divide(shifted, temperature, shifted)
        exp(shifted, shifted)
        if filtered:
            shifted[~filter_mask(shifted, sampling)] = 0.0
        accumulate(shifted, 0, None, cumulative)
        # Scaling the random number avoids dividing the whole array by its sum.
        return bisect_right(in_order, uniform * in_order[last])

    return sample_one


def _weights(logits: NDArray[np.floating], sampling: Sampling) -> NDArray[np.float64]:
    """Return unnormalized probabilities: exp((logits − max) / temperature), filtered."""
    weights = logits.astype(np.float64)
    if sampling.temperature == 0:
        weights[:] = np.arange(len(weights)) == weights.argmax()
        return weights
    weights -= weights.max()
    weights /= sampling.temperature
    np.exp(weights, out=weights)
    if sampling.filters:
        weights[~filter_mask(weights, sampling)] = 0.0
    return weights


def filter_mask(weights: NDArray[np.float64], sampling: Sampling) -> NDArray[np.bool_]:
    """Return which characters `top_k`, `top_p` and `min_p` keep, bool `(vocab_size,)`.

    Args:
        weights: unnormalized probabilities, `(vocab_size,)`, the largest 1.
        sampling: the settings.
    """
    order = np.argsort(-weights, kind="stable")
    count = min(sampling.top_k or len(order), len(order))
    if sampling.top_p is not None and sampling.top_p < 1:
        reached = weights[order].cumsum()
        count = min(count, int(reached.searchsorted(sampling.top_p * reached[-1])) + 1)
    if sampling.min_p:
        count = min(count, int(np.count_nonzero(weights >= sampling.min_p)))
    kept = np.zeros(len(order), dtype=bool)
    kept[order[:count]] = True
    return kept
