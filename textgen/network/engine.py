"""The LSTM in NumPy: runs one step, from an id to logits, thousands of times a second.

Keras spends milliseconds on each character, but the arithmetic takes only microseconds. The engine
does nothing but the arithmetic. Tests compare its logits with those of Keras.

Two identities make a step fast. The first layer's input is always one of `vocab_size` vectors, so
the products of these vectors and the first kernel, plus the bias, are computed once and stored in
a table. And since sigmoid(x) = tanh(x / 2) / 2 + 1 / 2, one `tanh` call computes all four parts of
a cell if the columns of the three gates are halved in advance.

A batch stores the four parts one after the other, `(4, batch, units)`, so that each is contiguous.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from textgen.config import ModelConfig
from textgen.errors import VocabularyError
from textgen.network.weights import Array, LstmWeights, Weights, read_weights, weights_from_arrays
from textgen.text.vocabulary import Ids

if TYPE_CHECKING:
    import keras


_Layer = tuple[Array | None, Array, Array]  # kernel (none for the first), recurrent kernel, bias


class Engine:
    """A model's weights, rearranged for fast steps. Immutable, so threads may share one engine.

    Args:
        config: the model's settings.
        weights: the model's arrays.

    Example:
        engine = Engine.from_file(Path("snapshots/step-0000000.weights.h5"), config)
        state = engine.start()
        logits = engine.step(7, state)
    """

    def __init__(self, config: ModelConfig, weights: Weights) -> None:
        self.config = config
        (kernel, recurrent_kernel, bias), *later = [_prepare(layer) for layer in weights.lstm]
        if weights.embedding is not None:
            kernel = weights.embedding @ kernel
        elif config.encoding == "scaled":
            numbers = np.arange(config.vocab_size, dtype=np.float32) / np.float32(config.vocab_size)
            kernel = numbers[:, None] * kernel
        self.table: Array = kernel + bias  # (vocab_size, 4 units)
        self.layers: list[_Layer] = [(None, recurrent_kernel, bias), *later]
        self.kernel, self.bias = weights.kernel, weights.bias

    @cached_property
    def stacked_table(self) -> Array:
        """The table for batches: `(4, vocab_size, units)`."""
        return _stacked(self.table)

    @cached_property
    def stacked_layers(self) -> list[_Layer]:
        """The layers for batches: kernels `(4, inputs, units)`, biases `(4, 1, units)`."""
        return [
            (None if kernel is None else _stacked(kernel), _stacked(recurrent), _stacked(bias))
            for kernel, recurrent, bias in self.layers
        ]

    @classmethod
    def from_model(cls, model: keras.Model, config: ModelConfig) -> Self:
        """Copy the weights of a Keras model built by `build_model(config)`."""
        return cls(config, weights_from_arrays(model.get_weights(), config))

    @classmethod
    def from_file(cls, path: Path, config: ModelConfig) -> Self:
        """Read a `.weights.h5` file, without importing Keras.

        Raises:
            TimelineError: see `textgen.network.weights.read_weights`.
        """
        return cls(config, read_weights(path, config))

    def start(self, batch: int | None = None) -> State:
        """Return the empty state, before any character, of one stream or of `batch` streams."""
        return State(self, batch)

    def step(self, ids: int | Ids, state: State) -> Array:
        """Read the next character of each stream; the same as `state.step(ids)`."""
        return state.step(ids)

    def logits(self, ids: Ids) -> Array:
        """Return the logits after each id of one text, float32 `(n, vocab_size)`.

        Raises:
            VocabularyError: an id is outside the vocabulary.
        """
        ids = np.asarray(ids)
        self.check_ids(ids)
        return self.start().forward(ids, np.empty((len(ids), self.config.vocab_size), np.float32))

    def next_logits(self, ids: Ids) -> Array:
        """Return only the logits after the last id of a text, float32 `(vocab_size,)`.

        Raises:
            VocabularyError: an id is outside the vocabulary, or there are no ids.
        """
        ids = np.asarray(ids)
        if not len(ids):
            raise VocabularyError("The text must have at least one character, received none.")
        self.check_ids(ids)
        state = self.start()
        state.prefill(ids[:-1].tolist())
        return state.step(int(ids[-1]))

    def last_logits(self, windows: Ids) -> Array:
        """Return the logits after each window, starting from the empty state.

        Args:
            windows: shape `(n, width)`, ids in the vocabulary.

        Returns:
            float32 `(n, vocab_size)`.
        """
        state = State(self, len(windows))
        for column in windows.T:
            logits = state.advance(column)
        return logits

    def check_ids(self, ids: Ids) -> None:
        """Raise VocabularyError unless every id is from 0 to `vocab_size - 1`."""
        size = self.config.vocab_size
        if len(ids) and not (int(ids.min()) >= 0 and int(ids.max()) < size):
            raise VocabularyError(
                f"Ids must be from 0 to {size - 1}, received {int(ids.min())} to {int(ids.max())}."
            )


class State:
    """The LSTM state of one stream, or of a batch of streams. Never share one between users.

    Args:
        engine: the model.
        batch: number of streams; None for one stream without a batch axis.
    """

    def __init__(self, engine: Engine, batch: int | None) -> None:
        # One stream uses one-dimensional arrays: each NumPy call takes a third less time.
        shape = () if batch is None else (batch,)
        layers = engine.layers if batch is None else engine.stacked_layers
        self._cells = [_Cell(*layer, shape) for layer in layers]
        self.advance = self._stepper(engine, batch)
        self._window: deque[int | Ids] = deque(maxlen=engine.config.context or 0)
        self.step = self.advance if engine.config.context is None else self._step_in_window
        """Read the next character of each stream and return the logits after it.

        Takes an id, or ids `(batch,)` for a batch. Returns float32 `(vocab_size,)` or
        `(batch, vocab_size)`, in an array that the next step overwrites.
        """

    def forward(self, ids: Ids, out: Array) -> Array:
        """Read ids `(n,)`, write the logits into the first n rows of `out`, and return them."""
        rows, step = out[: len(ids)], self.step
        for row, index in zip(rows, ids.tolist(), strict=True):
            row[:] = step(index)
        return rows

    def prefill(self, ids: list[int]) -> None:
        """Read the start of a prompt in a new stream, without returning logits."""
        if len(ids) >= (self._window.maxlen or math.inf):
            self._window.extend(ids)  # the next step reads the whole window
        else:
            for index in ids:
                self.step(index)

    def set_row(self, row: int, stream: State) -> None:
        """Copy a single stream's state into a row of this batch; for models without a context."""
        for mine, its in zip(self._cells, stream._cells, strict=True):
            mine.set_row(row, its)

    def _step_in_window(self, ids: int | Ids) -> Array:
        # The model was trained on windows, so each window starts from the empty state.
        is_full = len(self._window) == self._window.maxlen
        self._window.append(ids)
        if not is_full:  # nothing drops out of the window, so the state is still right
            return self.advance(ids)
        for cell in self._cells:
            cell.clear()
        for past in self._window:
            logits = self.advance(past)
        return logits

    def _stepper(self, engine: Engine, batch: int | None) -> Callable[[int | Ids], Array]:
        """Return a function that runs all layers for one step, with its own arrays."""
        row: Callable[[Any], Any] = engine.table.__getitem__
        if batch is not None:
            row = partial(engine.stacked_table.take, axis=1)
        shape = () if batch is None else (batch,)
        logits = np.zeros((*shape, engine.config.vocab_size), np.float32)
        kernel, bias, dot, add = engine.kernel, engine.bias, np.dot, np.add
        steps = [cell.step for cell in self._cells]

        def step(ids: int | Ids) -> Array:
            x = row(ids)
            for step_layer in steps:
                x = step_layer(x)
            dot(x, kernel, logits)
            add(logits, bias, logits)
            return logits

        return step


