"""Generating text with one snapshot: text in, text out, character by character."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from textgen import checks
from textgen.checks import shown
from textgen.config import ModelConfig
from textgen.errors import SettingsError, VocabularyError
from textgen.generation.evaluation import Score, score
from textgen.generation.sampling import (
    DEFAULT_TEMPERATURE,
    Sampling,
    SamplingFilters,
    SamplingSettings,
)
from textgen.generation.streams import (
    DEFAULT_LENGTH,
    GenerationPlan,
    continue_batch,
    continue_stream,
    make_plan,
)
from textgen.hub.source import Source
from textgen.manifest.records import Snapshot
from textgen.manifest.schema import Manifest
from textgen.network.engine import Engine
from textgen.network.weights import Array
from textgen.text.vocabulary import Vocabulary
from textgen.timeline.reader import open_timeline, read_snapshot

MAX_SEED_TEXT = 100_000
MAX_SCORED = 1_000_000


class TextGenerator:
    """Generates text that continues a prompt. Immutable, so threads may share one generator.

    Args:
        engine: the model.
        vocabulary: of the model.

    Raises:
        VocabularyError: engine and vocabulary have different numbers of characters.

    Example:
        generator = TextGenerator.from_pretrained("pretrained/nietzsche")
        for character in generator.stream("the soul ", length=100, seed=1):
            print(character, end="", flush=True)
    """

    def __init__(self, engine: Engine, vocabulary: Vocabulary) -> None:
        if vocabulary.size != engine.config.vocab_size:
            raise VocabularyError(
                f"The vocabulary has {vocabulary.size} characters, but the model expects "
                f"{engine.config.vocab_size}."
            )
        self.engine, self.vocabulary = engine, vocabulary

    @classmethod
    def from_pretrained(
        cls,
        path_or_repo: str | Path,
        *,
        epoch: float | str | None = None,
        step: int | None = None,
        revision: str | None = None,
        token: str | bool | None = None,
        cache_dir: str | Path | None = None,
        local_files_only: bool = False,
    ) -> TextGenerator:
        """Load one snapshot of a timeline from a directory or from the Hugging Face Hub.

        Args:
            path_or_repo: a timeline's directory, or a Hub repository as "user/name".
            epoch: which snapshot: one of the timeline's epochs, "best" (default) or "last".
            step: which snapshot, by training step instead of epoch.
            revision: branch, tag or commit of the repository.
            token: for private repositories; by default the one stored by `hf auth login`.
            cache_dir: where downloads are kept; by default the Hub client's cache.
            local_files_only: use only the cache, without network access.

        Raises:
            TimelineError: it is not a timeline, was altered, or has no such snapshot.
            HubError: the repository cannot be fetched.
        """
        manifest, vocabulary, source = open_timeline(
            path_or_repo,
            revision=revision,
            token=token,
            cache_dir=cache_dir,
            local_files_only=local_files_only,
        )
        snapshot = manifest.find(step=step, epoch=epoch)
        return cls.from_snapshot(manifest, vocabulary, source, snapshot)

    @classmethod
    def from_snapshot(
        cls, manifest: Manifest, vocabulary: Vocabulary, source: Source, snapshot: Snapshot
    ) -> TextGenerator:
        """Load one snapshot's weights and check them against the manifest.

        Raises:
            TimelineError: the file is missing or is not the one that the manifest names.
            HubError: the file cannot be fetched.
        """
        weights = read_snapshot(source, manifest, snapshot)
        return cls(Engine(manifest.model, weights), vocabulary)

    @property
    def config(self) -> ModelConfig:
        """The model's settings."""
        return self.engine.config

    def prepare(self, seed_text: str) -> tuple[str, dict[str, int]]:
        """Return the prompt as the model reads it, and the removed characters with their counts.

        The prompt is preprocessed like the training text, and characters outside the vocabulary are
        removed; see `Vocabulary.clean`. If nothing is left, the prompt is a line break, or else the
        vocabulary's first character.

        Args:
            seed_text: the prompt, up to `MAX_SEED_TEXT` characters.

        Raises:
            SettingsError: it is not a string, or too long.
        """
        checks.text(
            "seed_text", seed_text, MAX_SEED_TEXT, "pass only its last part, which matters most"
        )
        text, dropped = self.vocabulary.clean(seed_text)
        characters = self.vocabulary.characters
        return text or ("\n" if "\n" in characters else characters[0]), dropped

    def stream(
        self,
        seed_text: str = "",
        *,
        length: int = DEFAULT_LENGTH,
        seed: int | None = None,
        **sampling: Unpack[SamplingSettings],
    ) -> Iterator[str]:
        """Continue a prompt, one character at a time.

        Args:
            seed_text: the prompt, up to `MAX_SEED_TEXT` characters; see `prepare`. The result does
                not include it.
            length: number of new characters, from 1 to `MAX_LENGTH`.
            seed: random seed, 0 to 2¹²⁸ − 1; None for a new one. The same seed and snapshot repeat
                the text on the same machine, in any process and thread. Different snapshots and
                temperatures get the same random numbers from the same seed. On another processor,
                or with another number of BLAS threads or library version, rounding can flip a
                near-tie; the text differs from there on.
            sampling: `temperature` (default 0.5) and, all off by default, `top_k`, `top_p`, `min_p`
                and `no_repeat_ngram_size`; see `textgen.generation.sampling.Sampling`.

        Returns:
            An iterator over the new characters.

        Raises:
            SettingsError: a setting is outside its range. It is raised by this call, not by the
                first character.
        """
        plan = self._plan(seed_text, length, seed, Sampling(**sampling))
        return map(self.vocabulary.characters.__getitem__, continue_stream(self.engine, plan))

    def _plan(self, seed_text: str, length: Any, seed: Any, sampling: Sampling) -> GenerationPlan:
        text, _ = self.prepare(seed_text)
        return make_plan(self.vocabulary.encode(text).tolist(), length, seed, sampling)

    def generate(
        self,
        seed_text: str = "",
        *,
        length: int = DEFAULT_LENGTH,
        seed: int | None = None,
        **sampling: Unpack[SamplingSettings],
    ) -> str:
        """Return the new characters as one string; the arguments are those of `stream`."""
        return "".join(self.stream(seed_text, length=length, seed=seed, **sampling))

    def generate_batch(
        self,
        seed_texts: Sequence[str],
        *,
        length: int = DEFAULT_LENGTH,
        temperature: float | Sequence[float] = DEFAULT_TEMPERATURE,
        seed: int | Sequence[int | None] | None = None,
        **filters: Unpack[SamplingFilters],
    ) -> list[str]:
        """Continue several prompts at once, several times faster than one after the other.

        The texts share their matrix products while they are written. Different prompts are still
        read one after the other, and a model with a context also writes one text at a time.

        Args:
            seed_texts: the prompts, at least one. Repeat a prompt to vary only the other settings.
            length: number of new characters for every text, from 1 to `MAX_LENGTH`.
            temperature: one value for all texts, or one per text.
            seed: one value for all texts, so that they use the same random numbers, or one per
                text.
            filters: `top_k`, `top_p`, `min_p` and `no_repeat_ngram_size`, for all texts.

        Returns:
            The new characters of each text. Batches round differently from single texts, which can
            flip a near-tie; the text differs from that of `generate` from there on.

        Raises:
            SettingsError: a setting is outside its range, or a sequence has the wrong length.
        """
        if isinstance(seed_texts, str | bytes) or not isinstance(seed_texts, Iterable):
            hint = " For one prompt, use generate." if isinstance(seed_texts, str) else ""
            raise SettingsError(
                f"seed_texts must be a list of strings, received {shown(seed_texts)}.{hint}"
            )
        seed_texts = list(seed_texts)
        count = len(seed_texts)
        temperatures = _for_each(temperature, count, "temperature")
        seeds = _for_each(seed, count, "seed")
        if not count:
            raise SettingsError("seed_texts must have at least one string, received none.")
        plans = [
            self._plan(text, length, one_seed, Sampling(temperature=one, **filters))
            for text, one, one_seed in zip(seed_texts, temperatures, seeds, strict=True)
        ]
        return [self.vocabulary.decode(ids) for ids in continue_batch(self.engine, plans)]

    def logits(self, text: str) -> Array:
        """Return the logits of the next character after each character of a text.

        Args:
            text: only characters in the vocabulary; `vocabulary.normalize` converts any text.

        Returns:
            float32 `(len(text), vocab_size)`.

        Raises:
            VocabularyError: a character is not in the vocabulary.
        """
        return self.engine.logits(self.vocabulary.encode(text))

    def next_logits(self, text: str) -> Array:
        """Return only the logits after the last character of a text, float32 `(vocab_size,)`.

        Args:
            text: at least one character, all in the vocabulary.

        Raises:
            VocabularyError: a character is not in the vocabulary, or the text is empty.
        """
        return self.engine.next_logits(self.vocabulary.encode(text))

    def score(self, text: str) -> Score:
        """Return how well the model predicts each character of a text, and what it expected.

        Args:
            text: up to `MAX_SCORED` characters. It is preprocessed like the training text, and
                characters outside the vocabulary are removed; see `Vocabulary.clean`.

        Raises:
            SettingsError: it is not a string, is too long, or has fewer than two characters left.

        Example:
            score = TextGenerator.from_pretrained("pretrained/nietzsche").score("the soul")
            print(score.bits_per_char, score.alternatives(1))
        """
        check_scored(text)
        return score(self.engine, self.vocabulary, text)


def check_scored(text: str) -> None:
    """Raise SettingsError unless this is a string of at most `MAX_SCORED` characters."""
    checks.text("text", text, MAX_SCORED, "pass a part of it")


def _for_each(value: Any, count: int, name: str) -> Sequence[Any]:
    """Return one value for each of `count` texts."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        return [value] * count
    if len(value) != count:
        raise SettingsError(
            f"{name} must be one value or a list of {count}, one per text; "
            f"received a list of {len(value)}."
        )
    return value
