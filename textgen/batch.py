"""Several texts continued in one matrix product for each character."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from textgen.engine import Engine
from textgen.sampling import Sampling, batch_sampler


class Plan(NamedTuple):
    """A checked request: what is read, the random numbers to come, and how they are used."""

    ids: list[int]
    draws: list[float]
    sampling: Sampling


def continue_batch(engine: Engine, plans: Sequence[Plan]) -> list[list[int]]:
    """Return the ids that continue each plan's.

    Args:
        engine: of a model without a context; windows differ in length at first.
        plans: at least one, all with the same number of draws.
    """
    state = engine.start(len(plans))
    for row, plan in enumerate(plans):
        single = engine.start()
        for index in plan.ids[:-1]:
            single.step(index)
        state.put(row, single)
    pick = batch_sampler([plan.sampling for plan in plans], engine.config.vocab_size)
    indices = np.array([plan.ids[-1] for plan in plans])
    written = []
    for draws in np.array([plan.draws for plan in plans]).T:
        indices = pick(state.step(indices), draws)
        written.append(indices)
    return [column.tolist() for column in np.array(written).T]
