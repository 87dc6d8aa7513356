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
from textgen.manifest.records import (
    MAX_ORDER,
    CorpusFacts,
    IndexFacts,
    Name,
    NgramResult,
    Origin,
    Publication,
    SampleSettings,
    Sha256,
    Snapshot,
    Text,
    epoch_label,
)
from textgen.text.preparation import Preparation

FORMAT_VERSION: Literal[1] = 1
MAX_MANIFEST_BYTES = 64 * 2**20
WeightsDtype = Literal["float32", "float16"]
WEIGHTS_OVERHEAD_BYTES = 2**20  # that HDF5 may add to the arrays


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
    # Timelines of release 0.1 have none of the following.
    weights_dtype: WeightsDtype = "float32"  # of the numbers in the snapshots
    ngrams: Annotated[tuple[NgramResult, ...], Field(max_length=MAX_ORDER)] = ()
    prompts: Annotated[tuple[Text, ...], Field(max_length=20)] = ()  # to offer users
    publication: Publication = Publication()
    format_version: Literal[1] = FORMAT_VERSION

    def __post_init__(self) -> None:
        for earlier, later in pairwise(self.snapshots):
            if not (earlier.step < later.step and earlier.epoch < later.epoch):
                raise TimelineError(
                    f"The snapshots are out of order: step {later.step}, epoch {later.epoch:g} "
                    f"follows step {earlier.step}, epoch {earlier.epoch:g}; both must increase."
                )
        if [one.order for one in self.ngrams] != [*range(1, len(self.ngrams) + 1)]:
            raise TimelineError("The n-gram models are out of order; their orders count from 1.")
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
