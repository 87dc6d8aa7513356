"""What training prints while it goes on."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from textgen.cli.console import printable
from textgen.errors import TextGenError
from textgen.manifest.schema import Snapshot
from textgen.timeline.timeline import Timeline


def announcer(epochs: int) -> Callable[[Snapshot], None]:
    """Return a callback that prints each snapshot: its losses, the time left, its samples."""

    def announce(snapshot: Snapshot) -> None:
        left = 0.0
        if snapshot.epoch >= 0.1:  # before, most of the time went into the backend's start
            left = snapshot.seconds / snapshot.epoch * (epochs - snapshot.epoch)
        loss = "" if snapshot.loss is None else f"training {snapshot.loss:.4f}, "
        print(
            f"\n── epoch {snapshot.label} · step {snapshot.step:,} · {loss}held-out "
            f"{snapshot.val_loss:.4f} nats, {snapshot.val_bits_per_char:.3f} bits per character"
            f" · {_clock(snapshot.seconds)} trained"
            + (f", about {_clock(left)} to go" if left >= 1 else "")
        )
        for temperature, text in snapshot.samples.items():
            print(f"  temperature {temperature}: {printable(' '.join(text.split()))}")
        print(flush=True)

    return announce


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes}:{rest:02} min"


def what_is_kept(output: Path) -> str:
    """Return in words what a run that was stopped leaves behind."""
    try:
        snapshots = Timeline.from_directory(output).snapshots
    except TextGenError:
        return "No snapshot was finished yet."
    return f"{output} is a valid timeline up to epoch {snapshots[-1].label}."


def download_bar() -> Callable[[int, int | None], None]:
    """Return a progress callback that keeps one line of a terminal up to date."""

    def show(received: int, total: int | None) -> None:
        if sys.stderr.isatty():
            of = f" of {total:,}" if total else ""
            end = "\n" if received == total else ""
            print(f"\rDownloading: {received:,}{of} bytes", end=end, file=sys.stderr, flush=True)

    return show


@contextlib.contextmanager
def greetings_held_back() -> Iterator[None]:
    """Keep what a backend prints as it starts off the terminal, unless it fails to.

    TensorFlow's native code greets, and complains where there is no GPU, whatever it is told; the
    device that is printed next says what matters of it.
    """
    kept = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        except Exception:
            file.seek(0)
            os.write(kept, file.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
