"""Reading a timeline's files: fetched if necessary, and checked against its manifest."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from textgen.errors import HubError, TimelineError, VocabularyError
from textgen.files import sha256_of
from textgen.hub.source import Source, open_source
from textgen.manifest.paths import (
    ARCHITECTURE,
    CORPUS_INDEX,
    FILES,
    FOR_READERS,
    MANIFEST,
    VOCABULARY,
)
from textgen.manifest.records import Snapshot
from textgen.manifest.schema import MAX_MANIFEST_BYTES, Manifest, largest_weights
from textgen.network.weights import Weights, read_weights
from textgen.text.corpus_index import CorpusIndex, file_size
from textgen.text.vocabulary import Vocabulary

_T = TypeVar("_T")

MAX_JSON_BYTES = 16 * 2**20  # for files other than the manifest
REMEDY = "Download or copy the timeline again. If that does not help, it must be published again."


def open_timeline(
    path_or_repo: str | Path,
    *,
    revision: str | None,
    token: str | bool | None,
    cache_dir: str | Path | None,
    local_files_only: bool,
    is_update: bool = False,
) -> tuple[Manifest, Vocabulary, Source]:
    """Open a timeline, and return its manifest, its vocabulary and the source of its files.

    The arguments are those of `TextGenerator.from_pretrained`, and `is_update`: whether the same
    timeline was opened before, so that the Hub need not count another download. The Hub counts the
    requests for the architecture's file, in repositories that name Keras as their library:
    https://huggingface.co/docs/hub/models-download-stats

    Raises:
        TimelineError: it is not a timeline, or is inconsistent.
        HubError: the repository cannot be fetched.
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
            counted="" if is_update else ARCHITECTURE,
        )
    )


def read_timeline(source: Source) -> tuple[Manifest, Vocabulary, Source]:
    """Read the manifest and the vocabulary of a timeline from its source.

    Raises:
        TimelineError: it is not a timeline, or is inconsistent.
        HubError: a file cannot be fetched.
    """
    manifest = _read_from(
        source, MANIFEST, MAX_MANIFEST_BYTES, lambda _: Manifest.read(source.directory)
    )
    vocabulary = _read_from(
        source, VOCABULARY, MAX_JSON_BYTES, lambda path: _read_vocabulary(path, manifest)
    )
    return manifest, vocabulary, source


def _read_vocabulary(path: Path, manifest: Manifest) -> Vocabulary:
    """Read a timeline's vocabulary; TimelineError unless it is the one that the manifest names."""
    try:
        with path.open("rb") as file:
            vocabulary = Vocabulary.from_json(file.read(MAX_JSON_BYTES))
    except OSError as error:
        raise TimelineError(f"Cannot read {path}: {error.strerror}.") from error
    except VocabularyError as error:
        raise TimelineError(f"{path}: {error}") from error
    if (
        vocabulary.sha256 != manifest.vocabulary_sha256
        or vocabulary.size != manifest.model.vocab_size
    ):
        raise TimelineError(
            f"{path} is not the vocabulary this timeline was trained with. {REMEDY}"
        )
    return vocabulary


def read_corpus_index(source: Source, manifest: Manifest) -> CorpusIndex:
    """Read the index of a timeline's training text, and check it against the manifest.

    Raises:
        TimelineError: the timeline has no index, or the file is not the one in the manifest.
        HubError: the file cannot be fetched.
    """
    facts = manifest.corpus_index
    if facts is None:
        raise TimelineError(
            f"{manifest.name} has no index of its corpus, so copies can be found only with the "
            "corpus itself. Pass it as the argument corpus."
        )
    size = file_size(facts.ngrams, facts.words)
    path = checked(source, CORPUS_INDEX, sha256=facts.sha256, size=size)
    try:
        return CorpusIndex.from_bytes(path.read_bytes(), facts.ngrams, facts.words)
    except OSError as error:
        raise TimelineError(f"Cannot read {path}: {error.strerror}.") from error
    except ValueError as error:
        raise TimelineError(f"{path} is not a valid index of a corpus: {error}.") from error


def read_snapshot(source: Source, manifest: Manifest, snapshot: Snapshot) -> Weights:
    """Read a snapshot's weights, and check them against the manifest.

    Raises:
        TimelineError: the file is missing, is not the one that the manifest names, or is not a
            weights file.
        HubError: the file cannot be fetched.
    """
    path = checked(source, snapshot.file, sha256=snapshot.sha256, size=snapshot.size)
    return read_weights(path, manifest.model)


def largest_file(manifest: Manifest) -> int:
    """Return the most bytes that any file of a timeline may have."""
    return max(MAX_MANIFEST_BYTES, largest_weights(manifest.model))


def files_of(manifest: Manifest, source: Source) -> dict[str, Path]:
    """Map paths in a timeline to its files: those that belong to it and exist.

    Raises:
        HubError: a file cannot be fetched.
    """
    index = [CORPUS_INDEX] if manifest.corpus_index is not None else []
    snapshots = [snapshot.file for snapshot in manifest.snapshots]
    files = {}
    for name in (*FILES, *index, *snapshots):
        # Files that only people read may be missing.
        with contextlib.suppress(*([HubError] if name in FOR_READERS else [])):
            path = source.file(name, max_bytes=largest_file(manifest))
            if path.is_file():
                files[name] = path
    return files


def checked(source: Source, name: str, *, sha256: str, size: int | None = None) -> Path:
    """Return the path of a file, after checking its SHA-256 and, if given, its size in bytes.

    Raises:
        TimelineError: the file is missing, or is a different one.
        HubError: the file cannot be fetched.
    """

    def check(path: Path) -> Path:
        if not path.is_file():
            raise TimelineError(f"{path} is missing. {REMEDY}")
        if size is not None and (found := path.stat().st_size) != size:
            raise TimelineError(f"{path} has {found:,} bytes, its manifest says {size:,}. {REMEDY}")
        if (digest := sha256_of(path)) != sha256:
            raise TimelineError(
                f"{path} is not the file its manifest names: SHA-256 {digest}, expected {sha256}. "
                f"{REMEDY}"
            )
        return path

    return _read_from(source, name, MAX_JSON_BYTES if size is None else size, check, sha256)


def _read_from(
    source: Source, name: str, max_bytes: int, read: Callable[[Path], _T], sha256: str | None = None
) -> _T:
    """Read a file. If it came from the Hub and is refused, download it once more and retry."""
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
