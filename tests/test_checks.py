"""Settings: declared once, checked in one place, and explained in words."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from textgen.checks import Setting, check_settings, setting, settings_of, shown
from textgen.errors import ConfigError, SettingsError


@pytest.mark.parametrize(
    ("declared", "accepted", "short"),
    [
        (Setting(kind=bool), "True or False", None),
        (Setting(kind=str, choices=("a", "b")), "one of ('a', 'b')", None),
        (Setting(kind=int, at_least=1), "a whole number of at least 1", "1 or more"),
        (
            Setting(kind=int, at_least=1, at_most=2000, optional=True),
            "a whole number from 1 to 2,000, or None",
            "1 to 2000",
        ),
        (
            Setting(kind=float, above=0.0, at_most=1.0),
            "a number above 0 and up to 1",
            "above 0, up to 1",
        ),
        (
            Setting(kind=float, at_least=0.01, at_most=10.0, zero="greedy"),
            "0 (greedy) or a number from 0.01 to 10",
            "0 or 0.01 to 10",
        ),
        (
            Setting(kind=int, at_least=0, at_most=10**6, remark="0 for none"),
            "a whole number from 0 to 1,000,000, 0 for none",
            "0 to 1000000",
        ),
        (
            Setting(kind=int, at_least=0, at_most=2**128 - 1),
            "a whole number from 0 to 2^128 − 1",
            "0 to 2^128 − 1",
        ),
        (
            Setting(kind=int, at_least=0, at_most=2**32),
            "a whole number from 0 to 4,294,967,296",
            "0 to 4294967296",
        ),
    ],
    ids=str,
)
def test_accepted_values_are_stated(declared: Setting, accepted: str, short: str | None) -> None:
    assert declared.accepted == accepted
    assert short is None or declared.range == short
    with pytest.raises(SettingsError) as refused:
        declared.check("it", "<b>")
    assert str(refused.value) == f"it must be {accepted}, received '<b>'."


@pytest.mark.parametrize(
    ("declared", "value", "expected"),
    [
        (Setting(kind=int, at_least=0), np.int64(3), "3"),
        (Setting(kind=float, at_least=0), np.float32(0.5), "0.5"),
        (Setting(kind=float, at_least=0), 1, "1.0"),
        (Setting(kind=float, at_least=0.5, zero="off"), 0, "0.0"),
        (Setting(kind=int, at_least=1, several=True), [np.uint8(3), 4], "(3, 4)"),
        (Setting(kind=int, optional=True), None, "None"),
        (Setting(kind=int, at_least=0), 10**400, str(10**400)),
    ],
    ids=str,
)
def test_values_are_converted_to_python_types(declared: Setting, value: Any, expected: str) -> None:
    assert repr(declared.check("it", value)) == expected


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        (Setting(kind=int), True),
        (Setting(kind=int), 1.0),
        (Setting(kind=int), None),
        (Setting(kind=float), "1"),
        (Setting(kind=float, at_least=0), float("nan")),
        (Setting(kind=float, at_most=1.0, at_least=0), 10**400),
        (Setting(kind=float, above=0.0, at_most=1), 0.0),
        (Setting(kind=bool), 1),
        (Setting(kind=str, choices=("a",)), "A"),
        (Setting(kind=int, several=True), 3),
        (Setting(kind=int, several=True), "34"),
    ],
    ids=lambda value: shown(value)[:40],
)
def test_anything_else_is_refused_with_the_given_error(declared: Setting, value: Any) -> None:
    with pytest.raises(ConfigError, match=r"^it must be .*received") as refused:
        declared.check("it", value, ConfigError)
    assert len(str(refused.value)) < 300


def test_a_dataclass_checks_its_settings() -> None:
    @dataclass(frozen=True)
    class Two:
        many: int = setting(3, int, "how many", at_least=1, at_most=5)
        other: object = None

        def __post_init__(self) -> None:
            check_settings(self, ConfigError)

    assert list(settings_of(Two)) == ["many"]
    assert settings_of(Two)["many"].help == "how many"
    assert repr(Two(np.int8(2)).many) == "2"  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="many must be a whole number from 1 to 5, received 6"):
        Two(6)
