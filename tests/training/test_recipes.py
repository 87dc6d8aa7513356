"""Recipes, and how their settings are overridden."""

from typing import Any

import pytest

from textgen.config import ModelConfig, TrainConfig
from textgen.errors import ConfigError
from textgen.text.preparation import Preparation
from textgen.training.recipes import RECIPES, SETTINGS, Recipe, get_recipe

RECIPE = Recipe(
    name="mine",
    summary="for tests",
    preparation=Preparation(strip_punctuation=True),
    model={"lstm_units": (5,), "embedding_dim": 3},
    training=TrainConfig(epochs=7, batch_size=9),
)


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_has_its_name_and_builds_a_model(name: str) -> None:
    recipe = get_recipe(name)
    assert recipe.name == name
    assert recipe.summary
    assert len(f"  {recipe.name:19}{recipe.summary}") <= 80, "too long for a line of --help"
    assert recipe.model_config(vocab_size=65).vocab_size == 65


def test_an_unknown_recipe_is_refused_with_the_known_names() -> None:
    with pytest.raises(ConfigError, match=rf"'best'.*{', '.join(RECIPES)}"):
        get_recipe("best")


def test_a_recipe_builds_its_models_configuration() -> None:
    assert RECIPE.model_config(vocab_size=65) == ModelConfig(
        vocab_size=65, lstm_units=(5,), embedding_dim=3
    )


def test_override_puts_each_setting_into_its_part() -> None:
    changed = RECIPE.override(lowercase=True, lstm_units=(8, 4), dropout=0.5, epochs=1, seed=3)
    assert changed == Recipe(
        name="mine",
        summary="for tests",
        preparation=Preparation(strip_punctuation=True, lowercase=True),
        model={"lstm_units": (8, 4), "embedding_dim": 3, "dropout": 0.5},
        training=TrainConfig(epochs=1, batch_size=9, seed=3),
    )
    assert RECIPE.model == {"lstm_units": (5,), "embedding_dim": 3}


def test_overriding_nothing_changes_nothing() -> None:
    assert RECIPE.override() == RECIPE


def test_with_targets_last_the_context_must_be_a_window() -> None:
    classic = get_recipe("nietzsche-classic")
    assert classic.override(seq_length=40, context=40).training.seq_length == 40
    with pytest.raises(ConfigError, match=r"context must equal seq_length, 40, received 60"):
        classic.override(seq_length=40)


@pytest.mark.parametrize(
    ("name", "vocab_size", "parameters"),
    [
        ("nietzsche-classic", 59, 103_867),
        # LSTM 4·256·(1 + 256 + 1), dense 257·43
        ("alice-small", 43, 264_192 + 257 * 43),
        # and 4·256·(256 + 256 + 1)
        ("alice-large", 43, 264_192 + 525_312 + 257 * 43),
        ("alice-clean", 27, 264_192 + 525_312 + 257 * 27),
    ],
)
def test_published_models_have_their_parameters(
    name: str, vocab_size: int, parameters: int
) -> None:
    assert get_recipe(name).model_config(vocab_size).parameters == parameters


@pytest.mark.parametrize("name", ["temperature", "vocab_size", "name", "summary", "model", ""])
def test_an_unknown_setting_is_refused_with_the_known_names(name: str) -> None:
    with pytest.raises(ConfigError, match=f"Unknown setting '{name}'.*batch_size.*lowercase"):
        RECIPE.override(**{name: 1})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("dropout", float("nan")),
        ("lstm_units", ()),
        ("embedding_dim", "64"),
        ("lowercase", "no"),
        ("lowercase", None),
        ("strip_punctuation", 1),
    ],
)
def test_a_setting_outside_its_range_is_refused_at_once(name: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=name):
        RECIPE.override(**{name: value})


@pytest.mark.parametrize(
    "model",
    [
        {"units": 5},
        {"lstm_units": (0,)},
        {"vocab_size": 3},
    ],
)
def test_a_recipe_with_a_wrong_model_setting_is_refused(model: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        Recipe(name="wrong", summary="", model=model)


def test_each_setting_has_a_unique_name_a_help_text_and_a_default() -> None:
    names = [name for settings in SETTINGS.values() for name in settings]
    assert len(names) == len(set(names))
    assert "vocab_size" not in names  # the corpus decides it
    defaults = {**vars(Preparation()), **vars(ModelConfig(vocab_size=1)), **vars(TrainConfig())}
    for settings in SETTINGS.values():
        for name, item in settings.items():
            assert item.help
            assert item.check(name, defaults[name]) == defaults[name]
