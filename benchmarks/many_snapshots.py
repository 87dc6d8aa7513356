"""Timelines with any number of snapshots for benchmarks, made by interpolating existing ones."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from textgen import Snapshot, Timeline
from textgen.manifest.paths import CORPUS_INDEX
from textgen.network.model import build_model
from textgen.timeline.reader import read_snapshot
from textgen.training.writer import TimelineWriter


def write_snapshots(timeline: Timeline, directory: Path, count: int) -> None:
    """Write a timeline of `count` snapshots: those of another, and averages between the last ones.

    Args:
        timeline: the other timeline.
        directory: where the new timeline is written.
        count: at least as many as the timeline has, and less than twice as many.
    """
    manifest = timeline.manifest
    model = build_model(manifest.model)
    index = (timeline.directory / CORPUS_INDEX).read_bytes()
    writer = TimelineWriter(
        directory, dataclasses.replace(manifest, snapshots=()), timeline.vocabulary, index
    )
    between = count - len(manifest.snapshots)
    before = manifest.snapshots[0]
    old: list[Any] = []
    for number, snapshot in enumerate(manifest.snapshots):
        weights = read_snapshot(timeline.source, manifest, snapshot).arrays
        if number >= len(manifest.snapshots) - between:
            mean = [(one + other) / 2 for one, other in zip(old, weights, strict=True)]
            add(writer, model, mean, halfway(before, snapshot))
        add(writer, model, weights, snapshot)
        before, old = snapshot, weights


def add(writer: TimelineWriter, model: Any, weights: list[Any], snapshot: Snapshot) -> None:
    """Write one snapshot with these weights."""
    model.set_weights(weights)
    file, sha256, size = writer.save_weights(model, snapshot.step)
    writer.add(dataclasses.replace(snapshot, file=file, sha256=sha256, size=size))


def halfway(one: Snapshot, other: Snapshot) -> Snapshot:
    """Return the metadata of a snapshot halfway between two: averages, not measurements."""
    means = {
        name: (getattr(one, name) + getattr(other, name)) / 2
        for name in ("epoch", "val_loss", "val_bits_per_char", "seconds")
    }
    return dataclasses.replace(other, step=(one.step + other.step) // 2, **means)
