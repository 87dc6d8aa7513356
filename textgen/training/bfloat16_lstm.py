"""LSTM layers with matrix products in bfloat16, for training on CPUs that support it."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


def in_bfloat16(model: keras.Model) -> keras.KerasTensor:
    """Return the input of a model's last layer, with every LSTM computed by `BFloat16Lstm`."""
    x = model.inputs[0]
    for layer in model.layers[1:-1]:
        x = BFloat16Lstm(layer)(x) if isinstance(layer, keras.layers.LSTM) else layer(x)
    return x


class BFloat16Lstm(keras.layers.Layer):  # type: ignore[misc]
    """Computes the outputs of an existing LSTM layer, with matrix products in `dtype`.

    It shares that layer's weights. States, gates and weights stay in float32; each product is
    rounded to `dtype` once. The gradient is written by hand, so that each weight gradient is one
    product over the whole window instead of a sum over its steps.

    Args:
        lstm: a built layer with Keras' default settings that returns sequences.
        dtype: "bfloat16" or "float32".

    Source:
        Hochreiter and Schmidhuber (1997); Werbos (1990), Backpropagation through time.
    """

    def __init__(self, lstm: keras.layers.LSTM, dtype: str = "bfloat16") -> None:
        super().__init__()
        self._lstm, self._product_dtype = lstm, dtype

    def compute_output_spec(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Return the output shape, `(batch, time, units)`, without tracing the loops."""
        return keras.KerasTensor((*x.shape[:2], self._lstm.units), dtype="float32")

    def call(self, x: Any) -> Any:
        """Return the layer's outputs `(batch, time, units)` for inputs `(batch, time, width)`."""
        cell = self._lstm.cell
        kernel, recurrent, bias = (
            ops.convert_to_tensor(weight)
            for weight in (cell.kernel, cell.recurrent_kernel, cell.bias)
        )
        # Time first, so that each step reads and writes contiguous memory.
        z = _product(ops.transpose(x, (1, 0, 2)), kernel, self._product_dtype) + bias
        return ops.transpose(_states(z, recurrent, self._product_dtype), (1, 0, 2))


def _product(a: Any, b: Any, dtype: str) -> Any:
    product = ops.matmul(ops.cast(a, dtype), ops.cast(b, dtype))
    return ops.cast(product, "float32")


def _states(z: Any, recurrent: Any, dtype: str) -> Any:
    """Run an LSTM over all time steps and return its outputs.

    Args:
        z: the inputs' part of the four gates before their activation functions, in Keras' order
            input, forget, candidate, output; shape `(time, batch, 4 * units)`.
        recurrent: the recurrent kernel; shape `(units, 4 * units)`.
        dtype: of the factors in matrix products.

    Returns:
        The outputs; shape `(time, batch, units)`.
    """

    @ops.custom_gradient  # type: ignore[untyped-decorator]
    def run(z: Any, recurrent: Any) -> Any:
        units = recurrent.shape[0]
        zero = ops.zeros_like(z[0, :, :units])
        narrow = ops.cast(recurrent, dtype)  # once, not in every step

        def step(carry: Any, z: Any) -> Any:
            h, c, _ = carry
            i, f, g, o = ops.split(z + _product(h, narrow, dtype), 4, axis=1)
            i, f, g, o = ops.sigmoid(i), ops.sigmoid(f), ops.tanh(g), ops.sigmoid(o)
            c = f * c + i * g
            carry = o * ops.tanh(c), c, ops.concatenate([i, f, g, o], axis=1)
            return carry, carry

        # On TensorFlow, Keras stacks only values shaped like the carry, so the gates are in it.
        _, (h, c, gates) = ops.scan(step, (zero, zero, z[0]), z)

        def gradient(*arguments: Any, upstream: Any = None) -> Any:
            (upstream,) = arguments if upstream is None else (upstream,)
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
                carry = _product(dz, transposed, dtype), dc * f, dz
                return carry, carry

            first = ops.expand_dims(zero, 0)
            c_before = ops.concatenate([first, c[:-1]], axis=0)
            h_before = ops.concatenate([first, h[:-1]], axis=0)
            _, (_, _, dz) = ops.scan(
                step_back, (zero, zero, z[0]), (upstream, c, c_before, gates), reverse=True
            )
            by_unit = ops.transpose(ops.reshape(h_before, (-1, units)))
            return dz, _product(by_unit, ops.reshape(dz, (-1, 4 * units)), dtype)

        return h, gradient

    return run(z, recurrent)
