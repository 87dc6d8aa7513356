"""The device that training runs on: its name, its fastest precision, several GPUs at once."""

from __future__ import annotations

import os
import platform
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import keras

from textgen.errors import ConfigError

_BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16"}


def device_name(devices: int = 1) -> str:
    """Return what Keras trains on here, for people: "1 GPU", "2 CPU cores (x86_64)".

    Args:
        devices: how many devices are used; counts for GPUs only.
    """
    if _on_gpu():
        return _counted(devices, "GPU")
    # Not every system reports how many of its cores this process may use.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{_counted(cores or 1, 'CPU core')} ({platform.machine()})"


def best_precision(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the precision that trains fastest on this machine: "bfloat16" or "float32".

    It is "bfloat16" with TensorFlow on an x86 CPU with bfloat16 instructions, where training is 1.5
    to 1.8 times as fast (JAX is no faster with it; see `benchmarks/RESULTS.md`). Otherwise it is
    "float32". On a GPU that allows cuDNN's LSTM, which is far faster than the loops in
    `textgen.training.bfloat16_lstm`.

    Args:
        cpuinfo: the file in which Linux describes the CPU; without it the result is "float32".
    """
    if keras.backend.backend() != "tensorflow" or _on_gpu() or not cpuinfo.is_file():
        return "float32"
    return "float32" if _BFLOAT16_FLAGS.isdisjoint(cpuinfo.read_text().split()) else "bfloat16"


def data_parallel(batch_size: int, devices: int) -> AbstractContextManager[object]:
    """Return a context in which models train on several devices, each on its part of every batch.

    Every device has a copy of all weights, and the gradients of the parts are averaged. So apart
    from rounding the result is the same as on one device.

    Args:
        batch_size: windows in a batch; must be a multiple of `devices`.
        devices: how many of the devices that Keras finds to use; 1 changes nothing.

    Raises:
        ConfigError: Keras finds fewer devices, the batch cannot be split evenly, or the backend is
            not JAX.
    """
    if devices < 1:
        raise ConfigError(f"devices must be at least 1, received {devices}.")
    if devices == 1:
        return nullcontext()
    if keras.backend.backend() != "jax":
        raise ConfigError(
            f"Training on {devices} devices needs the JAX backend, received "
            f"{keras.backend.backend()}. Set KERAS_BACKEND=jax, or leave out --devices."
        )
    found = keras.distribution.list_devices()
    if devices > len(found):
        raise ConfigError(
            f"Keras finds {_counted(len(found), 'device')} here, received --devices {devices}. Use "
            f"at most {len(found)}."
        )
    if batch_size % devices:
        raise ConfigError(
            f"A batch of {batch_size} windows cannot be split evenly across {devices} devices. "
            f"Make --batch-size a multiple of {devices}."
        )
    distribution = keras.distribution.DataParallel(devices=found[:devices])
    context: AbstractContextManager[object] = distribution.scope()
    return context


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _on_gpu() -> bool:
    # Not every backend can list its devices, so look at where it puts an array.
    device = str(keras.ops.zeros(()).device).lower()
    return any(kind in device for kind in ("gpu", "cuda", "rocm"))
