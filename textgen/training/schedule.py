"""The arithmetic of training lengths: data split, steps per epoch, snapshot steps.

It imports no Keras, so that a command line can use it before the seconds that Keras takes to load.
"""

from __future__ import annotations

import math

from textgen.config import TrainConfig
from textgen.errors import CorpusError

MAX_VALIDATION = 1_000_000
"""Largest validation text, in characters: evaluated after every snapshot, so it must be quick."""


def train_size(characters: int, val_fraction: float, *, seq_length: int, counted: str = "") -> int:
    """Return the size of the training text; the rest of the corpus is for validation.

    Args:
        characters: length of the corpus.
        val_fraction: share of the corpus, at its end, for validation. `MAX_VALIDATION` limits it.
        seq_length: window length, in characters.
        counted: how `characters` were counted, for the error: "after preprocessing".

    Returns:
        How many characters, counted from the start of the corpus, are for training.

    Raises:
        CorpusError: the training text or the validation text would be too short.
    """
    validation = min(int(characters * val_fraction), MAX_VALIDATION)
    # The first window may start anywhere within its own length, so two windows must fit.
    if characters - validation < 2 * seq_length + 1 or validation < 2:
        needed = max((2 * seq_length + 1) / (1 - val_fraction), 2 / val_fraction)
        raise CorpusError(
            f"The corpus is too short: it has {characters:,} characters"
            f"{counted and f' {counted}'}; about {math.ceil(needed):,} are needed for windows of "
            f"{seq_length}. Give a longer text or lower --seq-length."
        )
    return characters - validation


def window_count(characters: int, training: TrainConfig) -> int:
    """Return how many windows one epoch takes from a training text.

    Each window needs one more character after it, as its last target. Without a stride the result
    is one less than would fit, because an epoch may start up to one window into the text.

    Args:
        characters: length of the training text.
        training: `seq_length` and `stride`.
    """
    if training.stride is None:
        return (characters - 1) // training.seq_length - 1
    return math.ceil((characters - training.seq_length) / training.stride)


def steps_per_epoch(characters: int, training: TrainConfig) -> int:
    """Return how many steps (batches) one epoch over a training text takes, at least 1.

    Args:
        characters: length of the training text, as returned by `train_size`.
        training: `seq_length`, `stride`, `batch_size` and `carry_state`.
    """
    if training.carry_state:  # whole batches only, with room for a random offset
        read = training.seq_length * training.batch_size
        return max(1, (characters - training.seq_length) // read)
    return max(1, math.ceil(window_count(characters, training) / training.batch_size))


def snapshot_steps(
    per_epoch: int, *, epochs: int, early_snapshots: int, snapshot_every: int
) -> list[int]:
    """Return the steps after which a snapshot is saved, ascending, from 0 to the last step.

    They are: step 0, the untrained model; `early_snapshots` steps within the first epoch, each
    three times as late as the one before, because the text changes most there; then the end of the
    first epoch, of every `snapshot_every`-th epoch and of the last.

    Args:
        per_epoch: steps in one epoch.
        epochs: length of the training, in epochs.
        early_snapshots: extra snapshots within the first epoch, 0 for none.
        snapshot_every: epochs between two later snapshots.

    Example:
        >>> snapshot_steps(100, epochs=3, early_snapshots=2, snapshot_every=1)
        [0, 11, 33, 100, 200, 300]
    """
    early = {round(per_epoch / 3**k) for k in range(1, early_snapshots + 1)}
    late = {per_epoch * epoch for epoch in range(snapshot_every, epochs, snapshot_every)}
    return sorted({0, per_epoch, per_epoch * epochs} | early | late)
