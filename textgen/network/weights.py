"""A model's weights as plain arrays, read from a Keras `.weights.h5` file without Keras.

A weights file may come from anyone, so nothing in it is trusted. Each array must be reached by a
hard link, be stored inside the file, have exactly the expected shape, and be finite.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from textgen.config import ModelConfig
from textgen.errors import TimelineError

Array = NDArray[np.float32]

MAX_WEIGHT = 1e9
DTYPES = ("float16", "float32")  # that the numbers of a file may have


@dataclass(frozen=True)
class LstmWeights:
    """One LSTM layer; the four parts are in Keras' order: input, forget, candidate, output."""

    kernel: Array  # (inputs, 4 units)
    recurrent_kernel: Array  # (units, 4 units)
    bias: Array  # (4 units,)


@dataclass(frozen=True)
class Weights:
    """All weights of a model built by `textgen.network.model.build_model`."""

    embedding: Array | None  # (vocab_size, embedding_dim); None for other encodings
    lstm: tuple[LstmWeights, ...]
    kernel: Array  # (units, vocab_size)
    bias: Array  # (vocab_size,)

    @property
    def arrays(self) -> list[Array]:
        """All arrays, in the order of `model.get_weights()`."""
        first = [] if self.embedding is None else [self.embedding]
        layers = [array for layer in self.lstm for array in vars(layer).values()]
        return [*first, *layers, self.kernel, self.bias]


def shapes(config: ModelConfig) -> dict[str, tuple[int, ...]]:
    """Map each array's path in the file to its shape, in the order of `model.get_weights()`."""
    paths: dict[str, tuple[int, ...]] = {}
    width = config.input_width
    if config.encoding == "embedding":
        paths["layers/embedding/vars/0"] = (config.vocab_size, width)
    for index, units in enumerate(config.lstm_units):
        cell = f"layers/lstm{f'_{index}' if index else ''}/cell/vars"
        paths[f"{cell}/0"] = (width, 4 * units)
        paths[f"{cell}/1"] = (units, 4 * units)
        paths[f"{cell}/2"] = (4 * units,)
        width = units
    paths["layers/dense/vars/0"] = (width, config.vocab_size)
    paths["layers/dense/vars/1"] = (config.vocab_size,)
    return paths


def weights_from_arrays(arrays: Sequence[Array], config: ModelConfig) -> Weights:
    """Convert what `model.get_weights()` returns for a model built from `config`.

    Raises:
        TimelineError: the shapes do not fit `config`.
    """
    expected = list(shapes(config).values())
    received = [array.shape for array in arrays]
    if received != expected:
        raise TimelineError(
            "The weights do not fit the configuration: "
            f"received shapes {received}, expected {expected}."
        )
    embedding = arrays[0] if config.encoding == "embedding" else None
    *lstm, kernel, bias = arrays[embedding is not None :]
    layers = tuple(LstmWeights(*lstm[i : i + 3]) for i in range(0, len(lstm), 3))
    return Weights(embedding, layers, kernel, bias)


def read_weights(path: Path, config: ModelConfig) -> Weights:
    """Read a `.weights.h5` file that fits `config`.

    Raises:
        TimelineError: the file is missing or is not HDF5. Or an array is missing, has the wrong
            shape or type, is stored outside the file, or has numbers that are not finite or are too
            large.
    """
    arrays, name = [], "the file"
    try:
        with h5py.File(path, "r") as file:
            for name, shape in shapes(config).items():
                arrays.append(_read_array(file, name, shape))
    except (OSError, KeyError, RuntimeError, ValueError, TypeError, MemoryError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise TimelineError(f"Cannot read the weights {path.name}: {name}: {reason}") from error
    return weights_from_arrays(arrays, config)


def rounded(arrays: Sequence[Array], dtype: str) -> list[Array]:
    """Return arrays as a file with numbers of type `dtype` stores them, in float32."""
    return [_cast(array, dtype).astype(np.float32) for array in arrays]


def _cast(array: NDArray[np.floating], dtype: str) -> NDArray[np.floating]:
    with np.errstate(over="ignore"):  # too large for float16: infinite, which is found later
        return array.astype(dtype)


def converted(file: bytes, dtype: str) -> bytes:
    """Return a `.weights.h5` file with the same arrays in another type, one of `DTYPES`.

    Keras opens it like any other, and converts the numbers to the type of its variables.
    """
    result = io.BytesIO()
    with h5py.File(io.BytesIO(file), "r") as source, h5py.File(result, "w") as target:
        _convert(source, target, dtype)
    return result.getvalue()


def _convert(source: h5py.Group, target: h5py.Group, dtype: str) -> None:
    for name, value in source.attrs.items():
        target.attrs[name] = value
    for name, item in source.items():
        if isinstance(item, h5py.Group):
            _convert(item, target.create_group(name), dtype)
        else:
            target.create_dataset(name, data=_cast(item[()], dtype))


def _read_array(file: h5py.File, path: str, shape: tuple[int, ...]) -> Array:
    node: h5py.Group = file
    for part in path.split("/"):
        if not isinstance(node, h5py.Group) or part not in node:
            raise ValueError("it is missing.")
        if not isinstance(node.get(part, getlink=True), h5py.HardLink):
            raise ValueError("it is a link, not an array.")
        node = node[part]
    if not isinstance(node, h5py.Dataset) or node.is_virtual or node.external:
        raise ValueError("it is not an array stored in the file itself.")
    if node.shape != shape or node.dtype not in DTYPES:
        accepted = " or ".join(DTYPES)
        raise ValueError(f"it is {node.dtype} {node.shape}, expected {accepted} {shape}.")
    # A small file with compressed or never written arrays could fill the memory.
    if node.chunks is not None or node.id.get_storage_size() != node.nbytes:
        raise ValueError("it is not stored as one uncompressed block.")
    array: Array = node[()].astype(np.float32)
    # This also refuses NaN. Larger numbers could make a product infinite.
    if not (np.abs(array) <= MAX_WEIGHT).all():
        raise ValueError(f"it contains numbers outside {-MAX_WEIGHT:g} to {MAX_WEIGHT:g}, or NaN.")
    return array
