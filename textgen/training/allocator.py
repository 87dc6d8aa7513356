"""Tuning of the C library's memory allocator for training."""

from __future__ import annotations

import contextlib
import ctypes
import platform
from collections.abc import Iterator

# From glibc's malloc.h, with its defaults: glibc offers no way to read the current values.
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
_DEFAULT_TRIM_THRESHOLD, _DEFAULT_MMAP_MAX = 128 * 1024, 65_536


@contextlib.contextmanager
def freed_memory_kept() -> Iterator[None]:
    """Keep freed memory in this process for reuse while the context lasts.

    Each training step frees hundreds of megabytes and requests as much again. By default glibc
    returns large blocks to the system, which zeroes them page by page on the next request; on a CPU
    that took up to half of the time (`benchmarks/RESULTS.md`). Within the context the process
    therefore never shrinks. At the end it returns unused memory to the system. With other C
    libraries this does nothing.
    """
    if platform.libc_ver()[0] != "glibc":
        yield
        return
    libc = ctypes.CDLL(None)
    libc.mallopt(_M_MMAP_MAX, 0)
    libc.mallopt(_M_TRIM_THRESHOLD, -1)
    try:
        yield
    finally:
        libc.mallopt(_M_MMAP_MAX, _DEFAULT_MMAP_MAX)
        libc.mallopt(_M_TRIM_THRESHOLD, _DEFAULT_TRIM_THRESHOLD)
        libc.malloc_trim(0)
