"""`timeline.json`: what a timeline says of itself, read as if it came from a stranger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from textgen.checks import shown
from textgen.config import ModelConfig, TrainConfig
from textgen.errors import TimelineError
from textgen.manifest.paths import MANIFEST, ROOT_FILES, snapshot_file
from textgen.text.corpus_index import MAX_NGRAMS, MAX_WORDS
from textgen.text.preparation import Preparation

FORMAT_VERSION: Literal[1] = 1
MAX_MANIFEST_BYTES = 64 * 2**20
WEIGHTS_OVERHEAD_BYTES = 2**20  # what HDF5 may add to the arrays themselves

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=100_000)]
Count = Annotated[int, Field(ge=0, lt=2**53)]
Finite = Annotated[float, Field(allow_inf_nan=False, ge=0)]


@dataclass(frozen=True, kw_only=True)
class CorpusFacts:
    """What is known of the text, without the text."""

    name: Name
    source: Annotated[str, Field(max_length=2000)]
    sha256: Sha256
    characters: Count
    train_characters: Count
    held_out_characters: Count
    unseen_characters: Count  # left out because the vocabulary, of the training part, lacks them

    def __post_init__(self) -> None:
        parts = self.train_characters, self.held_out_characters
        if not all(parts) or sum(parts) != self.characters:
            raise TimelineError(
                f"A text of {self.characters:,} characters cannot have {parts[0]:,} to train on "
                f"and {parts[1]:,} held out."
            )


@dataclass(frozen=True, kw_only=True)
class IndexFacts:
    """The index of what the training part holds, by which copies and words of it are known."""

    ngram_size: Literal[19]
    ngrams: Annotated[int, Field(ge=0, le=MAX_NGRAMS)]
    words: Annotated[int, Field(ge=0, le=MAX_WORDS)] | None = None  # None: it knows no words
    sha256: Sha256


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The snapshot of another timeline that training went on from."""

    name: Name
    step: Count
    sha256: Sha256  # of its weights


