"""Keras' progress bar for a run whose epochs are trained in stretches."""

from __future__ import annotations

import sys
from typing import Any

import keras


class ProgressBar(keras.callbacks.Callback):  # type: ignore[misc]
    """Shows the loss of the stretch in training; one line at its end where output is no terminal.

    Args:
        epochs: of the whole run.
    """

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self._epochs = epochs

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Start a bar."""
        print(f"Epoch {epoch + 1}/{self._epochs}", flush=True)
        self._bar = keras.utils.Progbar(
            self.params["steps"], verbose=1 if sys.stdout.isatty() else 2, unit_name="step"
        )

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Move the bar."""
        # `fit` hands over the mean of the stretch so far; the bar is not to average it again.
        self._bar.stateful_metrics = {"loss"}
        self._bar.update(batch + 1, values=[("loss", (logs or {})["loss"])])
