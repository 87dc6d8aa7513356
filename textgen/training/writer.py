"""Writes a timeline during training: valid at any moment, because the manifest comes last."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import keras

from textgen.files import atomic_path, scratch_path, write_atomically
from textgen.hub.source import Source
from textgen.manifest import card
from textgen.manifest.learning_curve import draw_learning_curve
from textgen.manifest.paths import (
    CARD,
    CORPUS_INDEX,
    HISTORY,
    MANIFEST,
    PICTURE,
    ROOT_FILES,
    ROOT_WEIGHTS,
    TRANSCRIPT,
    VOCABULARY,
    snapshot_file,
)
from textgen.manifest.records import Snapshot
from textgen.manifest.schema import Manifest
from textgen.manifest.transcript import history, transcript
from textgen.network.model import build_model
from textgen.network.weights import converted
from textgen.text.vocabulary import Vocabulary
from textgen.timeline.timeline import Timeline
from textgen.training.output import UNFINISHED


class TimelineWriter:
    """Adds snapshots to a directory, which is a valid timeline after each of them.

    Args:
        directory: created if it does not exist.
        manifest: describes the timeline; it lists the snapshots that are already in the directory,
            none for a new timeline.
        vocabulary: the model's vocabulary.
        corpus_index: the bytes of the index that `manifest.corpus_index` describes, else None.

    Raises:
        OutputError: the disk is full or not writable.
    """

    def __init__(
        self,
        directory: Path,
        manifest: Manifest,
        vocabulary: Vocabulary,
        corpus_index: bytes | None = None,
    ) -> None:
        if not (directory / MANIFEST).is_file():
            write_atomically(directory / UNFINISHED, b"")
        write_atomically(directory / VOCABULARY, vocabulary.to_json().encode())
        if corpus_index is not None:
            write_atomically(directory / CORPUS_INDEX, corpus_index)
        form = saved_form(build_model(manifest.model), directory / ROOT_WEIGHTS, "float32")
        for name in ROOT_FILES:
            write_atomically(directory / name, form[name])
        root_files = {name: hashlib.sha256(form[name]).hexdigest() for name in ROOT_FILES}
        manifest = dataclasses.replace(manifest, root_files=root_files)
        self.timeline = Timeline(manifest, vocabulary, Source(directory=directory))
        if manifest.snapshots:
            self._write_manifest()

    def save_weights(self, model: keras.Model, step: int) -> tuple[str, str, int]:
        """Save a model's weights for one step; return file name, SHA-256 and size in bytes."""
        name = snapshot_file(step)
        path = self.timeline.directory / name
        data = saved_form(model, path, self.timeline.manifest.weights_dtype)[ROOT_WEIGHTS]
        write_atomically(path, data)
        return name, hashlib.sha256(data).hexdigest(), len(data)

    def add(self, snapshot: Snapshot) -> None:
        """Add a snapshot, whose weights are saved, to the manifest and update all other files."""
        snapshots = (*self.timeline.snapshots, snapshot)
        manifest = dataclasses.replace(self.timeline.manifest, snapshots=snapshots)
        self.timeline = dataclasses.replace(self.timeline, manifest=manifest)
        self._write_manifest()

    def finish(self, repo_id: str) -> None:
        """Write the model card, unless there is one that was edited by hand."""
        path = self.timeline.directory / CARD
        if not path.is_file() or not card.is_edited(path.read_text("utf-8", "replace")):
            write_atomically(path, card.render(self.timeline.manifest, repo_id).encode())

    def _write_manifest(self) -> None:
        directory, manifest = self.timeline.directory, self.timeline.manifest
        with atomic_path(directory / ROOT_WEIGHTS) as temporary:
            # The weights file in Keras' model format is the same as a snapshot's file.
            shutil.copyfile(directory / manifest.best.file, temporary)
        write_atomically(directory / TRANSCRIPT, transcript(manifest).encode())
        write_atomically(directory / HISTORY, history(manifest).encode())
        with atomic_path(directory / PICTURE, suffix=".png") as temporary:
            draw_learning_curve(manifest, temporary)
        write_atomically(directory / MANIFEST, manifest.to_json())
        if manifest.corpus_index is None:  # remove one of an earlier run
            (directory / CORPUS_INDEX).unlink(missing_ok=True)
        (directory / UNFINISHED).unlink(missing_ok=True)


def saved_form(model: keras.Model, path: Path, dtype: str) -> dict[str, bytes]:
    """Return the files of a saved Keras model: config.json, metadata.json and model.weights.h5.

    Keras builds its `.keras` archive in memory. HDF5 must not write to disk itself, because it
    crashes the whole process if the disk is full in the middle of a file.

    Args:
        model: not compiled; otherwise Keras saves the optimizer's state, too.
        path: the file that the result is for; a temporary file is created beside it.
        dtype: of the stored weights, "float32" or "float16".

    Returns:
        The content of each file, by name.

    Raises:
        OutputError: the disk is full or not writable.
    """
    with scratch_path(path, suffix=".keras") as archive:
        model.save(archive)
        with zipfile.ZipFile(archive) as members:
            form = {name: members.read(name) for name in (*ROOT_FILES, ROOT_WEIGHTS)}
    if dtype != "float32":
        form[ROOT_WEIGHTS] = converted(form[ROOT_WEIGHTS], dtype)
    for name in ROOT_FILES:
        form[name] = json.dumps(_reproducible(json.loads(form[name]))).encode()
    return form


def _reproducible(form: Any) -> Any:
    """Remove values that differ in every run: the date, and memory addresses of shared objects."""
    if isinstance(form, dict):
        dropped = ("date_saved", "shared_object_id")
        return {key: _reproducible(value) for key, value in form.items() if key not in dropped}
    return [_reproducible(item) for item in form] if isinstance(form, list) else form
