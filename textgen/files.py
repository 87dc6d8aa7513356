"""Writes files whole or not at all, so that neither a reader nor a crash leaves half a file."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from textgen.errors import OutputError

PARTIAL = ".partial-"
"""The prefix of the names of unfinished files."""


@contextlib.contextmanager
def scratch_path(path: Path, *, suffix: str = "") -> Iterator[Path]:
    """Yield a temporary file in the directory of `path`, and delete it afterwards.

    Args:
        path: the file to be written; its directory is created.
        suffix: the extension of the temporary file, for writers that depend on it (".keras").

    Raises:
        OutputError: the disk is full or read-only, or writing fails for another reason.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=PARTIAL, suffix=suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        reason = error.strerror or " ".join(str(error).split())
        raise OutputError(
            f"Cannot write {path}: {reason}. Free some space, or choose a directory you may "
            "write to. The files written before this one are complete."
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def atomic_path(path: Path, *, suffix: str = "") -> Iterator[Path]:
    """Yield a temporary file; on success, flush it to disk and rename it to `path`.

    Args:
        path, suffix: as in `scratch_path`.

    Raises:
        OutputError: as in `scratch_path`; an existing file at `path` stays unchanged.
    """
    with scratch_path(path, suffix=suffix) as temporary:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o644)  # with mkstemp's 0600, other users could not read the file
        temporary.replace(path)


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all.

    Raises:
        OutputError: as in `atomic_path`.
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
