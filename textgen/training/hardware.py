"""What training runs on: its name, its best precision, several devices at once."""

from __future__ import annotations

import os
import platform
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import keras

from textgen.errors import ConfigError

_BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16"}


def device_name(devices: int = 1) -> str:
    """Return what Keras trains on here, in words."""
    if _on_gpu():
        return "1 GPU" if devices == 1 else f"{devices} GPUs"
    # Not every system says how many of its cores this process may use.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} CPU cores ({platform.machine()})"


def best_precision(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the precision that trains fastest on this machine's device.

    "bfloat16" on an x86 CPU that multiplies in it, where TensorFlow trains 1.5 to 1.8 times as fast
    (and JAX no faster: `benchmarks/RESULTS.md`); else "float32", which is also what cuDNN's LSTM
    takes on a GPU, by far faster than the loops of `textgen.training.bfloat16_lstm`.

    Args:
        cpuinfo: what Linux says of the processor; without it the answer is "float32".
    """
    if keras.backend.backend() != "tensorflow" or _on_gpu() or not cpuinfo.is_file():
        return "float32"
    return "float32" if _BFLOAT16_FLAGS.isdisjoint(cpuinfo.read_text().split()) else "bfloat16"


def data_parallel(batch_size: int, devices: int) -> AbstractContextManager[object]:
    """Return a context whose models train on several devices, each on its part of every batch.

    Every device holds all weights, and what each finds in its part of a batch is averaged, so that
    the result is one device's but for rounding.

    Args:
        batch_size: what is to be shared out, in equal parts.
        devices: how many of those that Keras finds; 1 changes nothing.

    Raises:
        ConfigError: there are not so many, the batch has no such parts, or the backend cannot.
    """
    if devices < 1:
        raise ConfigError(f"devices must be at least 1, received {devices}.")
    if devices == 1:
        return nullcontext()
    if keras.backend.backend() != "jax":
        raise ConfigError(
            f"Training on {devices} devices needs KERAS_BACKEND=jax; this is "
            f"{keras.backend.backend()}."
        )
    found = keras.distribution.list_devices()
    if devices > len(found):
        raise ConfigError(f"Keras finds {len(found)} of them here, received {devices} as devices.")
    if batch_size % devices:
        raise ConfigError(f"A batch of {batch_size} cannot be shared out equally to {devices}.")
    distribution = keras.distribution.DataParallel(devices=found[:devices])
    context: AbstractContextManager[object] = distribution.scope()
    return context


def _on_gpu() -> bool:
    # Where arrays are put, in each backend's own words; not each can list its devices.
    device = str(keras.ops.zeros(()).device).lower()
    return any(kind in device for kind in ("gpu", "cuda", "rocm"))
