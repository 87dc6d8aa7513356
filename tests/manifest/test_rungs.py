"""Counting models beside the learning curve: which are shown, on the card and in the picture."""

import dataclasses
import itertools
import math
from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from tests.support.cards import body_of
from tests.support.measured import measured, ngrams_of, strange
from tests.support.timelines import manifest_of
from textgen.manifest.learning_curve import draw_learning_curve, learning_curve
from textgen.manifest.rungs import beats, guessing_bits, rung_name, rungs
from textgen.manifest.schema import Manifest


def orders(*bits: float) -> list[int]:
    manifest = dataclasses.replace(manifest_of(), ngrams=ngrams_of(bits))
    return [result.order for result in rungs(manifest)]


def test_a_rung_is_better_than_the_one_before_by_one_percent() -> None:
    assert guessing_bits(manifest_of()) == pytest.approx(math.log2(10))
    assert [result.order for result in rungs(measured())] == [1, 2, 4, 6]
    assert orders(3.0, 2.98, 2.96) == [1, 3]  # together they gain enough
    assert orders(3.0, 2.971) == [1]
    assert orders(3.0, 2.969) == [1, 2]
    assert orders(3.3, 3.5, 3.0) == [3]  # the first two are no better than guessing
    assert orders(3.0, 0.0, 0.0, 1e300) == [1, 2]
    assert orders() == []


def test_a_rung_is_named_by_what_it_counts() -> None:
    assert [rung_name(order) for order in (1, 2, 3, 12)] == [
        "letter counts",
        "pairs",
        "3 letters",
        "12 letters",
    ]


def test_a_snapshot_beats_a_model_only_with_a_lower_loss() -> None:
    snapshot = manifest_of().best
    bits = snapshot.val_bits_per_char
    same, worse, better = ngrams_of((bits, bits + 0.001, bits - 0.001))
    assert not beats(snapshot, same)
    assert beats(snapshot, worse)
    assert not beats(snapshot, better)


@pytest.mark.parametrize(
    ("bits", "said"),
    [
        (
            (3.0, 2.5, 2.2),
            "beats all of them, even the best, the 3-gram (1.525 nats, or 2.200 bits, per "
            "character).",
        ),
        (
            (3.0, 2.5, 2.2, 2.1, 2.3),
            "beats the 3-gram (1.525 nats, or 2.200 bits, per character), but not the best of "
            "them, the 4-gram (1.456 nats, or 2.100 bits, per character).",
        ),
        (
            (2.1, 2.0),
            "does not beat the best of them, the 2-gram (1.386 nats, or 2.000 bits, per "
            "character).",
        ),
    ],
)
def test_the_card_names_the_counting_models_that_the_best_snapshot_beats(
    bits: tuple[float, ...], said: str
) -> None:
    text = " ".join(body_of(dataclasses.replace(manifest_of(), ngrams=ngrams_of(bits))).split())
    assert f"were measured on the same validation text. The best snapshot {said}" in text
    assert "n-gram" not in body_of(manifest_of())


def names(manifest: Manifest) -> list[str]:
    (axes,) = learning_curve(manifest).axes
    return [text.get_text() for text in axes.texts]


def test_the_picture_has_the_rungs_at_its_side() -> None:
    assert names(manifest_of()) == []
    assert names(measured()) == [
        "guessing 2.303",
        "letter counts 2.079",
        "pairs 1.733",
        "4 letters 1.525",
        "6 letters 1.456",
    ]


@pytest.mark.parametrize("manifest", [measured(), strange()], ids=["measured", "strange"])
def test_the_names_of_the_rungs_never_overlap(manifest: Manifest, tmp_path: Path) -> None:
    crowded = tuple(3.0 * 0.985**order for order in range(12))
    many = dataclasses.replace(manifest, ngrams=ngrams_of(crowded))
    if manifest.snapshots[0].val_loss < 10:
        assert len(names(many)) == 13
    for one in (manifest, many):
        figure = learning_curve(one)
        figure.draw_without_rendering()
        canvas = figure.canvas
        assert isinstance(canvas, FigureCanvasAgg)
        renderer = canvas.get_renderer()
        boxes = [Text.get_window_extent(text, renderer) for text in figure.axes[0].texts]
        assert len(boxes) > 4
        for upper, lower in itertools.pairwise(boxes):
            assert lower.y1 <= upper.y0 + 2  # the heights of letters leave room in their lines
        draw_learning_curve(one, tmp_path / "curve.png")
        assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
