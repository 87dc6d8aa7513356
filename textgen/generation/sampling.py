"""From logits to the next character: a pure function of logits, settings and one random number."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from textgen.checks import check_settings, setting
from textgen.errors import SettingsError

DEFAULT_TEMPERATURE = 0.5

Sampler = Callable[[NDArray[np.floating], float], int]
"""Logits `(vocab_size,)` and a uniform number from 0 up to 1 to the id of the next character."""


class SamplingFilters(TypedDict, total=False):
    """The settings of `Sampling` but the temperature, as keyword arguments."""

    top_k: int | None
    top_p: float | None
    min_p: float | None
    no_repeat_ngram_size: int | None


class SamplingSettings(SamplingFilters, total=False):
    """The settings of `Sampling` as keyword arguments."""

    temperature: float


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How adventurously the next character is drawn.

    Args:
        temperature: 0 always takes the likeliest character (greedy); else 0.01 to 10, by which
            the logits are divided: below 1 safer than what the model learned, above 1 wilder.
            Ackley, Hinton and Sejnowski (1985), A Learning Algorithm for Boltzmann Machines.
        top_k: draw among the `top_k` likeliest only, 1 or more; None for all.
            Fan, Lewis and Dauphin (2018), Hierarchical Neural Story Generation.
        top_p: draw among the fewest likeliest characters that together reach this probability
            at the given temperature, above 0 and up to 1; None for all.
            Holtzman et al. (2020), The Curious Case of Neural Text Degeneration.
        min_p: draw among characters at least `min_p` times as probable as the likeliest at the
            given temperature, 0 to 1; None, as 0, for all.
            Nguyen et al. (2024), Turning Up the Heat: Min-p Sampling for Creative and Coherent LLM
            Outputs.
        no_repeat_ngram_size: never write so many characters that stand in the text already, in the
            same order, unless every character would, 2 to 100; None lets everything be repeated.
            Ends the loops of temperatures below 0.5: 20 leaves phrases alone and stops sentences.
            Paulus, Xiong and Socher (2018), A Deep Reinforced Model for Abstractive Summarization.

    Where `top_k`, `top_p` and `min_p` are given together, the strictest decides.

    Raises:
        SettingsError: a setting is outside its range.
    """

    temperature: float = setting(
        DEFAULT_TEMPERATURE,
        float,
        "how adventurous: 0 always the likeliest character, below 1 safer, above 1 wilder",
        at_least=0.01,
        at_most=10.0,
        zero="greedy",
    )
    top_k: int | None = setting(
        None, int, "draw among so many likeliest characters only", at_least=1, optional=True
    )
    top_p: float | None = setting(
        None,
        float,
        "draw among the likeliest characters that together reach this probability",
        above=0.0,
        at_most=1.0,
        optional=True,
    )
    min_p: float | None = setting(
        None,
        float,
        "draw among characters at least so many times as probable as the likeliest",
        at_least=0.0,
        at_most=1.0,
        optional=True,
    )
    no_repeat_ngram_size: int | None = setting(
        None,
        int,
        "never write so many characters in a row that stand there already, unless all would; 20 "
        "ends the loops of low temperatures",
        at_least=2,
        at_most=100,
        optional=True,
    )

    def __post_init__(self) -> None:
        check_settings(self, SettingsError)

    @property
    def filters(self) -> bool:
        """Whether some characters are left out because they are unlikely."""
        return not (self.top_k is None and self.top_p is None and not self.min_p)


def probabilities(logits: NDArray[np.floating], sampling: Sampling) -> NDArray[np.float64]:
    """Return the distribution that a sampler draws from, float64 `(vocab_size,)`, summing to 1.

    It knows no text, so `no_repeat_ngram_size` plays no part.
    """
    weights = _weights(logits, sampling)
    total: float = weights.sum()
    return weights / total


def make_sampler(sampling: Sampling, vocab_size: int, text: Iterable[int] = ()) -> Sampler:
    """Return what draws the characters of one stream, one after the other.

    One random number decides one character, by inverting the cumulative distribution. So two
    models, or two temperatures, fed the same numbers differ by what they learned or were asked,
    never by luck.

    Args:
        sampling: how to draw.
        vocab_size: the number of characters.
        text: the ids so far, which `no_repeat_ngram_size` looks back on; what is drawn is added.

    Returns:
        A function of logits and a uniform random number from 0 up to but not including 1, which
        returns the next id. It may write into the logits.
    """
    sample_next, size = _make_sampler(sampling, vocab_size), sampling.no_repeat_ngram_size
    if size is None:
        return sample_next
    ngrams = Ngrams(size, text)

    def sample_new(logits: NDArray[np.floating], uniform: float) -> int:
        ngrams.mask_repeats(logits)
        index = sample_next(logits, uniform)
        ngrams.add(index)
        return index

    return sample_new


class Ngrams:
    """The n-grams of one text, so that none is written again.

    Args:
        size: characters of an n-gram.
        text: the ids so far.
    """

    def __init__(self, size: int, text: Iterable[int]) -> None:
        self._recent: deque[int] = deque(maxlen=size - 1)
        self._followers: dict[tuple[int, ...], set[int]] = {}
        for index in text:
            self.add(index)

    def add(self, index: int) -> None:
        """Take the next id of the text."""
        if len(self._recent) == self._recent.maxlen:
            self._followers.setdefault(tuple(self._recent), set()).add(index)
        self._recent.append(index)

    def mask_repeats(self, logits: NDArray[np.floating]) -> None:
        """Set the logits of ids that would repeat an n-gram to −∞; none, where that were all."""
        followers = self._followers.get(tuple(self._recent), ())
        if 0 < len(followers) < len(logits):
            logits[list(followers)] = -np.inf


def _make_sampler(sampling: Sampling, vocab_size: int) -> Sampler:
    """Return the sampler of a stream in which nothing is a repetition, with arrays of its own.

    What it draws from is `probabilities`; how, is chosen for a call that is made for every
    character: no allocation, numbers moved through memory views, bisection in place of
    `searchsorted`.
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
        # Scaling the draw instead of dividing by the sum spares a pass.
        return bisect_right(in_order, uniform * in_order[last])

    return sample_one


def _weights(logits: NDArray[np.floating], sampling: Sampling) -> NDArray[np.float64]:
    """Return unnormalised probabilities: exp((logits − max) / temperature), filtered."""
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
    """Return which characters are drawn among, given weights whose largest is 1."""
    order = np.argsort(-weights, kind="stable")
    count = len(order) if sampling.top_k is None else min(sampling.top_k, len(order))
    if sampling.top_p is not None:
        reached = weights[order].cumsum()
        count = min(count, int(reached.searchsorted(sampling.top_p * reached[-1])) + 1)
    if sampling.min_p:
        count = min(count, int(np.count_nonzero(weights >= sampling.min_p)))
    filter_mask = np.zeros(len(order), dtype=bool)
    filter_mask[order[:count]] = True
    return filter_mask
