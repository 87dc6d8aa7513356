"""Ids to batches of windows and their targets, the same in every run with the same seed."""

from __future__ import annotations

import math

import keras
import numpy as np
from numpy.typing import NDArray

from textgen.config import TrainConfig
from textgen.errors import CorpusError
from textgen.text.vocabulary import Ids

MAX_HELD_OUT = 1_000_000
"""Characters held out at most: enough to measure on, and measured after every snapshot."""


def train_size(characters: int, val_fraction: float, *, seq_length: int) -> int:
    """Return how much of a text, from its start, is trained on; the rest is held out.

    Args:
        characters: of the text.
        val_fraction: of it that is held out, but never more than `MAX_HELD_OUT` characters.
        seq_length: of a window.

    Raises:
        CorpusError: a part would be shorter than one window.
    """
    held_out = min(int(characters * val_fraction), MAX_HELD_OUT)
    # A first window may start anywhere in its own length, so two must fit.
    if characters - held_out < 2 * seq_length + 1 or held_out < 2:
        needed = max((2 * seq_length + 1) / (1 - val_fraction), 2 / val_fraction)
        raise CorpusError(
            f"The corpus is too short: {characters:,} characters after preparation, about "
            f"{math.ceil(needed):,} are needed for windows of {seq_length}. Give a longer text or "
            "lower --seq-length."
        )
    return characters - held_out


class Windows(keras.utils.PyDataset):  # type: ignore[misc]
    """Shuffled windows of a text and the characters after them.

    Without a stride, one epoch reads the text once, up to a window at either end: it is cut into
    windows of `seq_length` from an offset that differs each epoch. With a stride, windows start at
    its multiples, the same in each epoch, and overlap where it is shorter than they are. The order
    differs each epoch. All of it depends only on the seed and the epoch, so that an interrupted run
    can go on exactly where it was.

    Args:
        ids: shape `(n,)`; windows are views of it until a batch is asked for.
        training: `seq_length`, `stride`, `targets`, `batch_size` and `seed`.
        start, stop: the steps to give, counted from the start of training; batches before and
            after belong to other stretches of the same run. Within one epoch.

    Gives batches `(inputs, targets)`: inputs int32 `(batch_size, seq_length)`, targets int32 of the
    same shape, one character later; or, where the last is the only target, `(batch_size,)`.
    """

    def __init__(self, ids: Ids, training: TrainConfig, *, start: int, stop: int) -> None:
        # With one worker TensorFlow's data pipeline reads ahead, whose tuner may sleep for as long
        # as it ran when the pipeline ends; with two, Keras does by threads of its own. On JAX Keras
        # would lose the first batch of theirs to looking at its shape.
        super().__init__(workers=2 if keras.backend.backend() == "tensorflow" else 1)
        self._ids, self._batch_size = ids, training.batch_size
        epoch, self._first = divmod(start, steps_per_epoch(len(ids), training))
        self._length = stop - start
        self._last_only = training.targets == "last"
        random, size = np.random.default_rng((training.seed, epoch)), training.seq_length
        if training.stride is None:
            offset = random.integers(size)
            self._starts = random.permutation((len(ids) - 1 - offset) // size)
            self._starts *= size  # in place: a long text has many
            self._starts += offset
        else:
            self._starts = random.permutation(window_count(len(ids), training))
            self._starts *= training.stride
        self._reach = np.arange(size + 1)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        first = (self._first + index) * self._batch_size
        # An epoch's last batch is filled up with windows from the epoch's start.
        chosen = np.arange(first, first + self._batch_size) % len(self._starts)
        windows = self._ids[self._starts[chosen][:, None] + self._reach].astype(np.int32)
        return windows[:, :-1], windows[:, -1] if self._last_only else windows[:, 1:]


def window_count(characters: int, training: TrainConfig) -> int:
    """Return how many windows, each with a character after it, an epoch takes out of a text.

    Without a stride, one less than fits is counted, since an epoch may start up to a window into
    the text.
    """
    if training.stride is None:
        return (characters - 1) // training.seq_length - 1
    return math.ceil((characters - training.seq_length) / training.stride)


def steps_per_epoch(characters: int, training: TrainConfig) -> int:
    """Return how many batches one reading of a text of `characters` takes."""
    return max(1, math.ceil(window_count(characters, training) / training.batch_size))


def snapshot_steps(
    per_epoch: int, *, epochs: int, early_snapshots: int, snapshot_every: int
) -> list[int]:
    """Return the steps after which a snapshot is taken, ascending, from 0 to the last step.

    The untrained model; `early_snapshots` points inside the first epoch, each three times as
    late as the one before, since that is where the text changes most; then the first epoch,
    every `snapshot_every`-th and the last.

    Example:
        >>> snapshot_steps(100, epochs=3, early_snapshots=2, snapshot_every=1)
        [0, 11, 33, 100, 200, 300]
    """
    early = {round(per_epoch / 3**k) for k in range(1, early_snapshots + 1)}
    late = {per_epoch * epoch for epoch in range(snapshot_every, epochs, snapshot_every)}
    return sorted({0, per_epoch, per_epoch * epochs} | early | late)
