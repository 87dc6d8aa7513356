"""What an interrupted run needs to go on exactly: every variable of model and optimizer."""

from __future__ import annotations

import zipfile
from pathlib import Path

import keras
import numpy as np

from textgen.errors import TimelineError
from textgen.files import atomic_path
from textgen.training.output import checkpoint_directory


class Checkpoint:
    """A file in the directory beside a timeline, replaced after each snapshot.

    It holds more than weights: the optimizer's moments and step count, and the state of each
    dropout layer's random numbers. Data order needs no place in it, being a function of the seed
    and the step.
    """

    def __init__(self, output: Path) -> None:
        self._path = checkpoint_directory(output) / "variables.npz"

    def save(self, model: keras.Model, step: int) -> None:
        """Save a compiled model that has taken `step` steps.

        Raises:
            OutputError: the disk refuses.
        """
        arrays = {
            f"v{index}": keras.ops.convert_to_numpy(variable)
            for index, variable in enumerate(_variables(model))
        }
        with atomic_path(self._path, suffix=".npz") as temporary:
            np.savez(temporary, allow_pickle=False, step=np.int64(step), **arrays)

    def restore(self, model: keras.Model) -> int | None:
        """Bring a model compiled as at `save` to where it was, and return its step.

        Returns:
            None where there is no checkpoint; the model is unchanged then.

        Raises:
            TimelineError: the file does not fit the model.
        """
        if not self._path.is_file():
            return None
        variables = _variables(model)
        try:
            with np.load(self._path, allow_pickle=False) as saved:
                arrays = [saved[f"v{index}"] for index in range(len(saved.files) - 1)]
                step = int(saved["step"])
            if [array.shape for array in arrays] != [tuple(v.shape) for v in variables]:
                raise ValueError("its arrays are not this model's")
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise TimelineError(
                f"Cannot resume from {self._path}: {error}. Choose another --output to start anew."
            ) from error
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)
        return step

    def delete(self) -> None:
        """Remove the file: the run is finished."""
        self._path.unlink(missing_ok=True)


def _variables(model: keras.Model) -> list[keras.Variable]:
    model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]
