"""LSTM layers over whole windows in half precision, for training on a CPU that computes in it."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


def in_bfloat16(model: keras.Model) -> keras.KerasTensor:
    """Return what a model's last layer reads, each LSTM computed by `BFloat16Lstm`."""
    x = model.inputs[0]
    for layer in model.layers[1:-1]:
        x = BFloat16Lstm(layer)(x) if isinstance(layer, keras.layers.LSTM) else layer(x)
    return x


class BFloat16Lstm(keras.layers.Layer):  # type: ignore[misc]
    """Computes what an LSTM layer computes, with its weights, by matrix products in `dtype`.

    States, gates and weights stay in float32; what a product gives is rounded to `dtype` once. The
    gradient is written out, so that those of the weights are one product over the whole window
    each, in place of a sum over its steps.

    Args:
        lstm: a built layer of Keras' default settings that returns sequences.
        dtype: "bfloat16" or "float32".

    Source:
        Hochreiter and Schmidhuber (1997); Werbos (1990), Backpropagation through time.
    """

    def __init__(self, lstm: keras.layers.LSTM, dtype: str = "bfloat16") -> None:
        super().__init__()
        self._lstm, self._product_dtype = lstm, dtype

    def compute_output_spec(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Return the shape, `(batch, time, units)`, without a trace of the loops."""
        return keras.KerasTensor((*x.shape[:2], self._lstm.units), dtype="float32")

    def call(self, x: Any) -> Any:
        """Return the layer's outputs `(batch, time, units)` for inputs `(batch, time, width)`."""
        cell = self._lstm.cell
        kernel, recurrent, bias = (
            ops.convert_to_tensor(weight)
            for weight in (cell.kernel, cell.recurrent_kernel, cell.bias)
        )
        # Time first, so that a step reads and writes what lies together.
        z = _product(ops.transpose(x, (1, 0, 2)), kernel, self._product_dtype) + bias
        return ops.transpose(_states(z, recurrent, self._product_dtype), (1, 0, 2))


def _product(a: Any, b: Any, dtype: str) -> Any:
    product = ops.matmul(ops.cast(a, dtype), ops.cast(b, dtype))
    return ops.cast(product, "float32")


def _states(z: Any, recurrent: Any, dtype: str) -> Any:
    """Step an LSTM through time and return its outputs.

    Args:
        z: what the inputs add to the four gates before they are squashed, in Keras' order input,
            forget, candidate, output; shape `(time, batch, 4 * units)`.
        recurrent: the recurrent kernel, `(units, 4 * units)`.
        dtype: of the factors of products.

    Returns:
        Shape `(time, batch, units)`.
    """

    @ops.custom_gradient  # type: ignore[untyped-decorator]
    def run(z: Any, recurrent: Any) -> Any:
        units = recurrent.shape[0]
        zero = ops.zeros_like(z[0, :, :units])
        narrow = ops.cast(recurrent, dtype)  # once, not at every step

        def step(carry: Any, z: Any) -> Any:
            h, c, _ = carry
            i, f, g, o = ops.split(z + _product(h, narrow, dtype), 4, axis=1)
            i, f, g, o = ops.sigmoid(i), ops.sigmoid(f), ops.tanh(g), ops.sigmoid(o)
            c = f * c + i * g
            carry = o * ops.tanh(c), c, ops.concatenate([i, f, g, o], axis=1)
            return carry, carry

        # Keras stacks on TensorFlow only what has a carry's shape: so the gates are carried too.
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
