"""Several texts continued in one matrix product for each character."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from textgen.engine import Engine
from textgen.sampling import Sampling, batch_sampler


class Plan(NamedTuple):
    """A checked request: what is read, the random numbers to come, and how they are used."""

    ids: list[int]
    draws: NDArray[np.float64]
    sampling: Sampling


def continue_batch(engine: Engine, plans: Sequence[Plan]) -> list[list[int]]:
    """Return the ids that continue each plan's.

    Args:
        engine: of a model without a context; windows differ in length at first.
        plans: at least one, all with the same number of draws.
    """
    state, read = engine.start(len(plans)), {}
    for row, plan in enumerate(plans):
        past = tuple(plan.ids[:-1])
        if past not in read:
            read[past] = engine.start()
            for index in past:
                read[past].step(index)
        state.put(row, read[past])
    pick = batch_sampler(
        [plan.sampling for plan in plans],
        engine.config.vocab_size,
        [plan.ids for plan in plans],
    )
    indices = np.array([plan.ids[-1] for plan in plans])
    written = []
    for draws in np.array([plan.draws for plan in plans]).T:
        indices = pick(state.step(indices), draws)
        written.append(indices)
    return [column.tolist() for column in np.array(written).T]
