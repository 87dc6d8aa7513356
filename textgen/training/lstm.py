"""LSTM layers for training: carried state, weight drop, products in bfloat16."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from textgen.config import TrainConfig

PRODUCT_DTYPE = "bfloat16"
RESET_RATE = 0.01
"""The share of streams that start a window from the empty state, although the state is carried.

So the model also learns to start a text, which is what it does for every prompt.
"""


class TrainingLstm(keras.layers.Layer):  # type: ignore[misc]
    """Computes the outputs of an existing LSTM layer in training, and shares that layer's weights.

    - Carried state: each row of a batch continues the text of the same row in the batch before, so
      the layer starts from the state that it ended with there. No gradient flows between batches.
    - Weight drop: in each training step a random part of the recurrent kernel is 0.
    - bfloat16: states, gates and weights stay in float32; each product is rounded to bfloat16 once.
      The gradient is written by hand, so that each weight gradient is one product over the whole
      window instead of a sum over its steps. In float32, Keras' own loop runs, or cuDNN on a GPU.

    Args:
        lstm: a built layer with Keras' default settings that returns sequences.
        training: `carry_state`, `batch_size`, `precision` and `seed`. `weight_drop` starts with
            `set_dropout`.

    Source:
        Hochreiter and Schmidhuber (1997); Werbos (1990), Backpropagation through time; Merity et
        al. (2018), Regularizing and Optimizing LSTM Language Models, for weight drop.
    """

    def __init__(self, lstm: keras.layers.LSTM, training: TrainConfig) -> None:
        super().__init__()
        self._lstm, self._in_keras = lstm, training.precision == "float32"
        self.weight_drop = 0.0
        self._seeds = keras.random.SeedGenerator(training.seed)
        self._state: list[keras.Variable] = []
        if training.carry_state:
            shape = training.batch_size, lstm.units
            self._state = [
                self.add_weight(name=name, shape=shape, initializer="zeros", trainable=False)
                for name in ("h", "c")
            ]
        self.built = True

    def reset_state(self) -> None:
        """Start the next batch from the empty state."""
        for variable in self._state:
            variable.assign(ops.zeros(variable.shape))

    def compute_output_spec(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Return the output shape, `(batch, time, units)`, without tracing the loops."""
        return keras.KerasTensor((*x.shape[:2], self._lstm.units), dtype="float32")

    def call(self, x: Any) -> Any:
        """Return the layer's outputs `(batch, time, units)` for inputs `(batch, time, width)`."""
        cell = self._lstm.cell
        weights = [
            ops.convert_to_tensor(weight)
            for weight in (cell.kernel, cell.recurrent_kernel, cell.bias)
        ]
        if self.weight_drop:
            weights[1] = keras.random.dropout(weights[1], self.weight_drop, seed=self._seeds)
        run = self._run_in_keras if self._in_keras else self._run_in_bfloat16
        outputs, state = run(x, weights, self._first_state(x))
        for variable, value in zip(self._state, state, strict=False):
            variable.assign(ops.stop_gradient(value))
        return outputs

    def _first_state(self, x: Any) -> list[Any]:
        """Return the states h and c before the window, each `(batch, units)`."""
        if not self._state:
            return [ops.zeros((ops.shape(x)[0], self._lstm.units))] * 2
        rows = self._state[0].shape[0]
        kept = keras.random.uniform((rows, 1), seed=self._seeds) >= RESET_RATE
        return [ops.where(kept, ops.convert_to_tensor(part), 0.0) for part in self._state]

    def _run_in_keras(self, x: Any, weights: list[Any], state: list[Any]) -> tuple[Any, list[Any]]:
        cell = self._lstm.cell
        # Keras' loop reads the layer's variables; within the scope they have these values.
        variables = cell.kernel, cell.recurrent_kernel, cell.bias
        with keras.StatelessScope(state_mapping=list(zip(variables, weights, strict=True))):
            _, outputs, state = self._lstm.inner_loop(x, state, mask=None)
        return outputs, state

    def _run_in_bfloat16(
        self, x: Any, weights: list[Any], state: list[Any]
    ) -> tuple[Any, list[Any]]:
        kernel, recurrent, bias = weights
        # Time first, so that each step reads and writes contiguous memory.
        z = _product(ops.transpose(x, (1, 0, 2)), kernel) + bias
        h, c = _states(z, recurrent, *map(ops.stop_gradient, state))
        return ops.transpose(h, (1, 0, 2)), [h[-1], c]