class _Cell:
    """One layer's state, and scratch arrays so that a step allocates nothing.

    The first layer's input comes from the engine's table, already multiplied by the kernel and with
    the bias added. The other layers do both themselves.
    """

    def __init__(
        self, kernel: Array | None, recurrent_kernel: Array, bias: Array, shape: tuple[int, ...]
    ) -> None:
        units = recurrent_kernel.shape[-1] if shape else len(recurrent_kernel)
        self._h = h = np.zeros((*shape, units), np.float32)
        self._c = c = np.zeros((*shape, units), np.float32)
        # In the engine's order: the three gates first, so that they are contiguous.
        parts, products = (np.zeros((4, *shape, units), np.float32) for _ in range(2))
        gates, (input_, forget, output, candidate) = parts[:3], parts
        # One stream multiplies by the kernels of all four parts at once, a batch by each in turn.
        z, inputs = (parts, products) if shape else (parts.reshape(-1), products.reshape(-1))
        product = np.matmul if shape else np.dot
        # Called a hundred thousand times a second: closure variables are faster than attributes,
        # and results go into existing arrays.
        add, multiply, tanh = np.add, np.multiply, np.tanh
        half = np.array(0.5, np.float32)

        def step_first(x: Array) -> Array:
            product(h, recurrent_kernel, z)
            add(z, x, z)
            tanh(z, z)
            multiply(gates, half, gates)
            add(gates, half, gates)
            multiply(c, forget, c)
            multiply(input_, candidate, input_)
            add(c, input_, c)
            tanh(c, h)
            multiply(h, output, h)
            return h

        def step_later(x: Array) -> Array:
            product(x, kernel, inputs)  # type: ignore[arg-type]
            add(inputs, bias, inputs)
            return step_first(inputs)

        self.step = step_first if kernel is None else step_later

    def clear(self) -> None:
        """Reset to the empty state."""
        self._h.fill(0.0)
        self._c.fill(0.0)

    def set_row(self, row: int, cell: _Cell) -> None:
        """Copy the state of a single stream into one row of a batch."""
        self._h[row] = cell._h
        self._c[row] = cell._c


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


def _stacked(columns: Array) -> Array:
    """Split the last axis into its four parts: `(n, 4 units)` becomes `(4, n, units)`."""
    rows = np.atleast_2d(columns)
    return np.ascontiguousarray(rows.reshape(len(rows), 4, -1).swapaxes(0, 1))
