"""Ids to batches of windows and their targets, the same in every run with the same seed."""

from __future__ import annotations

import math

import keras
import numpy as np
from numpy.typing import NDArray

from textgen.errors import CorpusError
from textgen.vocabulary import Ids


def split(text: str, val_fraction: float, *, seq_length: int) -> tuple[str, str]:
    """Cut a text into what is trained on and what is held out: its last `val_fraction`.

    Raises:
        CorpusError: a part would be shorter than one window.
    """
    cut = len(text) - int(len(text) * val_fraction)
    train, held_out = text[:cut], text[cut:]
    # A first window may start anywhere in its own length, so two must fit.
    if len(train) < 2 * seq_length + 1 or len(held_out) < 2:
        needed = max((2 * seq_length + 1) / (1 - val_fraction), 2 / val_fraction)
        raise CorpusError(
            f"The corpus is too short: {len(text):,} characters after preparation, about "
            f"{math.ceil(needed):,} are needed for windows of {seq_length}. Give a longer text or "
            "lower --seq-length."
        )
    return train, held_out


class Windows(keras.utils.PyDataset):  # type: ignore[misc]
    """Shuffled windows of a text with every next character as a target.

    One epoch reads the text once, up to a window at either end: it is cut into windows of
    `seq_length` from an offset that differs each epoch, and the windows come in an order that
    differs too. Both depend only on `seed` and the epoch, so that an interrupted run can go on
    exactly where it was.

    Args:
        ids: shape `(n,)`.
        start, stop: the steps to give, counted from the start of training; batches before and
            after belong to other stretches of the same run. Within one epoch.

    Gives batches `(inputs, targets)`, both int32 `(batch_size, seq_length)`, the targets one
    character later.
    """

    def __init__(
        self, ids: Ids, *, seq_length: int, batch_size: int, seed: int, start: int, stop: int
    ) -> None:
        super().__init__()
        self._ids, self._batch_size = ids, batch_size
        per_epoch = steps_per_epoch(len(ids), seq_length=seq_length, batch_size=batch_size)
        epoch, self._first = divmod(start, per_epoch)
        self._length = stop - start
        random = np.random.default_rng((seed, epoch))
        offset = random.integers(seq_length)
        windows = (len(ids) - 1 - offset) // seq_length
        self._starts = offset + seq_length * random.permutation(windows)
        self._reach = np.arange(seq_length + 1)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        first = (self._first + index) * self._batch_size
        # An epoch's last batch is filled up with windows from the epoch's start.
        chosen = np.arange(first, first + self._batch_size) % len(self._starts)
        windows = self._ids[self._starts[chosen][:, None] + self._reach].astype(np.int32)
        return windows[:, :-1], windows[:, 1:]


def steps_per_epoch(characters: int, *, seq_length: int, batch_size: int) -> int:
    """Return how many batches one reading of a text of `characters` takes.

    One window less than fits is counted, since an epoch may start up to a window into the text.
    """
    windows = (characters - 1) // seq_length - 1
    return max(1, math.ceil(windows / batch_size))


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
