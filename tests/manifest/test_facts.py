"""Facts about a model in words."""

import dataclasses
from typing import Any

import pytest

from tests.support.timelines import MODEL, manifest_of
from textgen.config import TrainConfig
from textgen.manifest.facts import described


@pytest.mark.parametrize(
    ("input_dropout", "training", "words"),
    [
        (None, {}, "dropout rate 0.3, random seed 0, "),
        (0.1, {}, "dropout rate 0.3 (embedding 0.1), random seed 0, "),
        (
            0.1,
            {"weight_drop": 0.2, "carry_state": True},
            "dropout rate 0.3 (embedding 0.1, recurrent weights 0.2), carried state, random seed ",
        ),
    ],
)
def test_the_training_is_described_with_its_dropout_rates(
    input_dropout: float | None, training: dict[str, Any], words: str
) -> None:
    model = dataclasses.replace(MODEL, dropout=0.3, input_dropout=input_dropout)
    manifest = manifest_of(model=model, training=TrainConfig(epochs=2, **training))
    assert words in described(manifest)["training"]
