"""A user's request: its form as a link, and the values that it refuses."""

import dataclasses
import json
import random
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest

from tests.support.requests import asking
from textgen.checks import shown
from textgen.errors import SettingsError
from textgen.generation.sampling import DEFAULT_TEMPERATURE, Sampling
from textgen.generation.streams import DEFAULT_LENGTH
from textgen.service.request import CONTROLS, MAX_LENGTH, MAX_SEED_TEXT, Request

MODELS = ["letters", "böse & gut=1", "a+b#c?d%20"]
TEXTS = "ab \n\t&=+%#?;/é🙂\"'<\\"
ABSURD = ["", " ", "x", "nan", "inf", "-1", "+1", "1_0", "١٢", "²", "0x10", "1e9", "1.", ".5"]
ABSURD += ["1,5", "[]", "None", "true", "9" * 5000, "0." + "1" * 5000, "1e-" + "9" * 5000, "\0"]


def read(query: str) -> Request | None:
    return Request.from_link(dict(parse_qsl(query, keep_blank_values=True)), MODELS)


def any_request(rng: random.Random) -> Request:
    """Return a random request that the app's controls can make, often with extreme values."""

    def any_of(name: str) -> float:
        least, most = CONTROLS[name].least, CONTROLS[name].most
        whole = name not in ("temperature", "top_p", "min_p")
        within = rng.randint(int(least), int(most)) if whole else rng.uniform(least or 0.01, most)
        smallest = 0.01 if name == "temperature" else 10 ** -rng.uniform(1, 20)
        return rng.choice([least, most, within, smallest if least == 0 else most])

    settings: dict[str, Any] = {name: any_of(name) for name in CONTROLS}
    for name in ("length", "top_k", "no_repeat_ngram_size", "seed"):
        settings[name] = int(settings[name])
    if settings["no_repeat_ngram_size"] == 1:  # every second step of the slider, so not this one
        settings["no_repeat_ngram_size"] = 2
    return Request(
        model=rng.choice(MODELS),
        seed_text="".join(rng.choices(TEXTS, k=rng.choice([0, 1, 20, MAX_SEED_TEXT]))),
        **settings,
    )


@pytest.mark.parametrize("seed", range(300))
def test_a_link_restores_its_request(seed: int) -> None:
    request = any_request(random.Random(seed))
    assert read(request.link()) == request
    at = dataclasses.replace(request, epoch="0.5")
    assert read(f"{request.link()}&epoch=0.5") == at
    assert at.link() == request.link()


def test_a_link_contains_the_part_of_a_prompt_that_is_used() -> None:
    long = Request(model="letters", seed_text="b" * 10 + "a" * MAX_SEED_TEXT)
    assert read(long.link()) == dataclasses.replace(long, seed_text="a" * MAX_SEED_TEXT)
    half = Request(model="letters", seed_text="a\ud83d b")
    assert read(half.link()) == dataclasses.replace(half, seed_text="a b")


def test_a_link_omits_defaults() -> None:
    assert Request(model="letters").link() == "model=letters&seed_text="
    request = Request(model="letters", seed_text="a & b", seed=7)
    assert request.link() == "model=letters&seed_text=a+%26+b&seed=7"


def test_missing_values_of_a_link_are_defaults_and_unknown_names_are_ignored() -> None:
    expected = Request(model="letters", temperature=1.0)
    assert read("temperature=1&__theme=dark&settings=x&stream=1") == expected
    assert (expected.length, expected.seed, expected.epoch) == (DEFAULT_LENGTH, 1, "best")


@pytest.mark.parametrize("query", ["", "__theme=dark", "utm_source=x&v=1", "Model=letters"])
def test_a_link_without_settings_is_no_request(query: str) -> None:
    assert read(query) is None


@pytest.mark.parametrize("name", CONTROLS)
@pytest.mark.parametrize("value", ABSURD, ids=lambda value: ascii(value)[:20])
def test_a_text_that_is_no_number_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} must be .*received") as refused:
        Request.from_link({name: value}, MODELS)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("length", value) for value in ("49", "2001", "400.0")),
        *(("temperature", value) for value in ("1.51", "2")),
        *(("top_k", value) for value in ("51", "1.0")),
        *(("top_p", value) for value in ("0", "0.04", "1.01")),
        ("min_p", "1.01"),
        ("no_repeat_ngram_size", "41"),
        *(("seed", value) for value in ("4294967296", "0.5")),
    ],
)
def test_a_number_outside_the_range_of_its_control_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} must be .* from .* to .*{value}"):
        Request.from_link({name: value}, MODELS)


def test_an_unknown_model_is_refused_with_the_available_ones() -> None:
    with pytest.raises(SettingsError, match=r"no model '<b>'\. Available: 'letters', 'böse"):
        Request.from_link({"model": "<b>"}, MODELS)


def test_a_link_with_a_prompt_beyond_the_limit_is_refused() -> None:
    assert read(f"seed_text={'a' * MAX_SEED_TEXT}") is not None
    with pytest.raises(SettingsError, match="has 1,001 characters; the limit is 1,000"):
        read(f"seed_text={'a' * (MAX_SEED_TEXT + 1)}")


def test_the_defaults_are_within_the_ranges_of_the_controls() -> None:
    request = Request(model="letters")
    assert list(request.question) == ["model", "epoch", "seed_text", *CONTROLS]
    for name, control in CONTROLS.items():
        assert control.least <= getattr(request, name) <= control.most
    assert request.temperature == DEFAULT_TEMPERATURE
    assert CONTROLS["length"].most == MAX_LENGTH


def test_a_filter_is_off_at_its_off_value() -> None:
    assert Request(model="letters").sampling == Sampling()
    used = {"top_k": 3, "top_p": 0.5, "min_p": 0.1, "no_repeat_ngram_size": 20}
    assert Request(model="letters", **used).sampling == Sampling(**used)  # type: ignore[arg-type]


def test_numbers_of_any_type_become_python_numbers() -> None:
    kinds: Any = {"length": np.int64(60), "temperature": 1, "seed": np.uint8(3)}
    request = Request(model="letters", **kinds)
    assert repr((request.length, request.temperature, request.seed)) == "(60, 1.0, 3)"
    assert json.loads(json.dumps(request.question)) == request.question


NO_SETTINGS: list[Any] = [
    None,
    [],
    {},
    "x",
    "1",
    -1,
    True,
    float("nan"),
    float("inf"),
    10**5000,
]


@pytest.mark.parametrize("length", [0, -1, MAX_LENGTH + 1, 1.5, True, "9"])
def test_lengths_out_of_range_are_refused(length: Any) -> None:
    with pytest.raises(SettingsError, match="length must be"):
        asking(length=length)


@pytest.mark.parametrize("value", NO_SETTINGS, ids=lambda value: shown(value)[:10])
@pytest.mark.parametrize("name", CONTROLS)
def test_a_value_that_no_setting_accepts_is_refused(name: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=f"^{name} must be .*received") as refused:
        asking(**{name: value})
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("name", [name for name in CONTROLS if name != "temperature"])
def test_a_fraction_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} must be .*received 1.5"):
        asking(**{name: 1.5})
