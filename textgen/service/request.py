"""What a visitor asks for: the settings, their ranges, and the links that hold them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any
from urllib.parse import urlencode

from textgen.checks import number, shown, whole_number
from textgen.errors import SettingsError
from textgen.generation.sampling import DEFAULT_TEMPERATURE, MAX_NO_REPEAT
from textgen.timeline.generator import TextGenerator

MAX_LENGTH, DEFAULT_LENGTH = 2000, 400
MAX_SEED_TEXT = 1000
MAX_TOP_K = 10**6  # no model knows more characters
DEFAULT_SEED = 1

RANGES: dict[str, tuple[float, float]] = {
    "length": (50, MAX_LENGTH),
    "temperature": (0, 1.5),
    "top_k": (0, 50),
    "top_p": (0.05, 1),
    "min_p": (0, 1),
    "no_repeat_ngram_size": (0, 40),
    "seed": (0, 2**32 - 1),
}
"""Least and most of what the page's own controls, and so its links, can say."""
# As `Request.link` writes one: neither "nan" nor "1_000" nor a million digits.
_NUMBER = re.compile(r"\d{1,10}(\.\d{1,20})?(e-\d{1,3})?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a visitor asks for.

    Attributes:
        model: a name out of `Service.models`.
        epoch: of the snapshot that writes, or "best" or "last".
        seed_text: what the text starts from; empty for an opening of the model's own.
        length: new characters, from 1 to `MAX_LENGTH`.
        temperature, top_k, top_p, min_p, no_repeat_ngram_size, seed: see `TextGenerator.stream`;
            here 0 for `top_k` or `no_repeat_ngram_size`, as 1 for `top_p`, stands for none.
    """

    model: str
    epoch: float | str = "best"
    seed_text: str = ""
    length: int = DEFAULT_LENGTH
    temperature: float = DEFAULT_TEMPERATURE
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    no_repeat_ngram_size: int = 0
    seed: int = DEFAULT_SEED

    @property
    def settings(self) -> dict[str, Any]:
        """Everything by name, as `/generate` takes it."""
        return asdict(self)

    def stream(self, generator: TextGenerator, prompt: str) -> Iterator[str]:
        """Return the continuation of an opening by one snapshot, character by character.

        Raises:
            SettingsError: a value is outside its range; at the call.
        """
        for name in RANGES:
            if getattr(self, name) is None:  # which the package takes, and a link cannot hold
                raise SettingsError(
                    f"{name} must be a number, received None; leave it out for its default."
                )
        for name, most in (("top_k", MAX_TOP_K), ("no_repeat_ngram_size", MAX_NO_REPEAT)):
            whole_number(name, getattr(self, name), 0, most, otherwise=", 0 for none")
        return generator.stream(
            prompt,
            length=whole_number("length", self.length, 1, MAX_LENGTH),
            temperature=self.temperature,
            top_k=self.top_k or None,
            top_p=self.top_p,
            min_p=self.min_p,
            no_repeat_ngram_size=self.no_repeat_ngram_size or None,
            seed=self.seed,
        )

    def link(self) -> str:
        """Return the query of a link to this, without the epoch and without what is the default."""
        said = {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name in RANGES and getattr(self, field.name) != field.default
        }
        # What is not read would make a link that cannot be opened: what stands before the last
        # characters, and halves of a pair.
        seed_text = self.seed_text[-MAX_SEED_TEXT:]
        return urlencode({"model": self.model, "seed_text": seed_text, **said}, errors="ignore")

    @classmethod
    def from_link(cls, query: Mapping[str, str], models: Sequence[str]) -> Request | None:
        """Read a link's query; what it does not say is the default.

        Args:
            query: names and values; other names than the attributes' are passed over.
            models: those there are; a link that names none means the first.

        Returns:
            What it asks for; None where it says nothing.

        Raises:
            SettingsError: a value is of another kind, or outside what the page's controls say.
        """
        said = {field.name: query[field.name] for field in fields(cls) if field.name in query}
        if not said:
            return None
        model = said.get("model", models[0])
        if model not in models:
            known = ", ".join(map(repr, models))
            raise SettingsError(f"There is no model {shown(model)} here; there are {known}.")
        if len(seed_text := said.get("seed_text", "")) > MAX_SEED_TEXT:
            raise SettingsError(
                f"A link's seed_text may have up to {MAX_SEED_TEXT:,} characters, received "
                f"{len(seed_text):,}; leave out its beginning."
            )
        read = {name: _read(name, said[name]) for name in RANGES if name in said}
        values: dict[str, Any] = {**said, **read, "model": model}
        return cls(**values)


def _read(name: str, text: str) -> float:
    """Return a link's number.

    Raises:
        SettingsError: it is none, or outside its range.
    """
    least, most = RANGES[name]
    value: float | str = text
    if _NUMBER.fullmatch(text):
        value = int(text) if text.isdecimal() else float(text)
    if name not in ("temperature", "top_p", "min_p"):
        return whole_number(name, value, int(least), int(most))
    return number(
        name, value, f"a number from {least:g} to {most:g}", lambda given: least <= given <= most
    )
