"""Checking every file of a timeline that textgen or Keras would load."""

from __future__ import annotations

import json
from pathlib import Path

from textgen.checks import shown
from textgen.errors import TimelineError
from textgen.files import sha256_of
from textgen.hub.source import Source
from textgen.manifest.paths import ROOT_FILES, ROOT_WEIGHTS, SNAPSHOTS
from textgen.manifest.schema import Manifest
from textgen.timeline.reader import (
    MAX_JSON_BYTES,
    REMEDY,
    checked,
    largest_file,
    read_corpus_index,
    read_snapshot,
)

_KERAS_OBJECTS = frozenset(
    {
        "CategoryEncoding",
        "DTypePolicy",
        "Dense",
        "Dropout",
        "Embedding",
        "Functional",
        "GlorotUniform",
        "InputLayer",
        "LSTM",
        "Orthogonal",
        "RandomUniform",
        "Rescaling",
        "Reshape",
        "Zeros",
        "__keras_tensor__",
    }
)
"""What `textgen.network.model.build_model` uses, by its names in a saved Keras model."""


def verify(manifest: Manifest, source: Source) -> None:
    """Read and check every file of a timeline, and fetch those missing.

    Raises:
        TimelineError: a file is missing, altered or unreadable, or the model in the root directory
            is not the best snapshot.
        HubError: a file cannot be fetched.
    """
    for snapshot in manifest.snapshots:
        read_snapshot(source, manifest, snapshot)
    if manifest.corpus_index is not None:
        read_corpus_index(source, manifest)
    for name in (*ROOT_FILES, ROOT_WEIGHTS):
        path = source.file(name, max_bytes=largest_file(manifest))
        if not path.is_file():
            raise TimelineError(f"{path} is missing. {REMEDY}")
    for name in ROOT_FILES:
        checked(source, name, sha256=manifest.root_files.get(name, "none"))
    check_root_model(source.directory / ROOT_FILES[0])
    weights = source.directory / ROOT_WEIGHTS
    found = sha256_of(weights)
    if found != manifest.best.sha256 and (
        manifest.finished or not _is_newer(found, manifest, source)
    ):
        raise TimelineError(f"{weights} is not the best snapshot, {manifest.best.file}. {REMEDY}")


def _is_newer(sha256: str, manifest: Manifest, source: Source) -> bool:
    """Return whether a file is a snapshot that an interrupted run did not add to the manifest."""
    listed = {snapshot.file for snapshot in manifest.snapshots}
    return any(
        sha256_of(path) == sha256
        for path in (source.directory / SNAPSHOTS).glob("step-*.weights.h5")
        if path.relative_to(source.directory).as_posix() not in listed
    )


def check_root_model(path: Path) -> None:
    """Raise TimelineError unless a `config.json` uses only the Keras objects that textgen uses.

    Others could run arbitrary code when Keras loads the model.
    """
    try:
        with path.open("rb") as file:
            unknown = _unknown_objects(json.loads(file.read(MAX_JSON_BYTES)))
    except OSError as error:
        raise TimelineError(f"Cannot read {path}: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise TimelineError(f"{path} does not describe a model: it is not valid JSON.") from error
    if unknown:
        raise TimelineError(
            f"{path} describes a model with parts that textgen does not use: "
            f"{', '.join(sorted(unknown))}. Do not load it: it could run arbitrary code."
        )


def _unknown_objects(form: object) -> set[str]:
    if isinstance(form, list):
        return set().union(*map(_unknown_objects, form))
    if not isinstance(form, dict):
        return set()
    unknown = set().union(*map(_unknown_objects, form.values()))
    if "class_name" in form:
        name, module = form["class_name"], form.get("module")
        known = name in _KERAS_OBJECTS if isinstance(name, str) else False
        ours = module is None or (isinstance(module, str) and module.partition(".")[0] == "keras")
        if not known or not ours or form.get("registered_name") not in (None, name):
            unknown.add(shown(name))
    return unknown
