"""Writing a timeline while a model trains: whole at any moment, the manifest last."""

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
from textgen.manifest.schema import Manifest, Snapshot
from textgen.manifest.transcript import history, transcript
from textgen.network.model import build_model
from textgen.text.vocabulary import Vocabulary
from textgen.timeline.timeline import Timeline
from textgen.training.output import UNFINISHED


class TimelineWriter:
    """Adds snapshots to a directory that is a valid timeline before and after each of them.

    Args:
        directory: created where it is missing.
        manifest: what the timeline says of itself; its snapshots, none at first, are those that
            the directory already holds.
        vocabulary: the model's alphabet.
        corpus_index: the file that `manifest.corpus_index` tells of, None where it is None.

    Raises:
        OutputError: the disk refuses.
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
        form = saved_form(build_model(manifest.model), directory / ROOT_WEIGHTS)
        for name in ROOT_FILES:
            write_atomically(directory / name, form[name])
        root_files = {name: hashlib.sha256(form[name]).hexdigest() for name in ROOT_FILES}
        manifest = dataclasses.replace(manifest, root_files=root_files)
        self.timeline = Timeline(manifest, vocabulary, Source(directory=directory))
        if manifest.snapshots:
            self._write_manifest()

    def save_weights(self, model: keras.Model, step: int) -> tuple[str, str, int]:
        """Save a model's weights as the snapshot of a step and return file, SHA-256 and size."""
        name = snapshot_file(step)
        path = self.timeline.directory / name
        data = saved_form(model, path)[ROOT_WEIGHTS]
        write_atomically(path, data)
        return name, hashlib.sha256(data).hexdigest(), len(data)

    def add(self, snapshot: Snapshot) -> None:
        """List a snapshot whose weights are saved, and bring all that depends on it up to date."""
        snapshots = (*self.timeline.snapshots, snapshot)
        manifest = dataclasses.replace(self.timeline.manifest, snapshots=snapshots)
        self.timeline = dataclasses.replace(self.timeline, manifest=manifest)
        self._write_manifest()

    def finish(self, repo_id: str) -> None:
        """Write the model card, unless its owner edited the one that is there."""
        path = self.timeline.directory / CARD
        if not path.is_file() or not card.is_edited(path.read_text("utf-8", "replace")):
            write_atomically(path, card.render(self.timeline.manifest, repo_id).encode())

    def _write_manifest(self) -> None:
        directory, manifest = self.timeline.directory, self.timeline.manifest
        with atomic_path(directory / ROOT_WEIGHTS) as temporary:
            # In Keras' own form of a model, the weights' file is the same as a snapshot's.
            shutil.copyfile(directory / manifest.best.file, temporary)
        write_atomically(directory / TRANSCRIPT, transcript(manifest).encode())
        write_atomically(directory / HISTORY, history(manifest).encode())
        with atomic_path(directory / PICTURE, suffix=".png") as temporary:
            draw_learning_curve(manifest, temporary)
        write_atomically(directory / MANIFEST, manifest.to_json())
        if manifest.corpus_index is None:  # one of an earlier run, which nothing names any more
            (directory / CORPUS_INDEX).unlink(missing_ok=True)
        (directory / UNFINISHED).unlink(missing_ok=True)


def saved_form(model: keras.Model, path: Path) -> dict[str, bytes]:
    """Return what Keras writes for a model: config.json, metadata.json and model.weights.h5.

    Keras builds its `.keras` archive in memory. HDF5 is not let near the disk itself: refused in
    the middle of a file, it takes the whole process down.

    Args:
        model: uncompiled, or its optimizer's state is saved too.
        path: the file it is needed for; a temporary file is made beside it.

    Raises:
        OutputError: the disk refuses.
    """
    with scratch_path(path, suffix=".keras") as archive:
        model.save(archive)
        with zipfile.ZipFile(archive) as members:
            form = {name: members.read(name) for name in (*ROOT_FILES, ROOT_WEIGHTS)}
    for name in ROOT_FILES:
        form[name] = json.dumps(_reproducible(json.loads(form[name]))).encode()
    return form


def _reproducible(form: Any) -> Any:
    """Leave out what differs in every run: the date, and addresses as marks of shared objects."""
    if isinstance(form, dict):
        dropped = ("date_saved", "shared_object_id")
        return {key: _reproducible(value) for key, value in form.items() if key not in dropped}
    return [_reproducible(item) for item in form] if isinstance(form, list) else form
