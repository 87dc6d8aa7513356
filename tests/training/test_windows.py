"""Ids to batches of windows, the same in every run with the same seed."""

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from textgen.config import TrainConfig
from textgen.errors import CorpusError
from textgen.training.windows import (
    Windows,
    snapshot_steps,
    steps_per_epoch,
    train_size,
    window_count,
)

SEQ_LENGTH, BATCH_SIZE = 5, 4
IDS = np.arange(250, dtype=np.uint8)  # each id is its own place in the text
TRAINING = TrainConfig(seq_length=SEQ_LENGTH, batch_size=BATCH_SIZE)
STRIDED = dataclasses.replace(TRAINING, stride=2, targets="last")
PER_EPOCH = 12  # 249 // 5 windows, one less since an epoch may start inside the first, by 4

Batch = tuple[NDArray[np.int32], NDArray[np.int32]]


def batches(start: int, stop: int, *, seed: int = 0, ids: NDArray[np.uint8] = IDS) -> list[Batch]:
    windows = Windows(ids, dataclasses.replace(TRAINING, seed=seed), start=start, stop=stop)
    return [windows[index] for index in range(len(windows))]


def inputs_of(batches: list[Batch]) -> list[list[list[int]]]:
    return [inputs.tolist() for inputs, _ in batches]


def test_a_batch_is_windows_and_their_next_characters() -> None:
    given = batches(0, PER_EPOCH)
    assert len(given) == PER_EPOCH
    for inputs, targets in given:
        assert inputs.shape == targets.shape == (BATCH_SIZE, SEQ_LENGTH)
        assert inputs.dtype == targets.dtype == np.int32
        # Windows are stretches of the text, so here each is counting up from its first id.
        assert (inputs == inputs[:, :1] + np.arange(SEQ_LENGTH)).all()
        assert (targets == inputs + 1).all()


@pytest.mark.parametrize("epoch", range(6))
def test_an_epoch_reads_the_text_once(epoch: int) -> None:
    given = batches(epoch * PER_EPOCH, (epoch + 1) * PER_EPOCH)
    read = np.concatenate([inputs.ravel() for inputs, _ in given])
    once = len(np.unique(read))
    assert len(IDS) - once <= 3 * SEQ_LENGTH, "more is left out than the two ends"
    assert len(read) - once < BATCH_SIZE * SEQ_LENGTH, "more is repeated than fills up a batch"


def test_an_epoch_reads_a_short_text_once_too() -> None:
    ids = np.arange(SEQ_LENGTH * (2 * BATCH_SIZE - 1) + SEQ_LENGTH + 1, dtype=np.uint8)
    steps = steps_per_epoch(len(ids), TRAINING)
    read = {i for inputs, _ in batches(0, steps, ids=ids) for i in inputs.ravel().tolist()}
    assert len(read) > 0.75 * len(ids)


def test_a_stretch_gives_what_the_whole_epoch_gives_there() -> None:
    whole = inputs_of(batches(PER_EPOCH, 2 * PER_EPOCH))
    for start in range(PER_EPOCH):
        assert inputs_of(batches(PER_EPOCH + start, 2 * PER_EPOCH)) == whole[start:]
        assert inputs_of(batches(PER_EPOCH, PER_EPOCH + start)) == whole[:start]


def test_the_same_seed_repeats_the_batches_and_another_does_not() -> None:
    assert inputs_of(batches(0, PER_EPOCH, seed=7)) == inputs_of(batches(0, PER_EPOCH, seed=7))
    assert inputs_of(batches(0, PER_EPOCH, seed=7)) != inputs_of(batches(0, PER_EPOCH, seed=8))


def test_every_epoch_cuts_and_shuffles_anew() -> None:
    epochs = [
        np.concatenate([inputs for inputs, _ in batches(first, first + PER_EPOCH)])[:, 0]
        for first in range(0, 8 * PER_EPOCH, PER_EPOCH)
    ]
    assert len({tuple(starts) for starts in epochs}) == 8, "two epochs in the same order"
    offsets = {int(starts.min()) % SEQ_LENGTH for starts in epochs}
    assert len(offsets) > 1, "every epoch cut at the same places"
    assert all(list(starts) != sorted(starts) for starts in epochs)


@pytest.mark.parametrize("length", range(2 * SEQ_LENGTH + 1, 60))
def test_a_text_of_any_length_fills_whole_batches(length: int) -> None:
    steps = steps_per_epoch(length, TRAINING)
    for seed in range(10):  # of which some start late in the first window
        given = batches(0, steps, seed=seed, ids=IDS[:length])
        assert [inputs.shape for inputs, _ in given] == [(BATCH_SIZE, SEQ_LENGTH)] * steps
        assert all(targets.max() < length for _, targets in given)


