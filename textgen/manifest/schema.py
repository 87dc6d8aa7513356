"""The manifest of a timeline, `timeline.json`: its fields, and checks for files from strangers."""

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
WEIGHTS_OVERHEAD_BYTES = 2**20  # that HDF5 may add to the arrays

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=100_000)]
Count = Annotated[int, Field(ge=0, lt=2**53)]
Finite = Annotated[float, Field(allow_inf_nan=False, ge=0)]


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

    @property
    def label(self) -> str:
        """The epoch as it is displayed: "0.11", "3"."""
        return epoch_label(self.epoch)


def epoch_label(epoch: float) -> str:
    """Return an epoch as it is displayed: two significant digits below 1, else all digits."""
    return f"{epoch:.2g}" if epoch < 0.995 else f"{epoch:g}"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """All facts about a timeline; only a consistent manifest can be created.

    Raises:
        TimelineError: snapshots are out of order or have the same weights, a snapshot's file has
            the wrong name for its step or is too large, or `root_files` has an unknown name.
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
    snapshots: Annotated[tuple[Snapshot, ...], Field(max_length=10_000)]  # empty at first
    root_files: Annotated[dict[str, Sha256], Field(max_length=10)] = field(default_factory=dict)
    corpus_index: IndexFacts | None = None
    init_from: Origin | None = None  # None: trained from random weights
    format_version: Literal[1] = FORMAT_VERSION

    def __post_init__(self) -> None:
        for earlier, later in pairwise(self.snapshots):
            if not (earlier.step < later.step and earlier.epoch < later.epoch):
                raise TimelineError(
                    f"The snapshots are out of order: step {later.step}, epoch {later.epoch:g} "
                    f"follows step {earlier.step}, epoch {earlier.epoch:g}; both must increase."
                )
        if unknown := sorted(set(self.root_files) - set(ROOT_FILES)):
            allowed = " and ".join(ROOT_FILES)
            raise TimelineError(f"root_files names {shown(unknown)}; it may name only {allowed}.")
        largest = largest_weights(self.model)
        seen: dict[str, int] = {}
        for snapshot in self.snapshots:
            if snapshot.file != snapshot_file(snapshot.step):
                raise TimelineError(
                    f"The snapshot at step {snapshot.step} has the file {shown(snapshot.file)}; it "
                    f"must be {snapshot_file(snapshot.step)}."
                )
            if snapshot.size > largest:
                raise TimelineError(
                    f"{snapshot.file} claims {snapshot.size:,} bytes; the weights of this model "
                    f"take at most {largest:,}."
                )
            if (twin := seen.setdefault(snapshot.sha256, snapshot.step)) != snapshot.step:
                raise TimelineError(
                    f"The snapshots at steps {twin} and {snapshot.step} have the same weights."
                )

    @property
    def best(self) -> Snapshot:
        """The snapshot with the lowest validation loss; the earliest if several are equal."""
        return min(self.snapshots, key=lambda snapshot: snapshot.val_loss)

    @property
    def finished(self) -> bool:
        """Whether training reached its last epoch, or stopped early when patience ran out."""
        patience = self.training.patience
        since_best = len(self.snapshots) - 1 - self.snapshots.index(self.best)
        return self.snapshots[-1].epoch >= self.training.epochs or (
            patience is not None and since_best >= patience
        )

    def find(self, *, step: int | None = None, epoch: float | str | None = None) -> Snapshot:
        """Return one snapshot.

        Args:
            step: the training step, exactly.
            epoch: the epoch of a snapshot, "best" or "last"; default "best".

        Raises:
            TimelineError: there is no such snapshot, or both arguments are given.
        """
        if step is not None and epoch is not None:
            raise TimelineError("Received both step and epoch; choose a snapshot by one of them.")
        if step is not None:
            found = [snapshot for snapshot in self.snapshots if snapshot.step == step]
            wanted = f"step {shown(step)}"
            known = [str(snapshot.step) for snapshot in self.snapshots]
        elif epoch is None or (isinstance(epoch, str) and epoch == "best"):
            return self.best
        elif isinstance(epoch, str) and epoch == "last":
            return self.snapshots[-1]
        else:
            # Compared as displayed, so that an epoch copied from `inspect` is found.
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
            TimelineError: a text or number is outside its limits, so `from_json` would refuse
                the file.
        """
        form = {"format_version": self.format_version, **asdict(self)}
        if self.snapshots:  # derived; for readers that do not use this package
            form["best_step"] = self.best.step
        try:
            data = json.dumps(form, ensure_ascii=False, allow_nan=False, indent=1).encode() + b"\n"
            _MANIFEST.validate_json(data, strict=True)
        except ValidationError as error:
            raise TimelineError(f"Cannot write {MANIFEST}: {_first(error)}.") from error
        except ValueError as error:  # a number that is not finite, or half of a surrogate pair
            raise TimelineError(f"Cannot write {MANIFEST}: {error}.") from error
        return data

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """Read and check the bytes of `timeline.json`.

        Raises:
            TimelineError: it is not a manifest, has a newer format, or is inconsistent.
        """
        try:
            version = _VERSION.validate_json(data)["format_version"]
            if type(version) is int and version > FORMAT_VERSION:
                raise TimelineError(
                    f"This timeline has format version {version}; this version of textgen reads "
                    f"formats up to {FORMAT_VERSION}. Upgrade textgen."
                )
            manifest = _MANIFEST.validate_json(data, strict=True)
        except ValidationError as error:
            raise TimelineError(
                f"{MANIFEST} is not a timeline's manifest: {_first(error)}."
            ) from error
        except KeyError:
            raise TimelineError(
                f"{MANIFEST} is not a timeline's manifest: format_version is missing."
            ) from None
        if not manifest.snapshots:
            raise TimelineError(
                f"{MANIFEST} is not a timeline's manifest: snapshots: the list is empty."
            )
        return manifest

    @classmethod
    def read(cls, directory: Path) -> Manifest:
        """Read the manifest of a timeline directory.

        Raises:
            TimelineError: there is none, it is too large, or `from_json` refuses it.
        """
        path = directory / MANIFEST
        try:
            with path.open("rb") as file:
                data = file.read(MAX_MANIFEST_BYTES + 1)
        except OSError as error:
            reason = f"{MANIFEST} cannot be read ({error.strerror})."
            if isinstance(error, FileNotFoundError):
                reason = f"it has no {MANIFEST}. Give the directory that train.py wrote."
            raise TimelineError(f"{directory} is not a timeline: {reason}") from error
        if len(data) > MAX_MANIFEST_BYTES:
            raise TimelineError(
                f"{path} is larger than {MAX_MANIFEST_BYTES:,} bytes, the limit for a manifest."
            )
        return cls.from_json(data)


def largest_weights(model: ModelConfig) -> int:
    """Return how many bytes a weights file of a model may have."""
    return 4 * model.parameters + WEIGHTS_OVERHEAD_BYTES


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the file"
    return " ".join(f"{where}: {first['msg']}".split())[:500]


def _label_of(epoch: float | str | None) -> str:
    try:
        return epoch_label(float(epoch))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return shown(epoch).strip("'")


_VERSION: TypeAdapter[Mapping[str, Any]] = TypeAdapter(dict[str, Any])
_MANIFEST: TypeAdapter[Manifest] = TypeAdapter(Manifest)