def _product(a: Any, b: Any) -> Any:
    product = ops.matmul(ops.cast(a, PRODUCT_DTYPE), ops.cast(b, PRODUCT_DTYPE))
    return ops.cast(product, "float32")


def _states(z: Any, recurrent: Any, h_first: Any, c_first: Any) -> tuple[Any, Any]:
    """Run an LSTM over all time steps and return its outputs.

    Args:
        z: the inputs' part of the four gates before their activation functions, in Keras' order
            input, forget, candidate, output; shape `(time, batch, 4 * units)`.
        recurrent: the recurrent kernel; shape `(units, 4 * units)`.
        h_first, c_first: the states before the first step; shape `(batch, units)`. They get no
            gradient.

    Returns:
        The outputs, `(time, batch, units)`, and the last cell state, `(batch, units)`. No gradient
        flows through the latter.
    """

    @ops.custom_gradient  # type: ignore[untyped-decorator]
    def run(z: Any, recurrent: Any) -> Any:
        units = recurrent.shape[0]
        narrow = ops.cast(recurrent, PRODUCT_DTYPE)  # once, not in every step

        def step(carry: Any, z: Any) -> Any:
            h, c, _ = carry
            i, f, g, o = ops.split(z + _product(h, narrow), 4, axis=1)
            i, f, g, o = ops.sigmoid(i), ops.sigmoid(f), ops.tanh(g), ops.sigmoid(o)
            c = f * c + i * g
            carry = o * ops.tanh(c), c, ops.concatenate([i, f, g, o], axis=1)
            return carry, carry

        # On TensorFlow, Keras stacks only values shaped like the carry, so the gates are in it.
        _, (h, c, gates) = ops.scan(step, (h_first, c_first, z[0]), z)

        def gradient(*arguments: Any, upstream: Any = None) -> Any:
            # The backends pass the outputs' gradients as arguments, as a tuple or by name.
            upstream = keras.tree.flatten(arguments if upstream is None else upstream)[0]
            transposed = ops.transpose(narrow)

            def step_back(carry: Any, now: Any) -> Any:
                dh, dc, _ = carry
                upstream, c, c_before, gates = now
                i, f, g, o = ops.split(gates, 4, axis=1)
                squashed = ops.tanh(c)
                dh = dh + upstream
                dc = dc + dh * o * (1 - squashed * squashed)
                dz = ops.concatenate(
                    [
                        dc * g * i * (1 - i),
                        dc * c_before * f * (1 - f),
                        dc * i * (1 - g * g),
                        dh * squashed * o * (1 - o),
                    ],
                    axis=1,
                )
                carry = _product(dz, transposed), dc * f, dz
                return carry, carry

            zero = ops.zeros_like(h_first)
            c_before = ops.concatenate([ops.expand_dims(c_first, 0), c[:-1]], axis=0)
            h_before = ops.concatenate([ops.expand_dims(h_first, 0), h[:-1]], axis=0)
            _, (_, _, dz) = ops.scan(
                step_back, (zero, zero, z[0]), (upstream, c, c_before, gates), reverse=True
            )
            by_unit = ops.transpose(ops.reshape(h_before, (-1, units)))
            return dz, _product(by_unit, ops.reshape(dz, (-1, 4 * units)))

        return (h, c[-1]), gradient

    result: tuple[Any, Any] = run(z, recurrent)
    return result
