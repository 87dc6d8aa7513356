"""A timeline's files, fetched where they are missing, and held to what its manifest says."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from textgen.checks import shown
from textgen.errors import HubError, TimelineError, VocabularyError
from textgen.files import sha256_of
from textgen.hub.source import Source, open_source
from textgen.manifest.paths import CORPUS_INDEX, MANIFEST, VOCABULARY
from textgen.manifest.schema import MAX_MANIFEST_BYTES, Manifest, Snapshot
from textgen.network.weights import Weights, read_weights
from textgen.text.corpus_index import CorpusIndex, file_size
from textgen.text.vocabulary import Vocabulary

_T = TypeVar("_T")

_MAX_JSON_BYTES = 16 * 2**20  # of what is no manifest
_REMEDY = "Fetch or copy the timeline again; if it stays so, it must be published again."
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
"""What `textgen.network.model.build_model` is made of, as Keras names it in a saved model."""


def open_timeline(
    path_or_repo: str | Path,
    *,
    revision: str | None,
    token: str | bool | None,
    cache_dir: str | Path | None,
    local_files_only: bool,
) -> tuple[Manifest, Vocabulary, Source]:
    """Return what a timeline says of itself, its alphabet, and where its other files are.

    Raises:
        TimelineError: not a timeline, or an inconsistent one.
        HubError: the repository cannot be had.
    """
    return read_timeline(
        open_source(
            path_or_repo,
            revision=revision,
            token=token,
            cache_dir=cache_dir,
            local_files_only=local_files_only,
            required=MANIFEST,
            max_bytes=MAX_MANIFEST_BYTES,
        )
    )


def read_timeline(source: Source) -> tuple[Manifest, Vocabulary, Source]:
    """Return the same of a timeline whose place is known.

    Raises:
        TimelineError: not a timeline, or an inconsistent one.
        HubError: a file cannot be fetched.
    """
    manifest = _read_from(
        source, MANIFEST, MAX_MANIFEST_BYTES, lambda _: Manifest.read(source.directory)
    )
    vocabulary = _read_from(
        source, VOCABULARY, _MAX_JSON_BYTES, lambda path: _read_vocabulary(path, manifest)
    )
    return manifest, vocabulary, source


def _read_vocabulary(path: Path, manifest: Manifest) -> Vocabulary:
    """Read a timeline's vocabulary; TimelineError unless it is the one the manifest names."""
    try:
        with path.open("rb") as file:
            vocabulary = Vocabulary.from_json(file.read(_MAX_JSON_BYTES))
    except OSError as error:
        raise TimelineError(f"Cannot read {path}: {error.strerror}.") from error
    except VocabularyError as error:
        raise TimelineError(f"{path}: {error}") from error
    if (
        vocabulary.sha256 != manifest.vocabulary_sha256
        or vocabulary.size != manifest.model.vocab_size
    ):
        raise TimelineError(
            f"{path} is not the vocabulary this timeline was trained with. {_REMEDY}"
        )
    return vocabulary


def read_corpus_index(source: Source, manifest: Manifest) -> CorpusIndex:
    """Read the index of a timeline's corpus, checked against the manifest.

    Raises:
        TimelineError: the timeline has none, or the file is not the one the manifest names.
        HubError: it cannot be fetched.
    """
    facts = manifest.corpus_index
    if facts is None:
        raise TimelineError(
            f"{manifest.name} has no index of its corpus, so what is copied can be told by the "
            "corpus itself alone: give it."
        )
    size = file_size(facts.ngrams, facts.words)
    path = checked(source, CORPUS_INDEX, sha256=facts.sha256, size=size)
    try:
        return CorpusIndex.from_bytes(path.read_bytes(), facts.ngrams, facts.words)
    except OSError as error:
        raise TimelineError(f"Cannot read {path}: {error.strerror}.") from error
    except ValueError as error:
        raise TimelineError(f"{path} is not an index of a corpus: {error}.") from error


def read_snapshot(source: Source, manifest: Manifest, snapshot: Snapshot) -> Weights:
    """Read a snapshot's weights, checked against the manifest.

    Raises:
        TimelineError: the file is missing, is not the one the manifest names, or is no weights.
        HubError: it cannot be fetched.
    """
    path = checked(source, snapshot.file, sha256=snapshot.sha256, size=snapshot.size)
    return read_weights(path, manifest.model)


def checked(source: Source, name: str, *, sha256: str, size: int | None = None) -> Path:
    """Return a file of just this SHA-256, and size where it is known.

    Raises:
        TimelineError: it is missing, or another.
        HubError: it cannot be fetched.
    """

    def check(path: Path) -> Path:
        if not path.is_file():
            raise TimelineError(f"{path} is missing. {_REMEDY}")
        if size is not None and (found := path.stat().st_size) != size:
            raise TimelineError(
                f"{path} has {found:,} bytes, its manifest says {size:,}. {_REMEDY}"
            )
        if (digest := sha256_of(path)) != sha256:
            raise TimelineError(
                f"{path} is not the file its manifest names: SHA-256 {digest}, expected {sha256}. "
                f"{_REMEDY}"
            )
        return path

    return _read_from(source, name, _MAX_JSON_BYTES if size is None else size, check, sha256)


def _read_from(
    source: Source, name: str, max_bytes: int, read: Callable[[Path], _T], sha256: str | None = None
) -> _T:
    """Read a file; one that is refused and came from the Hub is fetched again, and read again."""
    try:
        return read(source.file(name, max_bytes=max_bytes, sha256=sha256))
    except TimelineError:
        if source.repo_id is None or source.local_files_only:
            raise
        again: Path | None = None
        with contextlib.suppress(HubError):
            again = source.file(name, max_bytes=max_bytes, force_download=True)
        if again is None:
            raise
        return read(again)


def check_root_model(path: Path) -> None:
    """Raise TimelineError unless a `config.json` describes a model of Keras' own layers only.

    Others could run code of their own where Keras loads the model.
    """
    try:
        with path.open("rb") as file:
            unknown = _unknown_objects(json.loads(file.read(_MAX_JSON_BYTES)))
    except OSError as error:
        raise TimelineError(f"Cannot read {path}: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise TimelineError(f"{path} does not describe a model: it is no JSON.") from error
    if unknown:
        raise TimelineError(
            f"{path} describes a model of more than the layers that textgen uses: "
            f"{', '.join(sorted(unknown))}. Do not load it."
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
