"""The LSTM stepped in NumPy: ids and state to logits and state, thousands of times a second.

Keras needs milliseconds of overhead for a character that costs microseconds of arithmetic. The
engine does that arithmetic and nothing else; the tests hold its logits to Keras'.

Two identities make the step short. The first layer's input is one of `vocab_size` rows, however
characters are encoded, so encoding, first kernel and bias are multiplied out once into a table.
And the logistic function is a hyperbolic tangent, sigmoid(x) = tanh(x / 2) / 2 + 1 / 2, so with the
three gates' columns halved beforehand one `tanh` call serves all four parts of the cell.
"""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from textgen.config import ModelConfig
from textgen.errors import VocabularyError
from textgen.vocabulary import Ids
from textgen.weights import Array, LstmWeights, Weights, read_weights, weights_from_arrays

if TYPE_CHECKING:
    import keras


class Engine:
    """A model's weights, prepared for stepping. Immutable, so any number of threads may share it.

    Args:
        config: the model's shape.
        weights: its arrays.

    Example:
        engine = Engine.from_file(Path("snapshots/step-0000000.weights.h5"), config)
        state = engine.start()
        logits = engine.step(7, state)
    """

    def __init__(self, config: ModelConfig, weights: Weights) -> None:
        self.config = config
        layers = [_prepare(layer) for layer in weights.lstm]
        kernel, _, bias = layers[0]
        if weights.embedding is not None:
            kernel = weights.embedding @ kernel
        elif config.encoding == "scaled":
            numbers = np.arange(config.vocab_size, dtype=np.float32) / np.float32(config.vocab_size)
            kernel = numbers[:, None] * kernel
        self._table: Array = kernel + bias  # (vocab_size, 4 units)
        self._layers = layers
        self._kernel, self._bias = weights.kernel, weights.bias

    @classmethod
    def from_model(cls, model: keras.Model, config: ModelConfig) -> Engine:
        """Take the weights of a Keras model that `build_model(config)` made."""
        return cls(config, weights_from_arrays(model.get_weights(), config))

    @classmethod
    def from_file(cls, path: Path, config: ModelConfig) -> Engine:
        """Read a `.weights.h5` file; neither Keras nor a backend is imported.

        Raises:
            TimelineError: as `textgen.weights.read_weights`.
        """
        return cls(config, read_weights(path, config))

    def start(self, batch: int | None = None) -> State:
        """Return the state before any character: of one stream, or of `batch` streams."""
        return State(self.config, batch)

    def step(self, ids: int | Ids, state: State) -> Array:
        """Feed the next character of each stream.

        Args:
            ids: an id, or shape `(batch,)` where the state was made for a batch.
            state: advanced in place.

        Returns:
            Logits of the character after it, float32 `(vocab_size,)` or `(batch, vocab_size)`.
            The array is the state's own and is overwritten by the next step.
        """
        if self.config.context is None:
            return self._step(ids, state)
        # Trained on windows, used on windows: each is read anew from the empty state.
        state.window.append(ids)
        state.clear()
        for past in state.window:
            logits = self._step(past, state)
        return logits

    def _step(self, ids: int | Ids, state: State) -> Array:
        inputs = self._table[ids]
        for index, (layer, (kernel, recurrent_kernel, bias)) in enumerate(
            zip(state.layers, self._layers, strict=True)
        ):
            np.matmul(layer.h, recurrent_kernel, out=layer.z)
            if index:
                np.matmul(inputs, kernel, out=layer.inputs)
                layer.inputs += bias
                inputs = layer.inputs
            layer.z += inputs
            layer.advance()
            inputs = layer.h
        np.matmul(inputs, self._kernel, out=state.logits)
        state.logits += self._bias
        return state.logits

    def logits(self, ids: Ids) -> Array:
        """Return the logits after each id of one text from the start, float32 `(n, vocab_size)`.

        Raises:
            VocabularyError: an id is outside the vocabulary.
        """
        ids = np.asarray(ids)
        self.check_ids(ids)
        state = self.start()
        out = np.empty((len(ids), self.config.vocab_size), np.float32)
        for row, index in zip(out, ids.tolist(), strict=True):
            row[:] = self.step(index, state)
        return out

    def check_ids(self, ids: Ids) -> None:
        """Raise VocabularyError unless every id is from 0 to `vocab_size - 1`."""
        size = self.config.vocab_size
        if len(ids) and not (int(ids.min()) >= 0 and int(ids.max()) < size):
            raise VocabularyError(
                f"Ids must be from 0 to {size - 1}, received {int(ids.min())} to {int(ids.max())}."
            )


class State:
    """Where one stream, or a batch of them, stands: never shared between visitors."""

    def __init__(self, config: ModelConfig, batch: int | None) -> None:
        # One stream uses one-dimensional arrays: NumPy spends a third less on each call.
        shape = () if batch is None else (batch,)
        self.layers = [_LayerState(shape, units) for units in config.lstm_units]
        self.logits = np.zeros((*shape, config.vocab_size), np.float32)
        self.window: deque[int | Ids] = deque(maxlen=config.context or 0)

    def clear(self) -> None:
        """Forget every character."""
        for layer in self.layers:
            layer.clear()


class _LayerState:
    """One layer's `h` and `c`, and scratch arrays so that a step allocates nothing."""

    def __init__(self, shape: tuple[int, ...], units: int) -> None:
        self.h = np.zeros((*shape, units), np.float32)
        self._c = np.zeros((*shape, units), np.float32)
        self.z = np.zeros((*shape, 4 * units), np.float32)
        self.inputs = np.zeros((*shape, 4 * units), np.float32)
        # Views of z, in the engine's own order: the three logistic gates first, in one piece.
        self._gates = self.z[..., : 3 * units]
        self._input, self._forget, self._output, self._candidate = (
            self.z[..., k * units : (k + 1) * units] for k in range(4)
        )

    def clear(self) -> None:
        self.h.fill(0.0)
        self._c.fill(0.0)

    def advance(self) -> None:
        """Turn pre-activations `z` (gates halved) into the next `c` and `h`."""
        np.tanh(self.z, out=self.z)
        self._gates *= 0.5
        self._gates += 0.5
        self._c *= self._forget
        self._input *= self._candidate
        self._c += self._input
        np.tanh(self._c, out=self.h)
        self.h *= self._output


def _prepare(layer: LstmWeights) -> tuple[Array, Array, Array]:
    """Reorder the gates to input, forget, output, candidate and halve the first three."""
    units = layer.recurrent_kernel.shape[0]
    i, f, g, o = (np.arange(k * units, (k + 1) * units) for k in range(4))
    order = np.concatenate([i, f, o, g])
    scale: NDArray[np.float32] = np.repeat(np.array([0.5, 1.0], np.float32), [3 * units, units])
    kernel, recurrent_kernel, bias = (
        np.ascontiguousarray(array[..., order] * scale)
        for array in (layer.kernel, layer.recurrent_kernel, layer.bias)
    )
    return kernel, recurrent_kernel, bias
