"""How the C library treats the memory that training frees and asks for again."""

from __future__ import annotations

import ctypes
import platform

# From glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4


def keep_freed_memory() -> None:
    """Have this process keep what tensors leave for the tensors that follow.

    Each step of training frees hundreds of megabytes and asks for as many. By default glibc gives
    large pieces back to the system, which clears them page by page when they are next asked for:
    on a CPU that took up to half of the time (`benchmarks/RESULTS.md`). The process then stays as
    large as it ever was. With another C library nothing is changed.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_MAX, 0)
        libc.mallopt(_M_TRIM_THRESHOLD, -1)
