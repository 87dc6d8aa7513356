"""How far back a snapshot looks, in words."""

import pytest

from tests.support.measured import measured
from tests.support.timelines import snapshot_of
from textgen.service.context import context_losses, how_far_back


def said(**bits: float) -> str:
    context = {shown.removeprefix("at"): one for shown, one in bits.items()}
    return how_far_back(snapshot_of(1, 1.5, bits_by_context=context))


def test_the_losses_are_in_the_order_of_their_lengths() -> None:
    snapshot = snapshot_of(1, 1.5, bits_by_context={"16": 2.0, "2": 3.0, "128": 1.5})
    assert context_losses(snapshot) == [(2, 3.0), (16, 2.0), (128, 1.5)]


@pytest.mark.parametrize(
    ("bits", "words"),
    [
        ({}, ""),
        (
            {"at1": 3.9, "at8": 2.31, "at64": 1.84, "at128": 1.835, "at256": 1.83},
            "Shown only 8 earlier characters, it needs 2.31 bits per character; with 256, 1.83. "
            "Beyond 64, more context no longer helps it (less than 1%).",
        ),
        (
            {"at1": 3.9, "at8": 2.31, "at128": 1.9, "at1000": 1.83},
            "Shown only 8 earlier characters, it needs 2.31 bits per character; with 1,000, 1.83. "
            "From 128 to 1,000 it still gains 4%.",
        ),
        (  # 8 would not show a difference
            {"at1": 3.9, "at4": 3.6, "at8": 3.6, "at16": 3.6},
            "Shown only 1 earlier character, it needs 3.90 bits per character; with 16, 3.60. "
            "Beyond 4, more context no longer helps it (less than 1%).",
        ),
        (
            {"at1": 5.84, "at8": 5.83, "at256": 5.83},
            "It needs 5.83 bits per character however many earlier characters it is shown (the "
            "difference is less than 1%).",
        ),
        (  # a longer context can also hurt
            {"at2": 2.0, "at4": 2.5},
            "Shown only 2 earlier characters, it needs 2.00 bits per character; with 4, 2.50. "
            "Beyond 2, more context no longer helps it (less than 1%).",
        ),
        ({"at8": 2.5}, "Shown only 8 earlier characters, it needs 2.50 bits per character."),
        (
            {"at1": 0.0, "at2": 0.0},
            "It needs 0.00 bits per character however many earlier characters it is shown (the "
            "difference is less than 1%).",
        ),
    ],
)
def test_how_far_back_a_snapshot_looks_is_said_in_words(bits: dict[str, float], words: str) -> None:
    assert said(**bits) == words


def test_an_untrained_snapshot_does_not_look_back() -> None:
    first, *_, last = measured().snapshots
    assert how_far_back(first).startswith("It needs 3.61 bits per character however many")
    assert how_far_back(last) == (
        "Shown only 8 earlier characters, it needs 2.65 bits per character; with 256, 2.53. "
        "Beyond 64, more context no longer helps it (less than 1%)."
    )
