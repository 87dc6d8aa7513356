"""Timelines for tests, made quickly: the real writer, random weights, invented losses."""

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tests.support.letters import CORPUS_FACTS, INDEX, INDEX_FACTS
from textgen import (
    Corpus,
    ModelConfig,
    Snapshot,
    Timeline,
    TrainConfig,
    Vocabulary,
    get_recipe,
)
from textgen.manifest.paths import snapshot_file
from textgen.manifest.records import Publication, SampleSettings
from textgen.manifest.schema import Manifest
from textgen.network.model import build_model
from textgen.training.setup import RunOptions, TrainingSetup, prepare
from textgen.training.writer import TimelineWriter

VOCABULARY = Vocabulary.from_text("\n abcdhé🙂.")
MODEL = ModelConfig(vocab_size=VOCABULARY.size, embedding_dim=3, lstm_units=(8,), dropout=0.1)
HOSTILE = (
    '"><img src=x onerror=alert(1)>|`*_$name ${name}\n---\n# [x](javascript:y) {{x}} </style>'
    "\\<i x=y>"
)


def training_setup_of(corpus: Corpus, recipe: str, scratch: Path, **options: Any) -> TrainingSetup:
    """Return a corpus prepared for training, without an index unless `options` ask for one."""
    options_of_run = RunOptions(**{"corpus_index": False, **options})
    return prepare(corpus, get_recipe(recipe), options_of_run, scratch=scratch)


def snapshot_of(epoch: float, val_loss: float, **changes: Any) -> Snapshot:
    """Return a snapshot without a file."""
    step = round(100 * epoch)
    fields: dict[str, Any] = {
        "step": step,
        "epoch": float(epoch),
        "file": snapshot_file(step),
        "sha256": f"{step:064x}",
        "size": 4 * MODEL.parameters + 20_000,
        "loss": val_loss + 0.125 if step else None,
        "val_loss": val_loss,
        "val_bits_per_char": val_loss / math.log(2),
        "seconds": 60.0 * epoch,
        "samples": {"0.5": f"a cab at {epoch:g}", "1": "🙂 é"},
    }
    return Snapshot(**{**fields, **changes})


def manifest_of(
    epochs: Sequence[float] = (0, 0.5, 1, 2),
    *,
    val_losses: Sequence[float] = (2.5, 2.0, 1.5, 1.75),
    **changes: Any,
) -> Manifest:
    """Return a manifest without files; its second-to-last snapshot is the best."""
    pairs = zip(epochs, val_losses, strict=True)
    fields: dict[str, Any] = {
        "name": "letters",
        "corpus": CORPUS_FACTS,
        "recipe": "tiny",
        "preparation": VOCABULARY.preparation,
        "model": MODEL,
        "training": TrainConfig(epochs=2),
        "vocabulary_sha256": VOCABULARY.sha256,
        "sample_settings": SampleSettings(seed_text="a bad ", length=6, seed=0),
        "software": {"textgen": "0.1.0", "keras": "3.15.1"},
        "device": "2 CPU cores",
        "snapshots": tuple(snapshot_of(epoch, val_loss) for epoch, val_loss in pairs),
        "corpus_index": INDEX_FACTS,
    }
    return Manifest(**{**fields, **changes})


def hostile_manifest() -> Manifest:
    """Return a manifest whose texts all attack the software that displays them."""
    plain = manifest_of()
    return dataclasses.replace(
        plain,
        name=HOSTILE,
        recipe=HOSTILE,
        device=HOSTILE,
        software={"textgen": HOSTILE},
        corpus=dataclasses.replace(plain.corpus, name=HOSTILE, source=HOSTILE),
        sample_settings=dataclasses.replace(plain.sample_settings, seed_text=HOSTILE),
        snapshots=tuple(
            dataclasses.replace(
                snapshot, samples={"0.5": f"```\n{HOSTILE}\n````", HOSTILE[:20]: ""}
            )
            for snapshot in plain.snapshots
        ),
        publication=Publication(demo=f"https://demo.example/{''.join(HOSTILE.split())}"),
    )


def write_timeline(
    directory: Path,
    manifest: Manifest | None = None,
    *,
    seed: int = 0,
    vocabulary: Vocabulary = VOCABULARY,
) -> Timeline:
    """Write the timeline that `manifest` describes, with random weights."""
    manifest = manifest or manifest_of()
    model = build_model(manifest.model)
    writer = TimelineWriter(
        directory,
        dataclasses.replace(manifest, snapshots=()),
        vocabulary,
        INDEX if manifest.corpus_index else None,
    )
    for snapshot in manifest.snapshots:
        randomize(model, seed + snapshot.step)
        file, sha256, size = writer.save_weights(model, snapshot.step)
        writer.add(dataclasses.replace(snapshot, file=file, sha256=sha256, size=size))
    writer.finish("USER/letters")
    return writer.timeline


def randomize(model: keras.Model, seed: int) -> None:
    """Set weights so large that every logit depends on the text."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.7, weight.shape) for weight in model.get_weights()])


def grow(directory: Path, timeline: Timeline, snapshots: int) -> None:
    """Write a manifest that lists only the first snapshots; all files are already there."""
    manifest = timeline.manifest
    training = dataclasses.replace(manifest.training, epochs=2)
    early = dataclasses.replace(
        manifest, snapshots=manifest.snapshots[:snapshots], training=training
    )
    (directory / "timeline.json").write_bytes(early.to_json())