@dataclass(frozen=True, kw_only=True)
class SampleSettings:
    """How the samples of every snapshot were made: the same opening, the same random numbers."""

    seed_text: Text
    length: Count
    seed: Count


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One point of training: its weights file, what was measured there, what it wrote."""

    step: Count
    epoch: Finite
    file: str
    sha256: Sha256
    size: Count  # bytes
    loss: Finite | None  # mean since the snapshot before, with dropout; None before training
    val_loss: Finite  # held-out nats per character
    val_bits_per_char: Finite
    seconds: Finite  # of training, without measuring and saving
    samples: Annotated[dict[Annotated[str, Field(max_length=20)], Text], Field(max_length=20)]

    @property
    def label(self) -> str:
        """The epoch as people read it: "0.11", "3"."""
        return epoch_label(self.epoch)


def epoch_label(epoch: float) -> str:
    """Return an epoch as people read it: two digits inside the first, else all."""
    return f"{epoch:.2g}" if epoch < 0.995 else f"{epoch:g}"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Everything a timeline says of itself; consistent, or it cannot be made.

    Raises:
        TimelineError: the snapshots are out of order or repeat each other, a file's name is not
            what its step asks for, or the best snapshot is not among them.
    """

    name: Name
    corpus: CorpusFacts
    recipe: Name
    preparation: Preparation
    model: ModelConfig
    training: TrainConfig
    vocabulary_sha256: Sha256
    sample_settings: SampleSettings
    software: Annotated[dict[Name, Name], Field(max_length=50)]
    device: Annotated[str, Field(max_length=200)]
    snapshots: Annotated[tuple[Snapshot, ...], Field(max_length=10_000)]  # none before the first
    root_files: Annotated[dict[str, Sha256], Field(max_length=10)] = field(default_factory=dict)
    corpus_index: IndexFacts | None = None
    init_from: Origin | None = None  # None: from random weights
    format_version: Literal[1] = FORMAT_VERSION

    def __post_init__(self) -> None:
        for earlier, later in pairwise(self.snapshots):
            if not (earlier.step < later.step and earlier.epoch < later.epoch):
                raise TimelineError(
                    "Snapshots must be in the order of their steps and epochs; after step "
                    f"{earlier.step}, epoch {earlier.epoch:g} comes step {later.step}, epoch "
                    f"{later.epoch:g}."
                )
        if not set(self.root_files) <= set(ROOT_FILES):
            raise TimelineError(f"root_files may name {', '.join(ROOT_FILES)} only.")
        largest = largest_weights(self.model)
        seen: dict[str, int] = {}
        for snapshot in self.snapshots:
            if snapshot.file != snapshot_file(snapshot.step):
                raise TimelineError(
                    f"The snapshot at step {snapshot.step} must be {snapshot_file(snapshot.step)}, "
                    f"received {snapshot.file!r}."
                )
            if snapshot.size > largest:
                raise TimelineError(
                    f"{snapshot.file} claims {snapshot.size:,} bytes; this model's weights take "
                    f"at most {largest:,}."
                )
            if (twin := seen.setdefault(snapshot.sha256, snapshot.step)) != snapshot.step:
                raise TimelineError(
                    f"The snapshots at steps {twin} and {snapshot.step} hold the same weights; "
                    "each must differ."
                )

    @property
    def best(self) -> Snapshot:
        """The snapshot with the lowest held-out loss, the earliest of equals."""
        return min(self.snapshots, key=lambda snapshot: snapshot.val_loss)

    @property
    def finished(self) -> bool:
        """Whether training ran to the end it was asked for, or out of patience."""
        patience = self.training.patience
        since_best = len(self.snapshots) - 1 - self.snapshots.index(self.best)
        return self.snapshots[-1].epoch >= self.training.epochs or (
            patience is not None and since_best >= patience
        )

    def find(self, *, step: int | None = None, epoch: float | str | None = None) -> Snapshot:
        """Return one snapshot.

        Args:
            step: exactly this training step.
            epoch: a number out of the snapshots' epochs, "best" or "last"; default "best".

        Raises:
            TimelineError: there is no such snapshot, or both are given.
        """
        if step is not None and epoch is not None:
            raise TimelineError("Name a snapshot by step or by epoch, not by both.")
        if step is not None:
            found = [snapshot for snapshot in self.snapshots if snapshot.step == step]
            wanted = f"step {shown(step)}"
            known = [str(snapshot.step) for snapshot in self.snapshots]
        elif epoch is None or (isinstance(epoch, str) and epoch == "best"):
            return self.best
        elif isinstance(epoch, str) and epoch == "last":
            return self.snapshots[-1]
        else:
            # Compared as printed, so that what `inspect` shows can be typed back.
            label = _label_of(epoch)
            found = [snapshot for snapshot in self.snapshots if snapshot.label == label]
            known = ["best", "last", *(snapshot.label for snapshot in self.snapshots)]
            wanted = f"epoch {label!r}"
        if not found:
            raise TimelineError(
                f"{self.name} has no snapshot at {wanted}; it has {', '.join(known)}."
            )
        return found[0]

    def to_json(self) -> bytes:
        """Return the bytes of `timeline.json`.

        Raises:
            TimelineError: a text or number is outside its limits; what could not be read back is
                not written.
        """
        form = {"format_version": self.format_version, **asdict(self)}
        if self.snapshots:  # derived; written for readers without this package
            form["best_step"] = self.best.step
        try:
            data = json.dumps(form, ensure_ascii=False, allow_nan=False, indent=1).encode() + b"\n"
            _MANIFEST.validate_json(data, strict=True)
        except ValidationError as error:
            raise TimelineError(f"A timeline cannot be described so: {_first(error)}.") from error
        except ValueError as error:  # a number that is not finite, half of a surrogate pair
            raise TimelineError(f"A timeline cannot be described so: {error}.") from error
        return data

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """Read and check the bytes of `timeline.json`.

        Raises:
            TimelineError: it is not a manifest, of a newer format, or inconsistent.
        """
        try:
            version = _VERSION.validate_json(data)["format_version"]
            if type(version) is int and version > FORMAT_VERSION:
                raise TimelineError(
                    f"This timeline has format version {version}; this textgen reads up to "
                    f"{FORMAT_VERSION}. Upgrade textgen."
                )
            manifest = _MANIFEST.validate_json(data, strict=True)
        except ValidationError as error:
            raise TimelineError(
                f"{MANIFEST} is not a timeline's manifest: {_first(error)}."
            ) from error
        except KeyError:
            raise TimelineError(
                f"{MANIFEST} is not a timeline's manifest: no format_version."
            ) from None
        if not manifest.snapshots:
            raise TimelineError(
                f"{MANIFEST} is not a timeline's manifest: snapshots: there is none."
            )
        return manifest

    @classmethod
    def read(cls, directory: Path) -> Manifest:
        """Read the manifest of a timeline directory.

        Raises:
            TimelineError: there is none, or as `from_json`.
        """
        path = directory / MANIFEST
        try:
            with path.open("rb") as file:
                data = file.read(MAX_MANIFEST_BYTES + 1)
        except OSError as error:
            raise TimelineError(
                f"{directory} is not a timeline: {MANIFEST} cannot be read ({error.strerror})."
            ) from error
        if len(data) > MAX_MANIFEST_BYTES:
            raise TimelineError(f"{path} is larger than {MAX_MANIFEST_BYTES:,} bytes.")
        return cls.from_json(data)


def largest_weights(model: ModelConfig) -> int:
    """Return how many bytes a file of a model's weights may have."""
    return 4 * model.parameters + WEIGHTS_OVERHEAD_BYTES


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the whole"
    return " ".join(f"{where}: {first['msg']}".split())[:500]


def _label_of(epoch: float | str | None) -> str:
    try:
        return epoch_label(float(epoch))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return shown(epoch).strip("'")


_VERSION: TypeAdapter[Mapping[str, Any]] = TypeAdapter(dict[str, Any])
_MANIFEST: TypeAdapter[Manifest] = TypeAdapter(Manifest)
