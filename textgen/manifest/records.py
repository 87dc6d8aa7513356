"""The parts of a timeline's manifest, from facts about its corpus to its snapshots."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from textgen.errors import TimelineError
from textgen.text.corpus_index import MAX_NGRAMS, MAX_WORDS

MAX_ORDER = 12  # of an n-gram model

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=100_000)]
Count = Annotated[int, Field(ge=0, lt=2**53)]
Finite = Annotated[float, Field(allow_inf_nan=False, ge=0)]
RepoId = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9._-]+$", max_length=200)
]
Length = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,5}$")]  # in characters; a key of JSON


@dataclass(frozen=True, kw_only=True)
class CorpusFacts:
    """Facts about the corpus: its name, source, checksum and sizes, not its text."""

    name: Name
    source: Annotated[str, Field(max_length=2000)]
    sha256: Sha256
    characters: Count
    train_characters: Count
    held_out_characters: Count
    unseen_characters: Count  # removed because they are not in the vocabulary
    hard_wrapped: bool = False  # prose with a line break every 70 characters or so

    def __post_init__(self) -> None:
        parts = self.train_characters, self.held_out_characters
        if not all(parts) or sum(parts) != self.characters:
            raise TimelineError(
                f"The corpus has {parts[0]:,} training and {parts[1]:,} validation characters, "
                f"but {self.characters:,} in total; each part needs at least 1 character, and "
                "their sum must be the total."
            )


@dataclass(frozen=True, kw_only=True)
class IndexFacts:
    """Facts about the corpus index, which finds copied runs and known words."""

    ngram_size: Literal[19]
    ngrams: Annotated[int, Field(ge=0, le=MAX_NGRAMS)]
    words: Annotated[int, Field(ge=0, le=MAX_WORDS)] | None = None  # None: an index without words
    sha256: Sha256


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The snapshot of another timeline that this model was fine-tuned from."""

    name: Name
    step: Count
    sha256: Sha256  # of its weights file
    repo_id: RepoId | None = None  # None: it was not on the Hub


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What the trainer states for the model card; nothing of it follows from the training.

    Attributes:
        license: of the weights, an identifier of the Hub such as "cc0-1.0"; None if not stated.
        language: of the training text, as ISO 639 code.
        datasets: repositories on the Hub that hold the training text.
        demo: URL of a page where the model can be tried.
    """

    license: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.+-]{0,63}$")] | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    datasets: Annotated[tuple[RepoId, ...], Field(max_length=20)] = ()
    demo: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=2000)] | None = None


@dataclass(frozen=True, kw_only=True)
class NgramResult:
    """How well an n-gram model, which counts sequences of characters, does on the same text."""

    order: Annotated[int, Field(ge=1, le=MAX_ORDER)]  # length of the longest counted sequence
    characters: Count  # of the training text that were counted, from its end
    val_loss: Finite  # nats per character, of the same validation text
    val_bits_per_char: Finite
    seconds: Finite  # of counting and measuring
    sample: Text  # at temperature 0.5, with the prompt and random seed of the snapshots' samples


@dataclass(frozen=True, kw_only=True)
class SampleSettings:
    """How every snapshot's samples were written: the same prompt, the same random seed."""

    seed_text: Text
    length: Count
    seed: Count


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One point of training: the weights file, the losses and the samples written with it."""

    step: Count
    epoch: Finite
    file: str
    sha256: Sha256
    size: Count  # bytes
    loss: Finite | None  # nats per character, mean since the previous snapshot, with dropout
    val_loss: Finite  # nats per character
    val_bits_per_char: Finite
    seconds: Finite  # of training up to here, not counting validation and saving
    samples: Annotated[dict[Annotated[str, Field(max_length=20)], Text], Field(max_length=20)]
    # Number of earlier characters shown → validation loss in bits per character.
    bits_by_context: Annotated[dict[Length, Finite], Field(max_length=20)] = field(
        default_factory=dict
    )

    @property
    def label(self) -> str:
        """The epoch as it is displayed: "0.11", "3"."""
        return epoch_label(self.epoch)


def epoch_label(epoch: float) -> str:
    """Return an epoch as it is displayed: two significant digits below 1, else all digits."""
    return f"{epoch:.2g}" if epoch < 0.995 else f"{epoch:g}"
