"""What a user asks for: the settings, their ranges, and the links that hold them."""

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
from textgen.service.wire import Question
from textgen.timeline.generator import TextGenerator

MAX_LENGTH, DEFAULT_LENGTH = 2000, 400
MAX_SEED_TEXT = 1000
DEFAULT_SEED = 1
OFF: Mapping[str, float] = {"top_k": 0, "top_p": 1.0, "min_p": 0.0, "no_repeat_ngram_size": 0}
"""The value of each filter that leaves it out, where None cannot be said."""


class Control(NamedTuple):
    """One setting on the page: its words, and what its own control and a link can say."""

    label: str
    info: str
    least: float
    most: float
    step: float


CONTROLS: Mapping[str, Control] = {
    "length": Control("Length", "Characters to write.", 50, MAX_LENGTH, 50),
    "temperature": Control(
        "Temperature",
        "How adventurous: 0 always takes the likeliest character, above 1 words break down.",
        0,
        1.5,
        0.05,
    ),
    "top_k": Control("Top k", "Draw among the k likeliest; 0 for all.", 0, 50, 1),
    "top_p": Control(
        "Top p",
        "Draw among the likeliest that together reach this probability; 1 for all.",
        0.05,
        1,
        0.05,
    ),
    "min_p": Control(
        "Min p",
        "Leave out what is less than this share as likely as the likeliest; 0 for none.",
        0,
        1,
        0.01,
    ),
    "no_repeat_ngram_size": Control(
        "No repeats",
        "Never write so many characters in a row twice; 0 lets it. 20 ends the loops of low "
        "temperatures.",
        0,
        40,
        2,
    ),
    "seed": Control("Dice", "Same number, same luck: the same text again.", 0, 2**32 - 1, 1),
}
"""The settings in the order of the page."""

# As `Request.link` writes a number: neither "nan" nor "1_000" nor a million digits.
_NUMBER = re.compile(r"\d{1,10}(\.\d{1,20})?(e-\d{1,3})?", re.ASCII)


def _of_sampling(name: str) -> Any:
    """Declare a field as `Sampling` does; a filter by numbers alone, among them its `OFF`."""
    declared, default = settings_of(Sampling)[name], getattr(Sampling(), name)
    if name in OFF:
        declared = dataclasses.replace(declared, optional=False)
        default = OFF[name]
        if declared.kind is int:
            most = declared.at_most or 10**6  # no model knows more characters
            declared = dataclasses.replace(declared, at_least=0, at_most=most, remark="0 for none")
    return setting(default, **vars(declared))


@dataclass(frozen=True, kw_only=True)
class Request:
    """A question, checked.

    Args:
        model: a name out of `ModelCatalog.names`.
        epoch: of the snapshot that writes, or "best" or "last".
        seed_text: what the text starts from; empty for a prompt of the model's own.
        length: new characters, from 1 to `MAX_LENGTH`.
        temperature, top_k, top_p, min_p, no_repeat_ngram_size: see
            `textgen.generation.sampling.Sampling`; a filter is left out by its value in `OFF`.
        seed: of the random numbers.

    Raises:
        SettingsError: a value is outside its range; whether there is such a model and snapshot, the
            catalog knows.
    """

    model: str
    epoch: float | str = "best"
    seed_text: str = ""
    length: int = setting(DEFAULT_LENGTH, int, "new characters", at_least=1, at_most=MAX_LENGTH)
    temperature: float = _of_sampling("temperature")
    top_k: int = _of_sampling("top_k")
    top_p: float = _of_sampling("top_p")
    min_p: float = _of_sampling("min_p")
    no_repeat_ngram_size: int = _of_sampling("no_repeat_ngram_size")
    seed: int = setting(DEFAULT_SEED, int, "of the random numbers", at_least=0, at_most=2**128 - 1)

    def __post_init__(self) -> None:
        if not isinstance(self.seed_text, str):
            received = type(self.seed_text).__name__
            raise SettingsError(f"seed_text must be a string, received {received}.")
        check_settings(self, SettingsError)
        _ = self.sampling  # which may be stricter

    @property
    def sampling(self) -> Sampling:
        """How the characters are drawn."""
        chosen: dict[str, Any] = {}
        for name in settings_of(Sampling):
            value = getattr(self, name)
            chosen[name] = None if value == OFF.get(name) else value
        return Sampling(**chosen)

    @property
    def question(self) -> Question:
        """The question as it goes over the wire; of a long seed text what is read of it."""
        said = {**asdict(self), "epoch": str(self.epoch), "seed_text": self._read}
        return cast(Question, said)

    @property
    def _read(self) -> str:
        return self.seed_text[-MAX_SEED_TEXT:]

    def stream(self, generator: TextGenerator, prompt: str) -> Iterator[str]:
        """Return the continuation of a prompt by one snapshot, character by character."""
        sampling: Any = asdict(self.sampling)
        return generator.stream(prompt, length=self.length, seed=self.seed, **sampling)

    def link(self) -> str:
        """Return the query of a link to this, without the epoch and without what is the default."""
        said = {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name in CONTROLS and getattr(self, field.name) != field.default
        }
        # What is not read would make a link that cannot be opened: what stands before the last
        # characters, and halves of a pair.
        query = {"model": self.model, "seed_text": self._read, **said}
        return urlencode(query, errors="ignore")

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
        declared = settings_of(cls)
        numbers = {
            name: _number(name, said[name], declared[name]) for name in CONTROLS if name in said
        }
        values: dict[str, Any] = {**said, **numbers, "model": model}
        return cls(**values)


def _number(name: str, text: str, declared: Setting) -> float:
    """Return a link's number.

    Raises:
        SettingsError: it is none, or outside what the page's control says.
    """
    control = CONTROLS[name]
    value: float | str = text
    if _NUMBER.fullmatch(text):
        value = int(text) if text.isdecimal() else float(text)
    limits = Setting(kind=declared.kind, at_least=control.least, at_most=control.most)
    number: float = limits.check(name, value)
    return number
