"""What callers pass, checked: each setting is declared once, with its limits and its words.

An error says what was received and what is accepted, on one line, whatever was received.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from textgen.errors import SettingsError, TextGenError

_KEY = "setting"  # under which a dataclass field holds its declaration


def shown(value: object) -> str:
    """Return a received value as an error names it: never long, whatever it is."""
    try:
        text = repr(value)
    except ValueError:  # a number with more digits than Python prints
        return "a number of thousands of digits"
    return text if len(text) <= 100 else f"{text[:100]}…"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What one setting accepts. Flags, sliders, the API and the documentation read it from here.

    Args:
        kind: bool, int, float or str; NumPy's numbers are accepted too.
        help: one line for people who choose.
        at_least, at_most: the range of a number, both included; None for no limit.
        above: a limit that is not included, in place of `at_least`.
        zero: what 0 means, where it is accepted outside the range.
        choices: of a string.
        optional: whether None is accepted.
        several: whether it is a tuple of such values.
        remark: what else is to be said of the values, "0 for none".
    """

    kind: type[bool] | type[int] | type[float] | type[str]
    help: str = ""
    at_least: float | None = None
    at_most: float | None = None
    above: float | None = None
    zero: str = ""
    choices: tuple[str, ...] = ()
    optional: bool = False
    several: bool = False
    remark: str = ""

    @property
    def accepted(self) -> str:
        """What is accepted, in words: "a whole number from 1 to 100, or None"."""
        if self.kind is bool:
            return "True or False"
        if self.choices:
            return f"one of {self.choices}"
        noun, form = ("a whole number", ",") if self.kind is int else ("a number", "g")
        limits = ""
        if self.above is not None:
            limits = f" above {self.above:{form}} and up to {self.at_most:{form}}"
        elif self.at_most is not None:
            limits = f" from {self.at_least:{form}} to {self.at_most:{form}}"
        elif self.at_least is not None:
            limits = f" of at least {self.at_least:{form}}"
        words = f"{f'0 ({self.zero}) or ' if self.zero else ''}{noun}{limits}"
        return words + (", or None" if self.optional else "") + (self.remark and f", {self.remark}")

    @property
    def range(self) -> str:
        """The range of a number, in short: "1 to 100", "0 or 0.01 to 10", "above 0, up to 1"."""
        if self.above is not None:
            return f"above {self.above:g}, up to {self.at_most:g}"
        most = "" if self.at_most is None else f" to {self.at_most:g}"
        if self.kind is int and self.at_most is not None:
            most = f" to {int(self.at_most)}"
        return f"{'0 or ' if self.zero else ''}{self.at_least:g}{most or ' or more'}"

    def check(self, name: str, value: Any, error: type[TextGenError] = SettingsError) -> Any:
        """Return a value as Python's own bool, int, float or str, or tuple of them.

        Args:
            name: of the setting.
            value: what was received.
            error: to raise.

        Raises:
            TextGenError: of the type `error`: the value is not accepted.
        """
        if value is None and self.optional:
            return None
        if not self.several:
            return self._checked(name, value, error)
        if not isinstance(value, list | tuple):
            raise error(f"{name} must be a list, received {shown(value)}.")
        return tuple(self._checked(name, one, error) for one in value)

    def _checked(self, name: str, value: Any, error: type[TextGenError]) -> Any:
        if self.kind in (bool, str):
            if type(value) is self.kind and (not self.choices or value in self.choices):
                return value
        elif self._is_number(value) and ((self.zero and value == 0) or self._is_within(value)):
            return self.kind(value)
        raise error(f"{name} must be {self.accepted}, received {shown(value)}.")

    def _is_number(self, value: Any) -> bool:
        kind = Integral if self.kind is int else Real
        return isinstance(value, kind) and not isinstance(value, bool)

    def _is_within(self, value: Any) -> bool:
        # NaN is in no range.
        return (
            (self.at_least is None or value >= self.at_least)
            and (self.above is None or value > self.above)
            and (self.at_most is None or value <= self.at_most)
        )


def setting(default: Any, kind: type, help: str, **declared: Any) -> Any:
    """Declare a dataclass field; see `Setting`. Without a default, pass `dataclasses.MISSING`."""
    declaration = Setting(kind=kind, help=help, **declared)
    return dataclasses.field(default=default, metadata={_KEY: declaration})


def settings_of(cls: Any) -> Mapping[str, Setting]:
    """Return the settings that a dataclass declares, by name, in order."""
    return {
        item.name: item.metadata[_KEY] for item in dataclasses.fields(cls) if _KEY in item.metadata
    }


def check_settings(instance: Any, error: type[TextGenError]) -> None:
    """Check every setting of a frozen dataclass, and bring its values into Python's own types.

    Raises:
        TextGenError: of the type `error`: a value is not accepted.
    """
    for name, declaration in settings_of(instance).items():
        value = declaration.check(name, getattr(instance, name), error)
        object.__setattr__(instance, name, value)


def whole_number(name: str, value: Any, least: int, most: int | None = None) -> int:
    """Return an argument as an int.

    Args:
        name: of the argument.
        value: what was received.
        least, most: the range, both included; None for no upper limit.

    Raises:
        SettingsError: it is no whole number in that range.
    """
    return int(Setting(kind=int, at_least=least, at_most=most).check(name, value))


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
