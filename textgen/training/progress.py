"""Shows in a terminal how far training has come."""

from __future__ import annotations

import sys
import time
from typing import Any

import keras

REDRAW_SECONDS = 0.2


class ProgressLine(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps one line of a terminal up to date, and removes it at the end; prints nothing to files.

    Args:
        start: the step at which this call of `fit` begins.
        per_epoch: steps in one epoch.
        epochs: length of the whole run, in epochs.
    """

    def __init__(self, start: int, per_epoch: int, epochs: int) -> None:
        super().__init__()
        self._start, self._per_epoch, self._epochs = start, per_epoch, epochs
        self._drawn = -REDRAW_SECONDS

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Draw the line, a few times per second."""
        if not sys.stdout.isatty() or time.monotonic() - self._drawn < REDRAW_SECONDS:
            return
        self._drawn = time.monotonic()
        epoch = (self._start + batch + 1) / self._per_epoch
        loss = float((logs or {})["loss"])
        line = f"epoch {epoch:.2f} of {self._epochs}, training loss {loss:.4f}"
        print(f"\r\x1b[K{line}", end="", flush=True)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Remove the line."""
        if sys.stdout.isatty():
            print("\r\x1b[K", end="", flush=True)
