"""From logits to the next character: a pure function of logits, settings and one random number."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textgen.errors import SettingsError

DEFAULT_TEMPERATURE = 0.5
MIN_TEMPERATURE = 0.01
MAX_TEMPERATURE = 10.0

Picker = Callable[[NDArray[np.floating], float], int]
"""Logits `(vocab_size,)` and a draw from 0 up to 1 to the id of the next character."""


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
            same order, 2 or more; None lets everything be repeated. Ends the loops of temperatures
            below 0.5: 20 leaves phrases alone and stops sentences.
            Paulus, Xiong and Socher (2018), A Deep Reinforced Model for Abstractive Summarization.

    Where `top_k`, `top_p` and `min_p` are given together, the strictest decides.

    Raises:
        SettingsError: a setting is outside its range.
    """

    temperature: float = DEFAULT_TEMPERATURE
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    no_repeat_ngram_size: int | None = None

    def __post_init__(self) -> None:
        temperature = self.temperature
        if not _is_number(temperature) or not (
            temperature == 0 or MIN_TEMPERATURE <= temperature <= MAX_TEMPERATURE
        ):
            raise SettingsError(
                f"temperature must be 0 (greedy) or a number from {MIN_TEMPERATURE:g} to "
                f"{MAX_TEMPERATURE:g}, received {temperature!r}."
            )
        for name, least in (("top_k", 1), ("no_repeat_ngram_size", 2)):
            value = getattr(self, name)
            if value is not None and not (type(value) is int and value >= least):
                raise SettingsError(
                    f"{name} must be a whole number of at least {least}, or None, received "
                    f"{value!r}."
                )
        if self.top_p is not None and not (_is_number(self.top_p) and 0 < self.top_p <= 1):
            raise SettingsError(
                f"top_p must be a number above 0 and up to 1, or None, received {self.top_p!r}."
            )
        if self.min_p is not None and not (_is_number(self.min_p) and 0 <= self.min_p <= 1):
            raise SettingsError(
                f"min_p must be a number from 0 to 1, or None, received {self.min_p!r}."
            )

    @property
    def filters(self) -> bool:
        """Whether some characters are left out because they are unlikely."""
        return not (self.top_k is None and self.top_p is None and not self.min_p)


def probabilities(logits: NDArray[np.floating], sampling: Sampling) -> NDArray[np.float64]:
    """Return the distribution that `sample` draws from, float64 `(vocab_size,)`, summing to 1.

    It knows no text, so `no_repeat_ngram_size` plays no part.
    """
    weights = _weights(logits, sampling)
    total: float = weights.sum()
    return weights / total


def sample(logits: NDArray[np.floating], draw: float, sampling: Sampling) -> int:
    """Return the id of the next character.

    One random number decides one character, by inverting the cumulative distribution. So two
    models, or two temperatures, fed the same numbers differ by what they learned or were asked,
    never by luck.

    Args:
        logits: shape `(vocab_size,)`, finite.
        draw: a uniform random number from 0 up to but not including 1.
        sampling: how to draw; without a text, nothing is a repetition.
    """
    return _picker(sampling, len(logits))(logits, draw)


def sampler(sampling: Sampling, vocab_size: int, text: Iterable[int] = ()) -> Picker:
    """Return `sample` for one stream, to be asked for one character after the other.

    Args:
        sampling: how to draw.
        vocab_size: the number of characters.
        text: the ids so far, which `no_repeat_ngram_size` looks back on; what is drawn is added.

    Returns:
        A function of logits and draw that returns the next id. It may write into the logits.
    """
    pick, size = _picker(sampling, vocab_size), sampling.no_repeat_ngram_size
    if size is None:
        return pick
    ngrams = _Ngrams(size, text)

    def pick_new(logits: NDArray[np.floating], draw: float) -> int:
        ngrams.rule_out(logits)
        index = pick(logits, draw)
        ngrams.add(index)
        return index

    return pick_new


