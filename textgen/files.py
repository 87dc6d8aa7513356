"""Writing files so that a reader, or a crash, never meets half of one."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from textgen.errors import OutputError

PARTIAL = ".partial-"
"""How the names of unfinished files begin."""


@contextlib.contextmanager
def scratch_path(path: Path, *, suffix: str = "") -> Iterator[Path]:
    """Give a temporary file beside `path`, which is gone afterwards.

    Args:
        path: the file it is needed for; its directory is created.
        suffix: ending of the temporary name, for writers that look at it (".keras").

    Raises:
        OutputError: the disk is full, read-only or refuses in another way.
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
            f"Cannot write {path}: {reason}. Free some space or choose a directory you may "
            "write to; files written before this one are whole."
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def atomic_path(path: Path, *, suffix: str = "") -> Iterator[Path]:
    """Give a temporary file beside `path`; on success it is synced and takes `path`'s place.

    Raises:
        OutputError: as `scratch_path`; a file that was at `path` before is untouched.
    """
    with scratch_path(path, suffix=suffix) as temporary:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o644)  # mkstemp's 0600 would hide a published file from its readers
        temporary.replace(path)


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` whole or not at all.

    Raises:
        OutputError: as `atomic_path`.
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
