"""One run, one output directory: nobody's files are overwritten, no two runs write at once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from textgen.errors import OutputError, TimelineError
from textgen.files import PARTIAL
from textgen.manifest.paths import MANIFEST

UNFINISHED = f"{PARTIAL}timeline"
"""A file that stands in a timeline's directory until its first manifest does."""


def checkpoint_directory(output: Path) -> Path:
    """Return the directory beside a timeline that holds what only a run in progress needs."""
    output = output.resolve()  # "." has no name
    return output.with_name(f"{output.name}.checkpoint")


def check_output_free(output: Path) -> None:
    """Raise unless a new timeline may be written to `output`: absent, empty, or begun by us.

    Raises:
        TimelineError: it holds a timeline, or anything else.
        OutputError: it cannot be looked at, or cannot be a directory's name.
    """
    try:
        if (output / MANIFEST).is_file():
            raise TimelineError(
                f"{output} already holds a timeline. Continue it with --resume, or choose another "
                "--output."
            )
        begun = (output / UNFINISHED).is_file()
        if output.exists() and (not output.is_dir() or (any(output.iterdir()) and not begun)):
            raise TimelineError(
                f"{output} exists and is not an empty directory; nothing in it is overwritten. "
                "Choose another --output."
            )
    except OSError as error:
        raise OutputError(f"Cannot write to {output}: {error.strerror}.") from error


@contextlib.contextmanager
def output_lock(output: Path) -> Iterator[None]:
    """Hold an output directory for one run.

    The lock is the operating system's: it ends with the process, however that ends.

    Raises:
        TimelineError: another run holds it.
        OutputError: the directory beside it cannot be made.
    """
    beside = checkpoint_directory(output)
    try:
        beside.mkdir(parents=True, exist_ok=True)
        lock = FileLock(beside / "lock")
        lock.acquire(timeout=0)
    except Timeout:
        raise TimelineError(
            f"Another run is writing to {output}. Wait for it, or choose another --output."
        ) from None
    except OSError as error:
        raise OutputError(f"Cannot write to {beside}: {error.strerror}.") from error
    try:
        yield
    finally:
        lock.release()
        with contextlib.suppress(OSError):  # kept where a checkpoint is in it
            (beside / "lock").unlink(missing_ok=True)
            beside.rmdir()


def remove_partial_files(output: Path) -> None:
    """Delete what a killed run left half-written in a directory that is claimed and is ours."""
    for directory in (output, checkpoint_directory(output)):
        for leftover in directory.rglob(f"{PARTIAL}*"):
            if leftover.name != UNFINISHED:
                leftover.unlink(missing_ok=True)
