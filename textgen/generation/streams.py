"""Several texts continued in one matrix product for each character."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from textgen.generation.sampling import Ngrams, Sampling, filter_mask
from textgen.network.engine import Engine, State


class GenerationPlan(NamedTuple):
    """A checked request: what is read, the random numbers to come, and how they are used."""

    ids: list[int]
    uniforms: NDArray[np.float64]
    sampling: Sampling


def continue_batch(engine: Engine, plans: Sequence[GenerationPlan]) -> list[list[int]]:
    """Return the ids that continue each plan's.

    Args:
        engine: of a model without a context; windows differ in length at first.
        plans: at least one, all with the same number of draws.
    """
    state = _read(engine, [plan.ids[:-1] for plan in plans])
    sample_next = make_batch_sampler(
        [plan.sampling for plan in plans],
        engine.config.vocab_size,
        [plan.ids for plan in plans],
    )
    indices = np.array([plan.ids[-1] for plan in plans])
    written = []
    for uniforms in np.array([plan.uniforms for plan in plans]).T:
        indices = sample_next(state.step(indices), uniforms)
        written.append(indices)
    return [column.tolist() for column in np.array(written).T]


def _read(engine: Engine, texts: Sequence[list[int]]) -> State:
    """Return the state of a batch that has read a text in each row; equal ones are read once."""
    rows: dict[tuple[int, ...], list[int]] = {}
    for row, text in enumerate(texts):
        rows.setdefault(tuple(text), []).append(row)
    state = engine.start(len(texts))
    for past, its_rows in rows.items():
        single = engine.start()
        single.prefill(list(past))
        for row in its_rows:
            state.set_row(row, single)
    return state


def make_batch_sampler(
    samplings: Sequence[Sampling], vocab_size: int, texts: Sequence[Iterable[int]]
) -> Callable[[NDArray[np.floating], NDArray[np.float64]], NDArray[np.int64]]:
    """Return `make_sampler` for several streams at once, each with settings and a text of its own.

    Returns:
        A function of logits `(batch, vocab_size)` and draws `(batch,)` that returns ids `(batch,)`,
        the same that `make_sampler` gives row by row. It may write into the logits.
    """
    greedy = np.array([sampling.temperature == 0 for sampling in samplings])
    # A greedy row's weights are computed like the others' and not used.
    divisors = np.array([[float(sampling.temperature) or 1.0] for sampling in samplings])
    filtered = [row for row, sampling in enumerate(samplings) if sampling.filters]
    ngrams = [
        (row, Ngrams(sampling.no_repeat_ngram_size, text))
        for row, (sampling, text) in enumerate(zip(samplings, texts, strict=True))
        if sampling.no_repeat_ngram_size is not None
    ]
    shape = len(samplings), vocab_size
    weights, cumulative = (np.empty(shape) for _ in range(2))
    reached = np.empty(shape, bool)
    starts = np.arange(0, weights.size, vocab_size)
    some_greedy = greedy.any()

    def sample_batch(
        logits: NDArray[np.floating], uniforms: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        for row, written in ngrams:
            written.mask_repeats(logits[row])
        best = logits.argmax(axis=1)
        np.copyto(weights, logits)
        np.subtract(weights, weights.take(best + starts)[:, None], weights)
        np.divide(weights, divisors, weights)
        np.exp(weights, weights)
        for row in filtered:
            weights[row, ~filter_mask(weights[row], samplings[row])] = 0.0
        np.add.accumulate(weights, 1, None, cumulative)
        np.less_equal(cumulative, (uniforms * cumulative[:, -1])[:, None], reached)
        # The first that is not reached: there is one, since every draw is below 1.
        ids: NDArray[np.int64] = reached.argmin(axis=1)
        if some_greedy:
            ids = np.where(greedy, best, ids)
        for row, written in ngrams:
            written.add(int(ids[row]))
        return ids

    return sample_batch