def test_a_text_shorter_than_a_batch_is_one_step_of_windows_that_repeat() -> None:
    (batch,) = batches(0, 1, ids=IDS[: 3 * SEQ_LENGTH])
    starts = batch[0][:, 0].tolist()
    assert set(starts[:2]) == set(starts[2:])  # two windows fit, and the batch is of four


def test_with_a_stride_an_epoch_has_each_window_once_and_its_next_character() -> None:
    steps = steps_per_epoch(len(IDS), STRIDED)
    epochs = []
    for epoch in (0, 1):
        windows = Windows(IDS, STRIDED, start=epoch * steps, stop=(epoch + 1) * steps)
        given = [windows[index] for index in range(steps)]
        inputs, targets = (np.concatenate(part) for part in zip(*given, strict=True))
        assert inputs.dtype == targets.dtype == np.int32
        assert (inputs == inputs[:, :1] + np.arange(SEQ_LENGTH)).all()
        assert (targets == inputs[:, -1] + 1).all()
        starts = inputs[: window_count(len(IDS), STRIDED), 0]
        assert sorted(starts.tolist()) == list(range(0, 245, 2))
        epochs.append(starts.tolist())
    assert epochs[0] != epochs[1]


@pytest.mark.parametrize(
    ("characters", "seq_length", "stride", "windows"),
    [  # of published runs
        (600_893, 60, 3, 200_278),
        (600_901, 60, 3, 200_281),
        (144_345, 100, 1, 144_245),
        (136_024, 100, 1, 135_924),
        (61, 60, 3, 1),
        (64, 60, 3, 2),
    ],
)
def test_windows_are_counted_as_published(
    characters: int, seq_length: int, stride: int, windows: int
) -> None:
    training = TrainConfig(seq_length=seq_length, stride=stride, targets="last")
    assert window_count(characters, training) == windows


@pytest.mark.parametrize(
    ("characters", "steps"),
    [(11, 1), (30, 1), (31, 2), (50, 2), (51, 3)],
)
def test_steps_per_epoch(characters: int, steps: int) -> None:
    assert steps_per_epoch(characters, TRAINING) == steps


@pytest.mark.parametrize(
    ("per_epoch", "epochs", "early", "every", "steps"),
    [
        (100, 3, 2, 1, [0, 11, 33, 100, 200, 300]),
        (100, 3, 0, 1, [0, 100, 200, 300]),
        (100, 5, 0, 2, [0, 100, 200, 400, 500]),
        (100, 4, 0, 2, [0, 100, 200, 400]),
        (100, 2, 0, 9, [0, 100, 200]),
        (81, 1, 4, 1, [0, 1, 3, 9, 27, 81]),
        (81, 1, 50, 1, [0, 1, 3, 9, 27, 81]),
        (2, 2, 4, 1, [0, 1, 2, 4]),
        (1, 1, 4, 1, [0, 1]),
    ],
)
def test_snapshots_are_dense_early_and_end_at_the_end(
    per_epoch: int, epochs: int, early: int, every: int, steps: list[int]
) -> None:
    assert steps == snapshot_steps(
        per_epoch, epochs=epochs, early_snapshots=early, snapshot_every=every
    )


def test_the_end_of_the_text_is_held_out() -> None:
    assert train_size(100, 0.25, seq_length=5) == 75


def test_of_a_long_text_no_more_is_held_out_than_measures() -> None:
    assert train_size(10_000_000, 0.1, seq_length=5) == 9_000_000
    assert train_size(1_000_000_000, 0.1, seq_length=5) == 999_000_000


@pytest.mark.parametrize("val_fraction", [0.001, 0.1, 0.3, 0.5])
@pytest.mark.parametrize("seq_length", [1, 7, 100])
def test_a_text_too_short_is_refused_and_one_as_long_as_asked_for_is_not(
    val_fraction: float, seq_length: int
) -> None:
    with pytest.raises(CorpusError, match=r"too short: 3 characters.* --seq-length") as caught:
        train_size(3, val_fraction, seq_length=seq_length)
    needed = int(str(caught.value).split(" are needed")[0].split()[-1].replace(",", ""))
    size = train_size(needed, val_fraction, seq_length=seq_length)
    assert size >= 2 * seq_length + 1
    assert needed - size >= 2
    with pytest.raises(CorpusError):  # it may ask for a character or two more than it takes
        train_size(needed - 3, val_fraction, seq_length=seq_length)
