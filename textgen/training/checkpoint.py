"""The checkpoint of a run: all variables of model and optimizer, to resume exactly."""

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

    Besides the weights it contains the optimizer's moments and step count, and the state of each
    dropout layer's random generator. It does not contain the order of the data, which follows from
    the seed and the step.

    Args:
        output: the timeline's directory.
    """

    def __init__(self, output: Path) -> None:
        self._path = checkpoint_directory(output) / "variables.npz"

    def save(self, model: keras.Model, step: int) -> None:
        """Save a compiled model after `step` training steps.

        Raises:
            OutputError: the file cannot be written.
        """
        arrays = {
            f"v{index}": keras.ops.convert_to_numpy(variable)
            for index, variable in enumerate(_variables(model))
        }
        with atomic_path(self._path, suffix=".npz") as temporary:
            np.savez(temporary, allow_pickle=False, step=np.int64(step), **arrays)

    def restore(self, model: keras.Model) -> int | None:
        """Restore the state of a model and return its step.

        Args:
            model: compiled in the same way as the model that was saved.

        Returns:
            How many training steps the model has taken, or None if there is no checkpoint, in which
            case the model is unchanged.

        Raises:
            TimelineError: the file is damaged or belongs to another model.
        """
        if not self._path.is_file():
            return None
        variables = _variables(model)
        try:
            with np.load(self._path, allow_pickle=False) as saved:
                arrays = [saved[f"v{index}"] for index in range(len(saved.files) - 1)]
                step = int(saved["step"])
            if [array.shape for array in arrays] != [tuple(v.shape) for v in variables]:
                raise ValueError("it belongs to another model")
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise TimelineError(
                f"Cannot resume from {self._path}: {error}. Choose another --output to start over."
            ) from error
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)
        return step

    def delete(self) -> None:
        """Delete the file, when the run is finished or starts over."""
        self._path.unlink(missing_ok=True)


def _variables(model: keras.Model) -> list[keras.Variable]:
    model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]
