"""How the C library treats the memory that training frees and asks for again."""

from __future__ import annotations

import contextlib
import ctypes
import platform
from collections.abc import Iterator

# From glibc's malloc.h, and its defaults: it has no way to ask for what is set.
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
_DEFAULT_TRIM_THRESHOLD, _DEFAULT_MMAP_MAX = 128 * 1024, 65_536


@contextlib.contextmanager
def freed_memory_kept() -> Iterator[None]:
    """Have this process keep, as long as the context lasts, what tensors leave for those to come.

    Each step of training frees hundreds of megabytes and asks for as many. By default glibc gives
    large pieces back to the system, which clears them page by page when they are next asked for:
    on a CPU that took up to half of the time (`benchmarks/RESULTS.md`). The process then stays as
    large as it ever was; at the end it gives back what it does not need. With another C library
    nothing is changed.
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
