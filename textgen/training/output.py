"""The output directory of a run: never overwrites other files, one run at a time."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from textgen.errors import OutputError, TimelineError
from textgen.files import PARTIAL
from textgen.manifest.paths import MANIFEST
from textgen.manifest.schema import Manifest

UNFINISHED = f"{PARTIAL}timeline"
"""An empty file in a timeline's directory that is removed when the first manifest is written."""


def checkpoint_directory(output: Path) -> Path:
    """Return the directory beside a timeline for files that only a run in progress needs."""
    output = output.resolve()  # "." has no name
    return output.with_name(f"{output.name}.checkpoint")


def has_timeline(output: Path) -> bool:
    """Return whether a directory contains a timeline, that is, at least one finished snapshot.

    Raises:
        OutputError: the directory cannot be read, or cannot be a directory's name.
    """
    try:
        return (output / MANIFEST).is_file()
    except OSError as error:
        raise OutputError(f"Cannot write to {output}: {error.strerror}.") from error


def train_further(output: Path) -> str:
    """Return what to do instead of writing to a finished timeline, as a sentence."""
    return f"To train it further, use --init-from {shlex.quote(str(output))} with another --output."


def is_finished(output: Path) -> bool:
    """Return whether a directory contains a timeline whose training has ended.

    Raises:
        OutputError: the directory cannot be read, or cannot be a directory's name.
    """
    try:
        return has_timeline(output) and Manifest.read(output).finished
    except TimelineError:  # the manifest is damaged
        return False


def check_output_free(output: Path) -> None:
    """Raise an error unless a new timeline may be written to `output`.

    It may if the directory is absent, empty, or left by a run that stopped before its first
    snapshot.

    Raises:
        TimelineError: it contains a timeline, or anything else.
        OutputError: it cannot be read, or cannot be a directory's name.
    """
    if is_finished(output):
        raise TimelineError(
            f"{output} already contains a finished timeline. {train_further(output)}"
        )
    if has_timeline(output):
        raise TimelineError(
            f"{output} already contains a timeline. Continue it with --resume, or choose another "
            "--output."
        )
    try:
        begun = (output / UNFINISHED).is_file()
        if output.exists() and (not output.is_dir() or (any(output.iterdir()) and not begun)):
            raise TimelineError(
                f"{output} exists and is not an empty directory; nothing in it was changed. Choose "
                "another --output."
            )
    except OSError as error:
        raise OutputError(f"Cannot write to {output}: {error.strerror}.") from error


@contextlib.contextmanager
def output_lock(output: Path) -> Iterator[None]:
    """Lock an output directory for one run while the context lasts.

    The operating system releases the lock when the process ends, even if it is killed.

    Raises:
        TimelineError: another run has locked it.
        OutputError: the directory beside it cannot be created.
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
        with contextlib.suppress(OSError):  # the directory stays if it contains a checkpoint
            (beside / "lock").unlink(missing_ok=True)
            beside.rmdir()


def remove_partial_files(output: Path) -> None:
    """Delete the half-written files of a killed run.

    Args:
        output: a locked output directory that contains a timeline or nothing.
    """
    for directory in (output, checkpoint_directory(output)):
        for leftover in directory.rglob(f"{PARTIAL}*"):
            if leftover.name != UNFINISHED:
                leftover.unlink(missing_ok=True)
