"""Recipes: named settings that train well, to use unchanged or to start from."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from textgen.checks import Setting, did_you_mean, settings_of
from textgen.config import ModelConfig, TrainConfig
from textgen.errors import ConfigError
from textgen.text.preparation import Preparation

SETTINGS: Mapping[str, Mapping[str, Setting]] = {
    "preparation": settings_of(Preparation),
    "model": {name: one for name, one in settings_of(ModelConfig).items() if name != "vocab_size"},
    "training": settings_of(TrainConfig),
}
"""The settings that `Recipe.override` accepts, by part and name, with their range and help."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """All settings of a training run: preprocessing, model and training.

    Args:
        name: its name for `get_recipe` and `train.py --recipe`.
        summary: a short description; fits on one line of `train.py --help` in 80 columns.
        preparation: the preprocessing of the corpus.
        model: settings of `ModelConfig`, except `vocab_size`, which follows from the corpus.
        training: how the model is trained.

    Raises:
        ConfigError: a setting is unknown or outside its range, or settings contradict each other.
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
                "With targets 'last' the model is trained on whole windows only, so context must "
                f"equal seq_length, {self.training.seq_length}, received {context!r}. Set both to "
                "the same number, or set targets to 'all'."
            )

    def model_config(self, vocab_size: int) -> ModelConfig:
        """Return the model's configuration for a vocabulary of `vocab_size` characters.

        Raises:
            ConfigError: a setting is unknown or outside its range.
        """
        known = [*SETTINGS["model"]]
        if unknown := sorted(set(self.model) - set(known)):
            raise ConfigError(f"Unknown model settings {unknown}. Choose from: {known}.")
        return ModelConfig(vocab_size=vocab_size, **self.model)

    def with_model(self, model: ModelConfig, preparation: Preparation) -> Recipe:
        """Return this recipe with an existing model's architecture and preprocessing.

        Raises:
            ConfigError: the recipe cannot train this model.
        """
        settings = {name: getattr(model, name) for name in SETTINGS["model"]}
        return dataclasses.replace(self, model=settings, preparation=preparation)

    def override(self, **settings: Any) -> Recipe:
        """Return this recipe with some settings replaced.

        Args:
            **settings: any settings named in `SETTINGS`, by name.

        Raises:
            ConfigError: a setting is unknown or outside its range.

        Example:
            >>> get_recipe("tiny").override(epochs=1, dropout=0.1).training.epochs
            1
        """
        parts: dict[str, dict[str, Any]] = {"preparation": {}, "model": {}, "training": {}}
        for name, value in settings.items():
            part = next((part for part, known in SETTINGS.items() if name in known), None)
            if part is None:
                known = sorted(name for names in SETTINGS.values() for name in names)
                raise ConfigError(f"Unknown setting {name!r}. Choose from: {known}.")
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
    strip_punctuation: bool = False,
) -> Recipe:
    """Return a recipe with the settings of a published family of models trained on Alice."""
    return Recipe(
        name=f"alice-{size}",
        summary=summary,
        preparation=Preparation(lowercase=True, strip_punctuation=strip_punctuation),
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
            val_fraction=0.02,  # the published models had no validation text
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
            summary="any text: LSTM(256), 10 epochs",
            training=TrainConfig(precision="auto"),
        ),
        Recipe(
            name="nietzsche",
            summary="a 600 kB book, lowercased: LSTM(512), Muon, 24 epochs",
            preparation=Preparation(lowercase=True),
            model={"lstm_units": (512,), "dropout": 0.4},
            training=dataclasses.replace(_WITH_MUON, seq_length=64, learning_rate=0.03, epochs=24),
        ),
        Recipe(
            name="nietzsche-small",
            summary="bundled model's recipe, lowercased: LSTM(256), 12 epochs",
            preparation=Preparation(lowercase=True),
            training=TrainConfig(epochs=12, snapshot_every=2),
        ),
        Recipe(
            name="shakespeare",
            summary="1 MB of plays: LSTM(512), Muon, 28 epochs",
            model={"lstm_units": (512,), "dropout": 0.4},
            training=dataclasses.replace(_WITH_MUON, learning_rate=0.012, epochs=28),
        ),
        Recipe(
            name="alice",
            summary="a short book: LSTM(512), Muon, 22 epochs",
            model={"lstm_units": (512,), "dropout": 0.5},
            training=dataclasses.replace(
                _WITH_MUON, batch_size=32, seq_length=64, weight_decay=0.2, epochs=22
            ),
        ),
        Recipe(
            name="nietzsche-large",
            summary="for a GPU, lowercased: 2 × LSTM(768), 60 epochs",
            preparation=Preparation(lowercase=True),
            model={"lstm_units": (768, 768), "dropout": 0.6},
            training=dataclasses.replace(_WITH_MUON, learning_rate=0.01, epochs=60),
        ),
        Recipe(
            name="shakespeare-large",
            summary="for a GPU: 2 × LSTM(896), 60 epochs",
            model={"lstm_units": (896, 896), "dropout": 0.6},
            training=dataclasses.replace(_WITH_MUON, learning_rate=0.01, epochs=60),
        ),
        Recipe(
            name="nietzsche-classic",
            summary="the 2015 Keras example: one-hot, LSTM(128), RMSprop",
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
        _alice("small", "published settings: scaled input, LSTM(256), Adam", (256,), 128, 20),
        _alice("large", "like alice-small, with 2 × LSTM(256)", (256, 256), 64, 30),
        _alice(
            "clean",
            "like alice-large, without punctuation",
            (256, 256),
            64,
            40,
            strip_punctuation=True,
        ),
        Recipe(
            name="tiny",
            summary="quick test in seconds, lowercased: LSTM(64), 4 epochs",
            preparation=Preparation(lowercase=True),
            model={"embedding_dim": 16, "lstm_units": (64,), "dropout": 0.0},
            training=TrainConfig(epochs=4, seq_length=50, batch_size=16, learning_rate=0.01),
        ),
    )
}


def get_recipe(name: str) -> Recipe:
    """Return a recipe by name.

    Args:
        name: a key of `RECIPES`.

    Raises:
        ConfigError: there is no such recipe.

    Example:
        >>> get_recipe("tiny").model["lstm_units"]
        (64,)
    """
    try:
        return RECIPES[name]
    except KeyError:
        meant = did_you_mean(str(name), RECIPES) or "."
        raise ConfigError(
            f"Unknown recipe {name!r}. Choose from: {', '.join(RECIPES)}{meant}"
        ) from None
