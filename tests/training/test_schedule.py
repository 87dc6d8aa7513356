"""Training lengths: the data split, windows and steps per epoch, and when snapshots are saved."""

import pytest

from textgen.config import TrainConfig
from textgen.errors import CorpusError
from textgen.training.schedule import snapshot_steps, steps_per_epoch, train_size, window_count

TRAINING = TrainConfig(seq_length=5, batch_size=4)


@pytest.mark.parametrize(
    ("characters", "seq_length", "stride", "windows"),
    [  # from published runs
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


def test_the_end_of_the_text_is_for_validation() -> None:
    assert train_size(100, 0.25, seq_length=5) == 75


def test_validation_text_has_an_upper_limit() -> None:
    assert train_size(10_000_000, 0.1, seq_length=5) == 9_000_000
    assert train_size(1_000_000_000, 0.1, seq_length=5) == 999_000_000


@pytest.mark.parametrize("val_fraction", [0.001, 0.1, 0.3, 0.5])
@pytest.mark.parametrize("seq_length", [1, 7, 100])
def test_a_text_too_short_is_refused_and_one_as_long_as_the_error_asks_for_is_not(
    val_fraction: float, seq_length: int
) -> None:
    with pytest.raises(
        CorpusError, match=r"too short: it has 3 characters;.* --seq-length"
    ) as caught:
        train_size(3, val_fraction, seq_length=seq_length)
    needed = int(str(caught.value).split(" are needed")[0].split()[-1].replace(",", ""))
    size = train_size(needed, val_fraction, seq_length=seq_length)
    assert size >= 2 * seq_length + 1
    assert needed - size >= 2
    with pytest.raises(CorpusError):  # it may ask for one or two characters too many
        train_size(needed - 3, val_fraction, seq_length=seq_length)


def test_the_error_says_how_the_characters_were_counted() -> None:
    with pytest.raises(CorpusError, match=r"has 3 characters; about"):
        train_size(3, 0.1, seq_length=5)
    with pytest.raises(CorpusError, match=r"has 3 characters after preprocessing; about"):
        train_size(3, 0.1, seq_length=5, counted="after preprocessing")


@pytest.mark.parametrize(
    ("characters", "steps"), [(11, 1), (44, 1), (45, 2), (64, 2), (65, 3), (1005, 50)]
)
def test_steps_of_streams_leave_room_for_a_window(characters: int, steps: int) -> None:
    carried = TrainConfig(seq_length=5, batch_size=4, carry_state=True)
    assert steps_per_epoch(characters, carried) == steps
