"""The LSTM stepped in NumPy: ids and state to logits and state, thousands of times a second.

Keras needs milliseconds of overhead for a character that costs microseconds of arithmetic. The
engine does that arithmetic and nothing else; the tests hold its logits to Keras'.

Two identities make the step short. The first layer's input is one of `vocab_size` rows, however
characters are encoded, so encoding, first kernel and bias are multiplied out once into a table.
And the logistic function is a hyperbolic tangent, sigmoid(x) = tanh(x / 2) / 2 + 1 / 2, so with the
three gates' columns halved beforehand one `tanh` call serves all four parts of the cell.

A batch has its four parts one after the other, `(4, batch, units)`, so that each lies in one piece.
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
        """Take the weights of a Keras model that `build_model(config)` made."""
        return cls(config, weights_from_arrays(model.get_weights(), config))

    @classmethod
    def from_file(cls, path: Path, config: ModelConfig) -> Self:
        """Read a `.weights.h5` file; neither Keras nor a backend is imported.

        Raises:
            TimelineError: as `textgen.network.weights.read_weights`.
        """
        return cls(config, read_weights(path, config))

    def start(self, batch: int | None = None) -> State:
        """Return the state before any character: of one stream, or of `batch` streams."""
        return State(self, batch)

    def step(self, ids: int | Ids, state: State) -> Array:
        """Feed the next character of each stream; the same as `state.step(ids)`."""
        return state.step(ids)

    def logits(self, ids: Ids) -> Array:
        """Return the logits after each id of one text from the start, float32 `(n, vocab_size)`.

        Raises:
            VocabularyError: an id is outside the vocabulary.
        """
        ids = np.asarray(ids)
        self.check_ids(ids)
        return self.start().forward(ids, np.empty((len(ids), self.config.vocab_size), np.float32))

    def next_logits(self, ids: Ids) -> Array:
        """Return the logits of the character after a text alone, float32 `(vocab_size,)`.

        Raises:
            VocabularyError: an id is outside the vocabulary, or there is none.
        """
        ids = np.asarray(ids)
        if not len(ids):
            raise VocabularyError("A text of at least one character is needed, received none.")
        self.check_ids(ids)
        state = self.start()
        state.prefill(ids[:-1].tolist())
        return state.step(int(ids[-1]))

    def last_logits(self, windows: Ids) -> Array:
        """Return the logits after each of some windows, read from the empty state.

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
    """Where one stream, or a batch of them, stands: never shared between users.

    Args:
        engine: whose weights are stepped.
        batch: how many streams, None for one without a batch axis.
    """

    def __init__(self, engine: Engine, batch: int | None) -> None:
        # One stream uses one-dimensional arrays: NumPy spends a third less on each call.
        shape = () if batch is None else (batch,)
        layers = engine.layers if batch is None else engine.stacked_layers
        self._cells = [_Cell(*layer, shape) for layer in layers]
        self.advance = self._stepper(engine, batch)
        self._window: deque[int | Ids] = deque(maxlen=engine.config.context or 0)
        self.step = self.advance if engine.config.context is None else self._step_in_window
        """Feed the next character of each stream.

        Takes an id, or shape `(batch,)` where the state was made for a batch. Returns the logits of
        the character after it, float32 `(vocab_size,)` or `(batch, vocab_size)`; the array is the
        state's own and is overwritten by the next step.
        """

    def forward(self, ids: Ids, out: Array) -> Array:
        """Feed one stream some ids, `(n,)`; their logits fill and are the first n rows of `out`."""
        rows, step = out[: len(ids)], self.step
        for row, index in zip(rows, ids.tolist(), strict=True):
            row[:] = step(index)
        return rows

    def prefill(self, ids: list[int]) -> None:
        """Feed a new stream the text it goes on from; nothing of it is asked for."""
        if len(ids) >= (self._window.maxlen or math.inf):
            self._window.extend(ids)  # the next step reads what it needs of it
        else:
            for index in ids:
                self.step(index)

    def set_row(self, row: int, stream: State) -> None:
        """Let one stream of this batch stand where a single stream, without a context, does."""
        for mine, its in zip(self._cells, stream._cells, strict=True):
            mine.set_row(row, its)

    def _step_in_window(self, ids: int | Ids) -> Array:
        # Trained on windows, used on windows: each is read anew from the empty state.
        forgets = len(self._window) == self._window.maxlen
        self._window.append(ids)
        if not forgets:  # the window is still the same but for one more
            return self.advance(ids)
        for cell in self._cells:
            cell.clear()
        for past in self._window:
            logits = self.advance(past)
        return logits

    def _stepper(self, engine: Engine, batch: int | None) -> Callable[[int | Ids], Array]:
        """Return the step of all layers, with arrays of its own."""
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

    The first layer takes its inputs out of the engine's table, bias included; the others multiply
    them by their kernel.
    """

    def __init__(
        self, kernel: Array | None, recurrent_kernel: Array, bias: Array, shape: tuple[int, ...]
    ) -> None:
        units = recurrent_kernel.shape[-1] if shape else len(recurrent_kernel)
        self._h = h = np.zeros((*shape, units), np.float32)
        self._c = c = np.zeros((*shape, units), np.float32)
        # In the engine's own order: the three logistic gates first, in one piece.
        parts, products = (np.zeros((4, *shape, units), np.float32) for _ in range(2))
        gates, (input_, forget, output, candidate) = parts[:3], parts
        # One stream multiplies by all four parts' kernels at once, a batch by each.
        z, inputs = (parts, products) if shape else (parts.reshape(-1), products.reshape(-1))
        product = np.matmul if shape else np.dot
        # Called a hundred thousand times a second: names in a closure are found faster than
        # attributes, and results go into arrays that are there.
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
        """Forget every character."""
        self._h.fill(0.0)
        self._c.fill(0.0)

    def set_row(self, row: int, cell: _Cell) -> None:
        """Take the state of a single stream as one of a batch's."""
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
    """Bring the four parts of the last axis to the front: `(n, 4 units)` to `(4, n, units)`."""
    rows = np.atleast_2d(columns)
    return np.ascontiguousarray(rows.reshape(len(rows), 4, -1).swapaxes(0, 1))
