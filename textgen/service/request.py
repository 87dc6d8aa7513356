"""A user's request: its settings, their ranges, and its form as a link."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode

from textgen.checks import Setting, check_settings, setting, settings_of, shown
from textgen.errors import SettingsError
from textgen.generation.sampling import Sampling
from textgen.generation.streams import DEFAULT_LENGTH, LENGTH, SEED
from textgen.service.wire import Question
from textgen.timeline.generator import TextGenerator

MAX_LENGTH = 2000
MAX_SEED_TEXT = 1000
DEFAULT_SEED = 1


class Control(NamedTuple):
    """One setting on the page: its words, and the range of its control and of links."""

    label: str
    info: str
    least: float
    most: float
    step: float


CONTROLS: Mapping[str, Control] = {
    "length": Control("Length", "Number of new characters.", 50, MAX_LENGTH, 50),
    "temperature": Control(
        "Temperature",
        "0 (greedy) always takes the most likely character; above 1, words break down.",
        0,
        1.5,
        0.05,
    ),
    "top_k": Control("Top k", "Choose among the k most likely characters. 0 = off.", 0, 50, 1),
    "top_p": Control(
        "Top p",
        "Choose among the most likely characters that together reach this probability. 1 = off.",
        0.05,
        1,
        0.05,
    ),
    "min_p": Control(
        "Min p",
        "Drop characters whose probability is below this share of the highest one. 0 = off.",
        0,
        1,
        0.01,
    ),
    "no_repeat_ngram_size": Control(
        "No repeats",
        "Never repeat a sequence this long. 0 = off; 20 stops the loops at low temperature.",
        0,
        40,
        2,
    ),
    "seed": Control(
        "Random seed", "The same seed and settings write the same text.", 0, 2**32 - 1, 1
    ),
}
"""The settings, in the order of the page."""

# A number as `Request.link` writes it: not "nan", "1_000" or a million digits.
_NUMBER = re.compile(r"\d{1,10}(\.\d{1,20})?(e-\d{1,3})?", re.ASCII)


def _of_sampling(name: str) -> Any:
    """Declare a field like `Sampling` does, for numbers only: JSON and sliders have no None."""
    declared = dataclasses.replace(settings_of(Sampling)[name], optional=False)
    if declared.kind is int and declared.at_most is None:
        declared = dataclasses.replace(declared, at_most=10**6)  # larger than any vocabulary
    return setting(getattr(Sampling(), name), **vars(declared))


@dataclass(frozen=True, kw_only=True)
class Request:
    """A validated request for a text.

    Args:
        model: one of `ModelCatalog.names`.
        epoch: an epoch of the snapshots, or "best" or "last".
        seed_text: the prompt; empty for one of the model's own.
        length: new characters, 1 to `MAX_LENGTH`.
        temperature, top_k, top_p, min_p, no_repeat_ngram_size: see
            `textgen.generation.sampling.Sampling`; 0 turns a filter off, 1 for `top_p`.
        seed: the random seed.

    Raises:
        SettingsError: a value is outside its range. The catalog checks model and epoch.
    """

    model: str
    epoch: float | str = "best"
    seed_text: str = ""
    length: int = setting(DEFAULT_LENGTH, int, LENGTH.help, at_least=1, at_most=MAX_LENGTH)
    temperature: float = _of_sampling("temperature")
    top_k: int = _of_sampling("top_k")
    top_p: float = _of_sampling("top_p")
    min_p: float = _of_sampling("min_p")
    no_repeat_ngram_size: int = _of_sampling("no_repeat_ngram_size")
    seed: int = setting(DEFAULT_SEED, **vars(dataclasses.replace(SEED, optional=False)))

    def __post_init__(self) -> None:
        if not isinstance(self.seed_text, str):
            received = type(self.seed_text).__name__
            raise SettingsError(f"seed_text must be a string, received {received}.")
        check_settings(self, SettingsError)

    @property
    def sampling(self) -> Sampling:
        """How the characters are chosen."""
        return Sampling(**{name: getattr(self, name) for name in settings_of(Sampling)})

    @property
    def question(self) -> Question:
        """The request as JSON; a long prompt is cut to the part that is used."""
        said = {**asdict(self), "epoch": str(self.epoch), "seed_text": self._used}
        return cast(Question, said)

    @property
    def _used(self) -> str:
        return self.seed_text[-MAX_SEED_TEXT:]

    def stream(self, generator: TextGenerator, prompt: str) -> Iterator[str]:
        """Yield the continuation of a prompt by one snapshot, character by character."""
        sampling: Any = asdict(self.sampling)
        return generator.stream(prompt, length=self.length, seed=self.seed, **sampling)

    def link(self) -> str:
        """Return the query of a link to this request, without the epoch and default values."""
        said = {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name in CONTROLS and getattr(self, field.name) != field.default
        }
        # Only the part of the prompt that is used, and no half of a surrogate pair: links with
        # either could not be opened.
        query = {"model": self.model, "seed_text": self._used, **said}
        return urlencode(query, errors="ignore")

    @classmethod
    def from_link(cls, query: Mapping[str, str], models: Sequence[str]) -> Request | None:
        """Read a link's query; missing values are the defaults.

        Args:
            query: names and values; unknown names are ignored.
            models: the available models; a link without a model means the first.

        Returns:
            The request; None if the query has none of its names.

        Raises:
            SettingsError: a value has the wrong type, or is outside its control's range.
        """
        said = {field.name: query[field.name] for field in fields(cls) if field.name in query}
        if not said:
            return None
        model = said.get("model", models[0])
        if model not in models:
            known = ", ".join(map(repr, models))
            raise SettingsError(f"There is no model {shown(model)}. Available: {known}.")
        if len(seed_text := said.get("seed_text", "")) > MAX_SEED_TEXT:
            raise SettingsError(
                f"A link's seed_text has {len(seed_text):,} characters; the limit is "
                f"{MAX_SEED_TEXT:,}. Leave out its beginning."
            )
        declared = settings_of(cls)
        numbers = {
            name: _number(name, said[name], declared[name]) for name in CONTROLS if name in said
        }
        values: dict[str, Any] = {**said, **numbers, "model": model}
        return cls(**values)


def _number(name: str, text: str, declared: Setting) -> float:
    """Return a number from a link.

    Raises:
        SettingsError: it is not a number, or outside its control's range.
    """
    control = CONTROLS[name]
    value: float | str = text
    if _NUMBER.fullmatch(text):
        value = int(text) if text.isdecimal() else float(text)
    limits = Setting(kind=declared.kind, at_least=control.least, at_most=control.most)
    number: float = limits.check(name, value)
    return number
