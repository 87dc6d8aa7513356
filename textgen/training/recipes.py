"""Recipes: named settings that train well, to use as they are or to start from."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from textgen.checks import Setting, settings_of
from textgen.config import ModelConfig, TrainConfig
from textgen.errors import ConfigError
from textgen.text.preparation import Preparation

SETTINGS: Mapping[str, Mapping[str, Setting]] = {
    "preparation": settings_of(Preparation),
    "model": {name: one for name, one in settings_of(ModelConfig).items() if name != "vocab_size"},
    "training": settings_of(TrainConfig),
}
"""The settings that `Recipe.override` takes: part → name → what is accepted, with help text."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything but the text that decides a training run.

    Args:
        name: what `get_recipe` and `train.py --recipe` call it.
        summary: one line for people who choose.
        preparation: how the corpus is simplified.
        model: `ModelConfig`'s settings but `vocab_size`, which the corpus decides.
        training: how the model is trained.
    """

    name: str
    summary: str
    preparation: Preparation = Preparation()
    model: Mapping[str, Any] = field(default_factory=dict)
    training: TrainConfig = TrainConfig()

    def __post_init__(self) -> None:
        context = self.model_config(vocab_size=2).context
        if self.training.targets == "last" and context != self.training.seq_length:
            raise ConfigError(
                "Where only a window's last character is predicted, the model knows whole windows "
                f"alone: context must be seq_length, {self.training.seq_length}, received "
                f"{context!r}."
            )

    def model_config(self, vocab_size: int) -> ModelConfig:
        """Return the model's configuration for a vocabulary of `vocab_size` characters.

        Raises:
            ConfigError: a setting is unknown or outside its range.
        """
        known = [*SETTINGS["model"]]
        if unknown := sorted(set(self.model) - set(known)):
            raise ConfigError(f"Unknown model settings {unknown}; known are {known}.")
        return ModelConfig(vocab_size=vocab_size, **self.model)

    def with_model(self, model: ModelConfig, preparation: Preparation) -> Recipe:
        """Return this recipe for a model that is there already, and the text it reads.

        Raises:
            ConfigError: it cannot train such a model.
        """
        settings = {name: getattr(model, name) for name in SETTINGS["model"]}
        return dataclasses.replace(self, model=settings, preparation=preparation)

    def override(self, **settings: Any) -> Recipe:
        """Return this recipe with some settings of its three parts replaced, by name.

        Raises:
            ConfigError: a setting is unknown or outside its range.
        """
        parts: dict[str, dict[str, Any]] = {"preparation": {}, "model": {}, "training": {}}
        for name, value in settings.items():
            part = next((part for part, known in SETTINGS.items() if name in known), None)
            if part is None:
                known = sorted(name for names in SETTINGS.values() for name in names)
                raise ConfigError(f"Unknown setting {name!r}; known are {known}.")
            parts[part][name] = value
        return dataclasses.replace(
            self,
            preparation=dataclasses.replace(self.preparation, **parts["preparation"]),
            model={**self.model, **parts["model"]},
            training=dataclasses.replace(self.training, **parts["training"]),
        )


def _alice(
    size: str,
    summary: str,
    lstm_units: tuple[int, ...],
    batch_size: int,
    epochs: int,
    *,
    letters_only: bool = False,
) -> Recipe:
    """Return a recipe of the published family that learns Alice from numbers, window by window."""
    return Recipe(
        name=f"alice-{size}",
        summary=summary,
        preparation=Preparation(lowercase=True, strip_punctuation=letters_only),
        model={"encoding": "scaled", "lstm_units": lstm_units, "dropout": 0.2, "context": 100},
        training=TrainConfig(
            seq_length=100,
            stride=1,
            targets="last",
            batch_size=batch_size,
            epochs=epochs,
            optimizer="adam",
            learning_rate=0.001,
            schedule="constant",
            clip_norm=0.0,
            weight_decay=0.0,
            val_fraction=0.02,  # the published ones learned from all of it
        ),
    )


_WITH_MUON = TrainConfig(
    seq_length=90,
    batch_size=64,
    optimizer="muon",
    learning_rate=0.02,
    warmup_steps=20,
    weight_decay=0.1,
    dropout_from=1,
    snapshot_every=2,
    precision="auto",
)

RECIPES: Mapping[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="default",
            summary="any text, as it is: LSTM(256), ten epochs",
            training=TrainConfig(precision="auto"),
        ),
        Recipe(
            name="nietzsche",
            summary="a book of about 600 kB, lowercased, in minutes: LSTM(512), Muon, 24 epochs",
            preparation=Preparation(lowercase=True),
            model={"lstm_units": (512,), "dropout": 0.4},
            training=dataclasses.replace(_WITH_MUON, seq_length=64, learning_rate=0.03, epochs=24),
        ),
        Recipe(
            name="nietzsche-small",
            summary="the same in minutes, and the bundled model's: LSTM(256), twelve epochs",
            preparation=Preparation(lowercase=True),
            training=TrainConfig(epochs=12, snapshot_every=2),
        ),
        Recipe(
            name="shakespeare",
            summary="a megabyte of plays, as they are: LSTM(512), Muon, 28 epochs",
            model={"lstm_units": (512,), "dropout": 0.4},
            training=dataclasses.replace(_WITH_MUON, learning_rate=0.012, epochs=28),
        ),
        Recipe(
            name="alice",
            summary="a short book, as it is: LSTM(512), Muon, 22 epochs",
            model={"lstm_units": (512,), "dropout": 0.5},
            training=dataclasses.replace(
                _WITH_MUON, batch_size=32, seq_length=64, weight_decay=0.2, epochs=22
            ),
        ),
        Recipe(
            name="nietzsche-large",
            summary="for a GPU: two layers of LSTM(768), 60 epochs",
            preparation=Preparation(lowercase=True),
            model={"lstm_units": (768, 768), "dropout": 0.6},
            training=dataclasses.replace(_WITH_MUON, learning_rate=0.01, epochs=60),
        ),
        Recipe(
            name="shakespeare-large",
            summary="for a GPU: two layers of LSTM(896), 9.9 million weights, 60 epochs",
            model={"lstm_units": (896, 896), "dropout": 0.6},
            training=dataclasses.replace(_WITH_MUON, learning_rate=0.01, epochs=60),
        ),
        Recipe(
            name="nietzsche-classic",
            summary="the Keras example of 2015: windows of 60, one-hot, LSTM(128), RMSprop",
            preparation=Preparation(lowercase=True),
            model={"encoding": "one_hot", "lstm_units": (128,), "dropout": 0.0, "context": 60},
            training=TrainConfig(
                seq_length=60,
                stride=3,
                targets="last",
                batch_size=128,
                epochs=60,
                optimizer="rmsprop",
                learning_rate=0.01,
                schedule="constant",
                clip_norm=0.0,
                weight_decay=0.0,
            ),
        ),
        _alice("small", "windows of 100, scaled ids, LSTM(256), Adam", (256,), 128, 20),
        _alice("large", "as alice-small, two layers of LSTM(256)", (256, 256), 64, 30),
        _alice("clean", "as alice-large, letters only", (256, 256), 64, 40, letters_only=True),
        Recipe(
            name="tiny",
            summary="to see the whole path in seconds, lowercased: LSTM(64), four epochs",
            preparation=Preparation(lowercase=True),
            model={"embedding_dim": 16, "lstm_units": (64,), "dropout": 0.0},
            training=TrainConfig(epochs=4, seq_length=50, batch_size=16, learning_rate=0.01),
        ),
    )
}


def get_recipe(name: str) -> Recipe:
    """Return a recipe by name.

    Raises:
        ConfigError: there is no such recipe.
    """
    try:
        return RECIPES[name]
    except KeyError:
        raise ConfigError(f"Unknown recipe {name!r}; known are {', '.join(RECIPES)}.") from None
