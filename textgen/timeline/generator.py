"""One snapshot and its vocabulary: text in, text out, character by character."""

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
from textgen.manifest.schema import Manifest, Snapshot
from textgen.network.engine import Engine
from textgen.network.weights import Array
from textgen.text.vocabulary import Vocabulary
from textgen.timeline.reader import open_timeline, read_snapshot

MAX_SEED_TEXT = 100_000
MAX_SCORED = 1_000_000


class TextGenerator:
    """Continues texts. Immutable: threads may share one, each stream has a state of its own.

    Args:
        engine: the model.
        vocabulary: its alphabet.

    Raises:
        VocabularyError: the sizes of the two differ.

    Example:
        generator = TextGenerator.from_pretrained("pretrained/nietzsche")
        for character in generator.stream("the soul ", length=100, seed=1):
            print(character, end="", flush=True)
    """

    def __init__(self, engine: Engine, vocabulary: Vocabulary) -> None:
        if vocabulary.size != engine.config.vocab_size:
            raise VocabularyError(
                f"The vocabulary holds {vocabulary.size} characters, the model expects "
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
            step: which snapshot, by training step instead.
            revision: branch, tag or commit of the repository.
            token: for private repositories; default the one `hf auth login` stored.
            cache_dir: where downloads are kept; default the Hub client's cache.
            local_files_only: use the cache alone, without asking the network.

        Raises:
            TimelineError: not a timeline, altered, or without such a snapshot.
            HubError: the repository cannot be had.
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
        """Load one snapshot's weights, checked against the manifest.

        Raises:
            TimelineError: the file is missing or is not the one the manifest names.
        """
        weights = read_snapshot(source, manifest, snapshot)
        return cls(Engine(manifest.model, weights), vocabulary)

    @property
    def config(self) -> ModelConfig:
        """The shape of the model."""
        return self.engine.config

    def prepare(self, seed_text: str) -> tuple[str, dict[str, int]]:
        """Return what of a seed text is used, and the characters left out with their counts.

        The text is prepared as the corpus was and rid of characters the model never saw. Where
        nothing is left, a line break (else the vocabulary's first character) starts the text.

        Raises:
            SettingsError: not a string, or longer than `MAX_SEED_TEXT` characters.
        """
        checks.text("seed_text", seed_text, MAX_SEED_TEXT, "give its last part, which decides most")
        text, dropped = self.vocabulary.normalize(seed_text)
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
        """Continue a text, one character at a time.

        Args:
            seed_text: what the text starts from, up to `MAX_SEED_TEXT` characters; see `prepare`.
                It is read, not repeated.
            length: new characters, from 1 to `MAX_LENGTH`.
            seed: of the random numbers, 0 to 2¹²⁸ − 1: the same seed gives the same text from the
                same snapshot on the same machine, in any process and thread, and the same luck to
                every snapshot and temperature. None draws a new one. With another processor,
                number of BLAS threads or library version a product may round otherwise, and at a
                near tie turn one character, and then those after it.
            sampling: `temperature` (default 0.5), `top_k`, `top_p`, `min_p` and
                `no_repeat_ngram_size`; see `textgen.generation.sampling.Sampling`.

        Returns:
            An iterator over the new characters.

        Raises:
            SettingsError: a setting is outside its range; at the call, not at the first character.
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
        """Return the new characters that `stream`, with the same arguments, gives one by one."""
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
        """Continue several texts at once: several times faster than one after the other.

        What is written shares its products; what is read does not, but for equal seed texts, and a
        model with a context writes one text after the other.

        Args:
            seed_texts: one for each text, at least one; repeat it to vary something else.
            length: as in `stream`, for all.
            temperature: for all, or one for each text.
            seed: for all, so that they share their luck, or one for each text.
            filters: `top_k`, `top_p`, `min_p` and `no_repeat_ngram_size`, for all.

        Returns:
            The new characters of each. A matrix product rounds otherwise for many rows than for
            one, so at a near tie a text may turn away from what `generate` gives.

        Raises:
            SettingsError: a setting is outside its range, or a sequence has another length.
        """
        if isinstance(seed_texts, str | bytes) or not isinstance(seed_texts, Iterable):
            raise SettingsError(
                f"seed_texts must be a sequence of texts, received {shown(seed_texts)}."
            )
        seed_texts = list(seed_texts)
        count = len(seed_texts)
        temperatures = _for_each(temperature, count, "temperature")
        seeds = _for_each(seed, count, "seed")
        if not count:
            raise SettingsError("seed_texts must hold at least one text, received none.")
        plans = [
            self._plan(text, length, one_seed, Sampling(temperature=one, **filters))
            for text, one, one_seed in zip(seed_texts, temperatures, seeds, strict=True)
        ]
        return [self.vocabulary.decode(ids) for ids in continue_batch(self.engine, plans)]

    def logits(self, text: str) -> Array:
        """Return the logits of the next character after each character of a text.

        Args:
            text: prepared, in the vocabulary (`vocabulary.normalize` brings any text there).

        Returns:
            float32 `(len(text), vocab_size)`.

        Raises:
            VocabularyError: a character is not in the vocabulary.
        """
        return self.engine.logits(self.vocabulary.encode(text))

    def next_logits(self, text: str) -> Array:
        """Return the logits of the character after a text alone, float32 `(vocab_size,)`.

        Args:
            text: at least one character; as for `logits`.

        Raises:
            VocabularyError: a character is not in the vocabulary, or there is none.
        """
        return self.engine.next_logits(self.vocabulary.encode(text))

    def score(self, text: str) -> Score:
        """Return how surprising a text is to the model, and what it would have written instead.

        Args:
            text: up to `MAX_SCORED` characters; prepared as the corpus was, and rid of characters
                the model never saw.

        Raises:
            SettingsError: not a string, too long, or with fewer than two characters left.

        Example:
            score = TextGenerator.from_pretrained("pretrained/nietzsche").score("the soul")
            print(score.bits_per_char, score.alternatives(1))
        """
        check_scored(text)
        return score(self.engine, self.vocabulary, text)


def check_scored(text: str) -> None:
    """Raise SettingsError unless this is a text of at most `MAX_SCORED` characters."""
    checks.text("text", text, MAX_SCORED, "give a part of it")


def _for_each(value: Any, count: int, name: str) -> Sequence[Any]:
    """Return one value for each of `count` texts."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        return [value] * count
    if len(value) != count:
        raise SettingsError(
            f"{name} must be one value or one for each of {count} texts, received {len(value)}."
        )
    return value
