"""A timeline's files, read and held to what its manifest says of them."""

from __future__ import annotations

from pathlib import Path

from textgen import hub
from textgen.errors import TimelineError, VocabularyError
from textgen.files import sha256_of
from textgen.layout import CORPUS_INDEX, MANIFEST, PATTERNS, VOCABULARY
from textgen.manifest import Manifest, Snapshot
from textgen.novelty import CorpusIndex, file_size
from textgen.vocabulary import Vocabulary
from textgen.weights import Weights, read_weights

_MAX_VOCABULARY_BYTES = 16 * 2**20


def open_timeline(
    path_or_repo: str | Path,
    *,
    revision: str | None,
    token: str | bool | None,
    cache_dir: str | Path | None,
    local_files_only: bool,
) -> tuple[Path, Manifest, Vocabulary]:
    """Return a timeline's directory, fetched from the Hub where it is not here, and what it says.

    Raises:
        TimelineError: not a timeline, or an inconsistent one.
        HubError: the repository cannot be had.
    """
    directory = hub.fetch(
        path_or_repo,
        revision=revision,
        token=token,
        cache_dir=cache_dir,
        local_files_only=local_files_only,
        allow_patterns=PATTERNS,
        required=MANIFEST,
    )
    manifest = Manifest.read(directory)
    return directory, manifest, read_vocabulary(directory, manifest)


def read_vocabulary(directory: Path, manifest: Manifest) -> Vocabulary:
    """Read a timeline's vocabulary, checked against its manifest.

    Raises:
        TimelineError: it is missing, malformed or not the one the manifest names.
    """
    path = directory / VOCABULARY
    try:
        with path.open("rb") as file:
            vocabulary = Vocabulary.from_json(file.read(_MAX_VOCABULARY_BYTES))
    except OSError as error:
        raise TimelineError(f"Cannot read {path}: {error.strerror}.") from error
    except VocabularyError as error:
        raise TimelineError(f"{path}: {error}") from error
    if (
        vocabulary.sha256 != manifest.vocabulary_sha256
        or vocabulary.size != manifest.model.vocab_size
    ):
        raise TimelineError(
            f"{path} is not the vocabulary this timeline was trained with; fetch or copy the "
            "timeline again."
        )
    return vocabulary


def read_corpus_index(directory: Path, manifest: Manifest) -> CorpusIndex:
    """Read the index of a timeline's corpus, checked against the manifest.

    Raises:
        TimelineError: the timeline has none, or the file is not the one the manifest names.
    """
    facts = manifest.corpus_index
    if facts is None:
        raise TimelineError(
            f"{manifest.name} has no index of its corpus, so what is copied can be told by the "
            "corpus itself alone: give it."
        )
    path = directory / CORPUS_INDEX
    _check_file(path, sha256=facts.sha256, size=file_size(facts.ngrams))
    try:
        return CorpusIndex.from_bytes(path.read_bytes(), facts.ngrams)
    except OSError as error:
        raise TimelineError(f"Cannot read {path}: {error.strerror}.") from error
    except ValueError as error:
        raise TimelineError(f"{path} is not an index of a corpus: {error}.") from error


def read_snapshot(directory: Path, manifest: Manifest, snapshot: Snapshot) -> Weights:
    """Read a snapshot's weights, checked against the manifest.

    Raises:
        TimelineError: the file is missing, is not the one the manifest names, or is no weights.
    """
    path = directory / snapshot.file
    _check_file(path, sha256=snapshot.sha256, size=snapshot.size)
    return read_weights(path, manifest.model)


def _check_file(path: Path, *, sha256: str, size: int) -> None:
    """Raise TimelineError unless a file has exactly this size and SHA-256."""
    if not path.is_file():
        raise TimelineError(f"{path} is missing; fetch or copy the timeline again.")
    if (found := path.stat().st_size) != size:
        raise TimelineError(
            f"{path} has {found:,} bytes, its manifest says {size:,}; fetch or copy the timeline "
            "again."
        )
    if (digest := sha256_of(path)) != sha256:
        raise TimelineError(
            f"{path} is not the file its manifest names: SHA-256 {digest}, expected "
            f"{sha256}. Fetch or copy the timeline again."
        )
