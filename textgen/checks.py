"""What callers pass, checked: a typed error says what was received and what is accepted."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

from textgen.errors import SettingsError


def shown(value: object) -> str:
    """Return a received value as an error names it: never long, whatever it is."""
    try:
        text = repr(value)
    except ValueError:  # a number with more digits than Python prints
        return "a number of thousands of digits"
    return text if len(text) <= 100 else f"{text[:100]}…"


def whole_number(
    name: str, value: Any, least: int, most: int | None = None, *, otherwise: str = ""
) -> int:
    """Return a setting as an int, also where it came as NumPy's.

    Args:
        name: of the setting.
        value: what was received.
        least, most: the range, both included; None for no upper limit.
        otherwise: what else is accepted, in words.

    Raises:
        SettingsError: it is no whole number in that range.
    """
    if isinstance(value, Integral) and not isinstance(value, bool):
        whole = int(value)
        if least <= whole and (most is None or whole <= most):
            return whole
    limits = f"of at least {least:,}" if most is None else f"from {least:,} to {most:,}"
    raise SettingsError(
        f"{name} must be a whole number {limits}{otherwise}, received {shown(value)}."
    )


def number(name: str, value: Any, accepted: str, within: Callable[[Any], bool]) -> float:
    """Return a setting as a float, also where it came as NumPy's.

    Args:
        name: of the setting.
        value: what was received.
        accepted: what is, in words.
        within: whether a number is.

    Raises:
        SettingsError: it is no such number.
    """
    if isinstance(value, Real) and not isinstance(value, bool) and within(value):
        return float(value)
    raise SettingsError(f"{name} must be {accepted}, received {shown(value)}.")


def text(name: str, value: Any, most: int, remedy: str) -> str:
    """Return a text that is not too long.

    Args:
        name: of the argument.
        value: what was received.
        most: characters.
        remedy: what to do about a longer one.

    Raises:
        SettingsError: it is no string, or longer.
    """
    if not isinstance(value, str):
        raise SettingsError(f"{name} must be a string, received {type(value).__name__}.")
    if len(value) > most:
        raise SettingsError(
            f"{name} may have up to {most:,} characters, received {len(value):,}; {remedy}."
        )
    return value
