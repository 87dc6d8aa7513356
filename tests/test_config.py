"""The settings of models and of training."""

import math
from typing import Any

import pytest

from textgen.checks import Setting, settings_of
from textgen.config import ModelConfig, TrainConfig
from textgen.errors import ConfigError, TextGenError

HUGE = 10**400  # larger than any float: comparing it is safe, converting it is not


def made(cls: type, name: str, value: Any) -> Any:
    """Return a configuration with one setting given, and defaults where there are some."""
    needed = {"vocab_size": 10} if cls is ModelConfig else {}
    return cls(**{**needed, name: value})


SETTINGS = [
    (cls, name, item)
    for cls in (ModelConfig, TrainConfig)
    for name, item in settings_of(cls).items()
    if item.kind in (int, float)
]
CASES = [pytest.param(*setting, id=setting[1]) for setting in SETTINGS]
WHOLE = [pytest.param(cls, name, id=name) for cls, name, item in SETTINGS if item.kind is int]


@pytest.mark.parametrize(("cls", "name", "item"), CASES)
def test_a_setting_takes_its_limits(cls: type, name: str, item: Setting) -> None:
    for limit in (item.at_least, item.at_most):
        value = (limit,) if item.several else limit
        assert getattr(made(cls, name, value), name) == value


@pytest.mark.parametrize(("cls", "name", "item"), CASES)
def test_a_setting_takes_nothing_beyond_its_limits(cls: type, name: str, item: Setting) -> None:
    low, high = item.at_least, item.at_most
    assert low is not None
    assert high is not None
    whole = item.kind is int
    below, above = (low - 1, high + 1) if whole else (low - 1e-9, math.nextafter(high, math.inf))
    for value in (below, above):
        with pytest.raises(ConfigError, match=f"^{name} must be .*received"):
            made(cls, name, (value,) if item.several else value)


@pytest.mark.parametrize(("cls", "name", "item"), CASES)
@pytest.mark.parametrize(
    "value",
    [
        True,
        math.nan,
        math.inf,
        "1",
        None,
        [1],
        pytest.param(HUGE, id="huge"),
    ],
)
def test_a_setting_takes_nothing_but_a_number(
    cls: type, name: str, item: Setting, value: Any
) -> None:
    if value is None and item.optional:
        return  # None is its off-value
    with pytest.raises(ConfigError, match=f"^{name} must be "):
        made(cls, name, (value,) if item.several else value)


@pytest.mark.parametrize(("cls", "name"), WHOLE)
def test_a_whole_number_is_not_a_fraction(cls: type, name: str) -> None:
    with pytest.raises(ConfigError, match="must be a whole number"):
        made(cls, name, (1.0,) if name == "lstm_units" else 1.0)


@pytest.mark.parametrize("units", [(), (8,) * 5])
def test_a_model_has_one_to_four_layers(units: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError, match="1 to 4 layers"):
        ModelConfig(vocab_size=10, lstm_units=units)


@pytest.mark.parametrize("units", [64, None, 6.4])
def test_layers_that_are_no_list_are_refused(units: Any) -> None:
    with pytest.raises(ConfigError, match="lstm_units"):
        ModelConfig(vocab_size=10, lstm_units=units)


def test_layers_given_as_a_list_are_kept_as_a_tuple() -> None:
    units: Any = [8, 4]
    config = ModelConfig(vocab_size=10, lstm_units=units)
    assert config.lstm_units == (8, 4)
    assert config == ModelConfig(vocab_size=10, lstm_units=(8, 4))


def test_an_error_says_what_the_limits_are_and_what_it_got() -> None:
    with pytest.raises(
        ConfigError, match=r"^epochs must be a whole number from 1 to .*0\."
    ) as caught:
        TrainConfig(epochs=0)
    assert isinstance(caught.value, TextGenError)
    assert isinstance(caught.value, ValueError)


def test_the_limits_shown_are_the_limits_meant() -> None:
    with pytest.raises(ConfigError, match=r"from 0 to 2\^32 − 1, received 4294967296"):
        TrainConfig(seed=2**32)


@pytest.mark.parametrize(
    ("config", "parameters"),
    [
        # embedding 10·3; LSTM 4·(3·4 + 4·4 + 4); dense 4·10 + 10
        (ModelConfig(vocab_size=10, embedding_dim=3, lstm_units=(4,)), 30 + 128 + 50),
        # embedding 2·1; LSTM 4·(1·1 + 1·1 + 1) and 4·(1·2 + 2·2 + 2); dense 2·2 + 2
        (ModelConfig(vocab_size=2, embedding_dim=1, lstm_units=(1, 2)), 2 + 12 + 32 + 6),
    ],
)
def test_parameters_are_counted(config: ModelConfig, parameters: int) -> None:
    assert config.parameters == parameters


def test_an_encoding_is_one_of_those_there_are() -> None:
    with pytest.raises(
        ConfigError, match=r"^encoding must be one of .*'one_hot'.*received 'onehot'"
    ):
        ModelConfig(vocab_size=10, encoding="onehot")


@pytest.mark.parametrize("context", [0, -1, 1.5, True, "7"])
def test_a_context_is_a_number_of_characters_or_none(context: Any) -> None:
    assert ModelConfig(vocab_size=10).context is None
    with pytest.raises(ConfigError, match=r"^context must be a whole number from 1"):
        ModelConfig(vocab_size=10, context=context)
