"""Batches of windows and targets from ids: the same in every run with the same random seed."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from textgen.config import TrainConfig
from textgen.text.vocabulary import Ids
from textgen.training.schedule import steps_per_epoch, window_count

Starts = NDArray[np.int64]


class Windows(keras.utils.PyDataset):  # type: ignore[misc]
    """Windows of the training text with their targets, the characters that follow.

    Without a stride, an epoch passes over the text once, except for up to one window at either end:
    it cuts the text into adjacent windows, starting at a random offset that differs in each epoch.
    With a stride, windows start at its multiples, the same in every epoch, and overlap if the
    stride is shorter than a window. The order is random in each epoch.

    If the state is carried, an epoch cuts the text into as many streams as a batch has rows. Each
    row reads one stream, window after window. The streams start at a random offset. In a text
    shorter than one window for each row, they overlap.

    Everything depends only on the random seed and the epoch, so that an interrupted run can
    continue exactly.

    An item is a batch `(inputs, targets)`. The inputs are int32, shape `(batch_size, seq_length)`.
    The targets are int32 of the same shape, one character later, or for the targets "last" only the
    last of them, shape `(batch_size,)`.

    Args:
        ids: the training text; shape `(n,)`.
        training: `seq_length`, `stride`, `targets`, `carry_state`, `batch_size` and `seed`.
        start, stop: the steps to return batches for, counted from the start of training, `stop` not
            included; both within one epoch.
    """

    def __init__(self, ids: Ids, training: TrainConfig, *, start: int, stop: int) -> None:
        # With one worker, TensorFlow's data pipeline prefetches, and when it ends, its autotuner
        # may sleep for as long as it ran. With two workers, Keras prefetches in threads instead; on
        # JAX that would lose the first batch, which Keras takes to inspect its shape.
        super().__init__(workers=2 if keras.backend.backend() == "tensorflow" else 1)
        self._ids, self._batch_size = ids, training.batch_size
        steps = steps_per_epoch(len(ids), training)
        epoch, self._first = divmod(start, steps)
        self._length = stop - start
        self._last_only = training.targets == "last"
        rng = np.random.default_rng((training.seed, epoch))
        self._starts = (
            _in_order(rng, len(ids), training, steps)
            if training.carry_state
            else _shuffled(rng, len(ids), training)
        )
        self._offsets = np.arange(training.seq_length + 1)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        first = (self._first + index) * self._batch_size
        # The last batch of an epoch is filled up with windows from its beginning.
        chosen = np.arange(first, first + self._batch_size) % len(self._starts)
        windows = self._ids[self._starts[chosen][:, None] + self._offsets].astype(np.int32)
        return windows[:, :-1], windows[:, -1] if self._last_only else windows[:, 1:]


def _shuffled(rng: np.random.Generator, characters: int, training: TrainConfig) -> Starts:
    """Return where an epoch's windows start, in random order."""
    if training.stride is not None:
        starts = rng.permutation(window_count(characters, training))
        starts *= training.stride  # in place, because a long text has many
        return starts
    offset = rng.integers(training.seq_length)
    starts = rng.permutation((characters - 1 - offset) // training.seq_length)
    starts *= training.seq_length
    starts += offset
    return starts


def _in_order(
    rng: np.random.Generator, characters: int, training: TrainConfig, steps: int
) -> Starts:
    """Return where an epoch's windows start, so that each batch continues the one before it."""
    streams, read = training.batch_size, steps * training.seq_length
    room = characters - 1 - read  # the last place where a stream can start
    between = min(read, room // max(1, streams - 1))
    offset = rng.integers(room - between * (streams - 1) + 1)
    first = offset + between * np.arange(streams)
    return (first + training.seq_length * np.arange(steps)[:, None]).ravel()
