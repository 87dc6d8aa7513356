"""Settings, each declared once with its limits and its help text, and checks of what callers pass.

An error says on one line what was received and what is accepted.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from textgen.errors import SettingsError, TextGenError

_KEY = "setting"  # the key of the declaration in a dataclass field's metadata


def shown(value: object) -> str:
    """Return the repr of a received value for an error message, at most 100 characters of it."""
    try:
        text = repr(value)
    except ValueError:  # a number with more digits than Python prints
        return "a number of thousands of digits"
    return text if len(text) <= 100 else f"{text[:100]}…"


def did_you_mean(received: str, known: Iterable[str]) -> str:
    """Return a suggestion to append to an error, or nothing if no known word is close.

    Example:
        >>> did_you_mean("--lenght", ["--length", "--seed"])
        '. Did you mean --length?'
    """
    close = difflib.get_close_matches(received, list(known), n=1)
    return f". Did you mean {close[0]}?" if close else ""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The values that one setting accepts. Flags, sliders, the API and the docs all use this.

    Args:
        kind: bool, int, float or str; NumPy's numbers are accepted too.
        help: one line for the people who choose a value.
        at_least, at_most: the range of a number, both included; None for no limit.
        above: a lower limit that is not included, instead of `at_least`.
        zero: the meaning of 0, if 0 is accepted although it is outside the range.
        choices: the accepted strings.
        optional: whether None is accepted.
        several: whether the setting is a tuple of such values.
        remark: a note about the values, such as "0 for none".
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
        """The accepted values in words, such as "a whole number from 1 to 100, or None"."""
        if self.kind is bool:
            return "True or False"
        if self.choices:
            return f"one of {self.choices}"
        noun, form = ("a whole number", ",") if self.kind is int else ("a number", "g")
        limits = ""
        if self.above is not None:
            limits = f" above {self.above:{form}} and up to {self.at_most:{form}}"
        elif self.at_most is not None:
            limits = f" from {self.at_least:{form}} to {_readable(self.at_most, form)}"
        elif self.at_least is not None:
            limits = f" of at least {self.at_least:{form}}"
        words = f"{f'0 ({self.zero}) or ' if self.zero else ''}{noun}{limits}"
        return words + (", or None" if self.optional else "") + (self.remark and f", {self.remark}")

    @property
    def range(self) -> str:
        """The range of a number, as "1 to 100", "0 or 0.01 to 10" or "above 0, up to 1"."""
        if self.above is not None:
            return f"above {self.above:g}, up to {self.at_most:g}"
        most = "" if self.at_most is None else f" to {self.at_most:g}"
        if self.kind is int and self.at_most is not None:
            most = f" to {_readable(self.at_most, 'd')}"
        return f"{'0 or ' if self.zero else ''}{self.at_least:g}{most or ' or more'}"

    def check(self, name: str, value: Any, error: type[TextGenError] = SettingsError) -> Any:
        """Return a value as Python's own bool, int, float or str, or as a tuple of them.

        Args:
            name: the name of the setting.
            value: the value that was received.
            error: the type of error to raise.

        Raises:
            TextGenError: the value is not accepted; of the type `error`.
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
        # NaN is outside every range.
        return (
            (self.at_least is None or value >= self.at_least)
            and (self.above is None or value > self.above)
            and (self.at_most is None or value <= self.at_most)
        )


def _readable(number: float, form: str) -> str:
    """Return a number in a format of Python's, but a large 2**n - 1 as "2^n − 1"."""
    if number > 10**9 and isinstance(number, int) and (number & (number + 1)) == 0:
        return f"2^{number.bit_length()} − 1"
    return f"{number:{form}}"


def setting(default: Any, kind: type, help: str, **declared: Any) -> Any:
    """Declare a dataclass field; see `Setting`. For no default, pass `dataclasses.MISSING`."""
    declaration = Setting(kind=kind, help=help, **declared)
    return dataclasses.field(default=default, metadata={_KEY: declaration})


def settings_of(cls: Any) -> Mapping[str, Setting]:
    """Return the settings that a dataclass declares, by name, in order of declaration."""
    return {
        item.name: item.metadata[_KEY] for item in dataclasses.fields(cls) if _KEY in item.metadata
    }


def check_settings(instance: Any, error: type[TextGenError]) -> None:
    """Check every setting of a frozen dataclass, and convert its values to Python's own types.

    Args:
        instance: an instance of the dataclass.
        error: the type of error to raise.

    Raises:
        TextGenError: a value is not accepted; of the type `error`.
    """
    for name, declaration in settings_of(instance).items():
        value = declaration.check(name, getattr(instance, name), error)
        object.__setattr__(instance, name, value)


def whole_number(name: str, value: Any, least: int, most: int | None = None) -> int:
    """Return an argument as an int.

    Args:
        name: the name of the argument.
        value: the value that was received.
        least, most: the range, both included; None for no upper limit.

    Raises:
        SettingsError: the value is not a whole number in that range.
    """
    return int(Setting(kind=int, at_least=least, at_most=most).check(name, value))


def text(name: str, value: Any, most: int, remedy: str) -> str:
    """Return an argument that must be a string of limited length.

    Args:
        name: the name of the argument.
        value: the value that was received.
        most: the most characters accepted.
        remedy: what to do about a longer string, for the message.

    Raises:
        SettingsError: the value is not a string, or is too long.
    """
    if not isinstance(value, str):
        raise SettingsError(f"{name} must be a string, received {type(value).__name__}.")
    if len(value) > most:
        raise SettingsError(
            f"{name} may have up to {most:,} characters, received {len(value):,}; {remedy}."
        )
    return value