class _Ngrams:
    """The n-grams of one text, so that none is written again."""

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

    def rule_out(self, logits: NDArray[np.floating]) -> None:
        """Set the logits of ids that would repeat an n-gram to −∞; none, where that were all."""
        followers = self._followers.get(tuple(self._recent), ())
        if 0 < len(followers) < len(logits):
            logits[list(followers)] = -np.inf


def _picker(sampling: Sampling, vocab_size: int) -> Picker:
    """Return `sample` with arrays of its own.

    What it computes is `probabilities`; how, is chosen for a call that is made for every
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

    def draw_one(logits: NDArray[np.floating], draw: float) -> int:
        copyto(weights, logits)
        largest_in[0] = each[logits.argmax()]
        subtract(weights, largest, shifted)
        divide(shifted, temperature, shifted)
        exp(shifted, shifted)
        if filtered:
            shifted[~_kept(shifted, sampling)] = 0.0
        accumulate(shifted, 0, None, cumulative)
        # Scaling the draw instead of dividing by the sum spares a pass.
        return bisect_right(in_order, draw * in_order[last])

    return draw_one


def batch_sampler(
    samplings: Sequence[Sampling], vocab_size: int, texts: Sequence[Iterable[int]]
) -> Callable[[NDArray[np.floating], NDArray[np.float64]], NDArray[np.int64]]:
    """Return `sampler` for several streams at once, each with settings and a text of its own.

    Returns:
        A function of logits `(batch, vocab_size)` and draws `(batch,)` that returns ids `(batch,)`,
        the same that `sampler` gives row by row. It may write into the logits.
    """
    greedy = np.array([sampling.temperature == 0 for sampling in samplings])
    # A greedy row's weights are computed like the others' and not used.
    divisors = np.array([[float(sampling.temperature) or 1.0] for sampling in samplings])
    filtered = [row for row, sampling in enumerate(samplings) if sampling.filters]
    ngrams = [
        (row, _Ngrams(sampling.no_repeat_ngram_size, text))
        for row, (sampling, text) in enumerate(zip(samplings, texts, strict=True))
        if sampling.no_repeat_ngram_size is not None
    ]
    shape = len(samplings), vocab_size
    weights, cumulative = (np.empty(shape) for _ in range(2))
    reached = np.empty(shape, bool)
    starts = np.arange(0, weights.size, vocab_size)
    some_greedy = greedy.any()

    def draw_batch(logits: NDArray[np.floating], draws: NDArray[np.float64]) -> NDArray[np.int64]:
        for row, written in ngrams:
            written.rule_out(logits[row])
        best = logits.argmax(axis=1)
        np.copyto(weights, logits)
        np.subtract(weights, weights.take(best + starts)[:, None], weights)
        np.divide(weights, divisors, weights)
        np.exp(weights, weights)
        for row in filtered:
            weights[row, ~_kept(weights[row], samplings[row])] = 0.0
        np.add.accumulate(weights, 1, None, cumulative)
        np.less_equal(cumulative, (draws * cumulative[:, -1])[:, None], reached)
        # The first that is not reached: there is one, since every draw is below 1.
        ids: NDArray[np.int64] = reached.argmin(axis=1)
        if some_greedy:
            ids = np.where(greedy, best, ids)
        for row, written in ngrams:
            written.add(int(ids[row]))
        return ids

    return draw_batch


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
        weights[~_kept(weights, sampling)] = 0.0
    return weights


def _kept(weights: NDArray[np.float64], sampling: Sampling) -> NDArray[np.bool_]:
    """Return which characters are drawn among, given weights whose largest is 1."""
    order = np.argsort(-weights, kind="stable")
    count = len(order) if sampling.top_k is None else min(sampling.top_k, len(order))
    if sampling.top_p is not None:
        reached = weights[order].cumsum()
        count = min(count, int(reached.searchsorted(sampling.top_p * reached[-1])) + 1)
    if sampling.min_p:
        count = min(count, int(np.count_nonzero(weights >= sampling.min_p)))
    kept = np.zeros(len(order), dtype=bool)
    kept[order[:count]] = True
    return kept


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
