"""Batches of windows: the same in every run with the same random seed."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from textgen.config import TrainConfig
from textgen.training.schedule import steps_per_epoch, window_count
from textgen.training.windows import Windows

SEQ_LENGTH, BATCH_SIZE = 5, 4
IDS = np.arange(250, dtype=np.uint8)  # each id is its position in the text
TRAINING = TrainConfig(seq_length=SEQ_LENGTH, batch_size=BATCH_SIZE)
STRIDED = dataclasses.replace(TRAINING, stride=2, targets="last")
PER_EPOCH = 12  # 249 // 5 windows, less one because of the random offset, in batches of 4

Batch = tuple[NDArray[np.int32], NDArray[np.int32]]


def batches(start: int, stop: int, *, seed: int = 0, ids: NDArray[np.uint8] = IDS) -> list[Batch]:
    windows = Windows(ids, dataclasses.replace(TRAINING, seed=seed), start=start, stop=stop)
    return [windows[index] for index in range(len(windows))]


def inputs_of(batches: list[Batch]) -> list[list[list[int]]]:
    return [inputs.tolist() for inputs, _ in batches]


def test_a_batch_contains_windows_and_their_next_characters() -> None:
    given = batches(0, PER_EPOCH)
    assert len(given) == PER_EPOCH
    for inputs, targets in given:
        assert inputs.shape == targets.shape == (BATCH_SIZE, SEQ_LENGTH)
        assert inputs.dtype == targets.dtype == np.int32
        # A window is a part of the text, so here each counts up from its first id.
        assert (inputs == inputs[:, :1] + np.arange(SEQ_LENGTH)).all()
        assert (targets == inputs + 1).all()


@pytest.mark.parametrize("epoch", range(6))
def test_an_epoch_is_one_pass_over_the_text(epoch: int) -> None:
    given = batches(epoch * PER_EPOCH, (epoch + 1) * PER_EPOCH)
    read = np.concatenate([inputs.ravel() for inputs, _ in given])
    distinct = len(np.unique(read))
    assert len(IDS) - distinct <= 3 * SEQ_LENGTH, "more than the two ends is missing"
    assert len(read) - distinct < BATCH_SIZE * SEQ_LENGTH, "more than part of a batch is repeated"


def test_an_epoch_is_one_pass_over_a_short_text() -> None:
    ids = np.arange(SEQ_LENGTH * (2 * BATCH_SIZE - 1) + SEQ_LENGTH + 1, dtype=np.uint8)
    steps = steps_per_epoch(len(ids), TRAINING)
    read = {i for inputs, _ in batches(0, steps, ids=ids) for i in inputs.ravel().tolist()}
    assert len(read) > 0.75 * len(ids)


def test_part_of_an_epoch_has_the_same_batches_as_the_whole_epoch() -> None:
    whole = inputs_of(batches(PER_EPOCH, 2 * PER_EPOCH))
    for start in range(PER_EPOCH):
        assert inputs_of(batches(PER_EPOCH + start, 2 * PER_EPOCH)) == whole[start:]
        assert inputs_of(batches(PER_EPOCH, PER_EPOCH + start)) == whole[:start]


def test_the_same_seed_repeats_the_batches_and_another_does_not() -> None:
    assert inputs_of(batches(0, PER_EPOCH, seed=7)) == inputs_of(batches(0, PER_EPOCH, seed=7))
    assert inputs_of(batches(0, PER_EPOCH, seed=7)) != inputs_of(batches(0, PER_EPOCH, seed=8))


def test_every_epoch_is_cut_and_shuffled_differently() -> None:
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
    for seed in range(10):  # some of them start late in the first window
        given = batches(0, steps, seed=seed, ids=IDS[:length])
        assert [inputs.shape for inputs, _ in given] == [(BATCH_SIZE, SEQ_LENGTH)] * steps
        assert all(targets.max() < length for _, targets in given)


def test_a_text_shorter_than_a_batch_is_one_step_of_windows_that_repeat() -> None:
    (batch,) = batches(0, 1, ids=IDS[: 3 * SEQ_LENGTH])
    starts = batch[0][:, 0].tolist()
    assert set(starts[:2]) == set(starts[2:])  # two windows fit, a batch needs four


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


CARRIED = dataclasses.replace(TRAINING, carry_state=True)


def streams(characters: int, epoch: int = 0) -> list[Batch]:
    """Return one epoch's batches for a text in which each id is its position."""
    steps = steps_per_epoch(characters, CARRIED)
    windows = Windows(np.arange(characters), CARRIED, start=epoch * steps, stop=(epoch + 1) * steps)
    return [windows[index] for index in range(len(windows))]


@pytest.mark.parametrize("epoch", range(4))
def test_with_a_carried_state_each_row_continues_its_text(epoch: int) -> None:
    given = streams(len(IDS), epoch)
    for (inputs, targets), (following, _) in pairwise(given):
        assert (targets[:, -1] == following[:, 0]).all()
        assert (targets == inputs + 1).all()
    read = np.concatenate([inputs.ravel() for inputs, _ in given])
    assert len(np.unique(read)) == len(read), "some characters were read twice"
    assert len(IDS) - len(read) <= BATCH_SIZE * SEQ_LENGTH + SEQ_LENGTH


def test_its_streams_start_elsewhere_in_each_epoch() -> None:
    assert len({int(streams(len(IDS), epoch)[0][0][0, 0]) for epoch in range(8)}) > 2


@pytest.mark.parametrize("characters", [11, 12, 20, 26, 30])
def test_in_a_short_text_the_streams_overlap(characters: int) -> None:
    for epoch in range(5):
        for inputs, targets in streams(characters, epoch):
            assert inputs.shape == (BATCH_SIZE, SEQ_LENGTH)
            assert inputs.min() >= 0
            assert targets.max() < characters


def test_carrying_the_state_resumes_exactly() -> None:
    whole = streams(len(IDS), epoch=1)
    steps = len(whole)
    rest = Windows(IDS, CARRIED, start=steps + 3, stop=2 * steps)
    for index, (inputs, targets) in enumerate(whole[3:]):
        np.testing.assert_array_equal(rest[index][0], inputs)
        np.testing.assert_array_equal(rest[index][1], targets)
