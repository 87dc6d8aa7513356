"""Streams of new characters: one stream at a time, or a batch that shares its matrix products."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from textgen.checks import Setting
from textgen.generation.sampling import Ngrams, Sampling, filter_mask, make_sampler
from textgen.network.engine import Engine, State

DEFAULT_LENGTH = 400
MAX_LENGTH = 100_000
MAX_SEED = 2**128 - 1
LENGTH = Setting(kind=int, help="number of new characters", at_least=1, at_most=MAX_LENGTH)
SEED = Setting(
    kind=int,
    help="random seed",
    at_least=0,
    at_most=MAX_SEED,
    optional=True,
)


class GenerationPlan(NamedTuple):
    """What a stream needs: the ids of the prompt, one random number per new character, settings."""

    ids: list[int]
    uniforms: NDArray[np.float64]
    sampling: Sampling


def make_plan(ids: list[int], length: Any, seed: Any, sampling: Sampling) -> GenerationPlan:
    """Check the length and the seed, and draw one random number for each new character.

    Args:
        ids: the prompt, at least one id.
        length: number of new characters, 1 to `MAX_LENGTH`.
        seed: random seed, 0 to `MAX_SEED`; None for a new one.
        sampling: how characters are chosen.

    Raises:
        SettingsError: `length` or `seed` is outside its range.
    """
    length, seed = LENGTH.check("length", length), SEED.check("seed", seed)
    return GenerationPlan(ids, np.random.default_rng(seed).random(length), sampling)


def continue_stream(engine: Engine, plan: GenerationPlan) -> Iterator[int]:
    """Yield the new ids of a plan, one at a time."""
    state = engine.start()
    state.prefill(plan.ids[:-1])
    sample_next = make_sampler(plan.sampling, engine.config.vocab_size, plan.ids)
    step, index = state.step, plan.ids[-1]
    for uniform in plan.uniforms.tolist():
        index = sample_next(step(index), uniform)
        yield index


def continue_batch(engine: Engine, plans: Sequence[GenerationPlan]) -> list[list[int]]:
    """Return the new ids of each plan.

    A model with a context runs the plans one after the other, because its first windows differ in
    length.

    Args:
        engine: the model.
        plans: at least one, all with the same number of uniforms.
    """
    if engine.config.context is not None:
        return [list(continue_stream(engine, plan)) for plan in plans]
    state = _prefilled(engine, [plan.ids[:-1] for plan in plans])
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


def _prefilled(engine: Engine, texts: Sequence[list[int]]) -> State:
    """Return the state of a batch after one text per row. Equal texts are read only once."""
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
    """Return a sampler for several streams at once, each with its own settings and text.

    Args:
        samplings: the settings of each stream.
        vocab_size: the number of characters.
        texts: the ids of each stream so far; see `make_sampler`.

    Returns:
        A function that takes logits `(batch, vocab_size)` and uniform random numbers `(batch,)` in
        [0, 1). It returns ids `(batch,)`, the same as one `make_sampler` per row. It may write into
        the logits.
    """
    greedy = np.array([sampling.temperature == 0 for sampling in samplings])
    # The weights of greedy rows are computed like all others, but not used.
    divisors = np.array([[float(sampling.temperature) or 1.0] for sampling in samplings])
    filtered = [row for row, sampling in enumerate(samplings) if sampling.filters]
    ngrams = [
        (row, Ngrams(sampling.no_repeat_ngram_size, text))
        for row, (sampling, text) in enumerate(zip(samplings, texts, strict=True))
        if sampling.no_repeat_ngram_size
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
        # The first one above the random number. There always is one, since the number is below 1.
        ids: NDArray[np.int64] = reached.argmin(axis=1)
        if some_greedy:
            ids = np.where(greedy, best, ids)
        for row, written in ngrams:
            written.add(int(ids[row]))
        return ids

    return sample_batch
