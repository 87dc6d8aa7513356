"""From logits to the next character: a pure function of logits, settings and one random number."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textgen.errors import SettingsError

DEFAULT_TEMPERATURE = 0.5
MIN_TEMPERATURE = 0.01
MAX_TEMPERATURE = 10.0


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

    Raises:
        SettingsError: a setting is outside its range.
    """

    temperature: float = DEFAULT_TEMPERATURE
    top_k: int | None = None
    top_p: float | None = None

    def __post_init__(self) -> None:
        temperature = self.temperature
        if not _is_number(temperature) or not (
            temperature == 0 or MIN_TEMPERATURE <= temperature <= MAX_TEMPERATURE
        ):
            raise SettingsError(
                f"temperature must be 0 (greedy) or a number from {MIN_TEMPERATURE:g} to "
                f"{MAX_TEMPERATURE:g}, received {temperature!r}."
            )
        if self.top_k is not None and not (type(self.top_k) is int and self.top_k >= 1):
            raise SettingsError(
                f"top_k must be a whole number of at least 1, or None, received {self.top_k!r}."
            )
        if self.top_p is not None and not (_is_number(self.top_p) and 0 < self.top_p <= 1):
            raise SettingsError(
                f"top_p must be a number above 0 and up to 1, or None, received {self.top_p!r}."
            )


def probabilities(logits: NDArray[np.floating], sampling: Sampling) -> NDArray[np.float64]:
    """Return the distribution that `sample` draws from, float64 `(vocab_size,)`, summing to 1."""
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
        sampling: how to draw.
    """
    return sampler(sampling, len(logits))(logits, draw)


def sampler(sampling: Sampling, vocab_size: int) -> Callable[[NDArray[np.floating], float], int]:
    """Return `sample` for one stream: a function of logits and draw, with arrays of its own.

    What it computes is `probabilities`; how, is chosen for a call that is made for every
    character: no allocation, a slice in place of `max`, bisection in place of `searchsorted`.
    """
    if sampling.temperature == 0:
        return lambda logits, _: int(logits.argmax())
    weights, shifted, cumulative = (np.empty(vocab_size) for _ in range(3))
    in_order, last = cumulative.data, vocab_size - 1
    temperature = np.array(float(sampling.temperature))
    filtered = sampling.top_k is not None or sampling.top_p is not None
    copyto, subtract, divide, exp = np.copyto, np.subtract, np.divide, np.exp
    accumulate = np.add.accumulate

    def draw_one(logits: NDArray[np.floating], draw: float) -> int:
        copyto(weights, logits)
        top = int(logits.argmax())
        subtract(weights, weights[top : top + 1], shifted)
        divide(shifted, temperature, shifted)
        exp(shifted, shifted)
        if filtered:
            shifted[~_kept(shifted, sampling)] = 0.0
        accumulate(shifted, 0, None, cumulative)
        # Scaling the draw instead of dividing by the sum spares a pass.
        return bisect_right(in_order, draw * in_order[last])

    return draw_one


def batch_sampler(
    samplings: Sequence[Sampling], vocab_size: int
) -> Callable[[NDArray[np.floating], NDArray[np.float64]], NDArray[np.int64]]:
    """Return `sample` for several streams at once, each with settings of its own.

    Returns:
        A function of logits `(batch, vocab_size)` and draws `(batch,)` that returns ids `(batch,)`,
        the same that `sample` gives row by row.
    """
    greedy = np.array([sampling.temperature == 0 for sampling in samplings])
    # A greedy row's weights are computed like the others' and not used.
    divisors = np.array([[float(sampling.temperature) or 1.0] for sampling in samplings])
    filtered = [
        row
        for row, sampling in enumerate(samplings)
        if sampling.top_k is not None or sampling.top_p is not None
    ]
    shape = len(samplings), vocab_size
    weights, cumulative = (np.empty(shape) for _ in range(2))
    reached = np.empty(shape, bool)
    starts = np.arange(0, weights.size, vocab_size)
    some_greedy = greedy.any()

    def draw_batch(logits: NDArray[np.floating], draws: NDArray[np.float64]) -> NDArray[np.int64]:
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
        return np.where(greedy, best, ids) if some_greedy else ids

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
    if sampling.top_k is not None or sampling.top_p is not None:
        weights[~_kept(weights, sampling)] = 0.0
    return weights


def _kept(weights: NDArray[np.float64], sampling: Sampling) -> NDArray[np.bool_]:
    order = np.argsort(-weights, kind="stable")
    count = len(order) if sampling.top_k is None else min(sampling.top_k, len(order))
    if sampling.top_p is not None:
        reached = weights[order].cumsum()
        count = min(count, int(reached.searchsorted(sampling.top_p * reached[-1])) + 1)
    kept = np.zeros(len(order), dtype=bool)
    kept[order[:count]] = True
    return kept


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
