"""Memory freed in training is kept for reuse, and returned to the system afterwards."""

import platform
from pathlib import Path

import pytest

from tests.support.processes import environment, run

LOOK = """
import ctypes
from textgen.training.allocator import freed_memory_kept

class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks",
        "fordblks", "keepcost")]

libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Info
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]

def mapped():
    before = libc.mallinfo2().hblkhd
    place = libc.malloc(64 * 2**20)
    after = libc.mallinfo2().hblkhd
    libc.free(place)
    return after - before >= 64 * 2**20  # a separate mapping

print(mapped())
with freed_memory_kept():
    print(mapped())
    arena = libc.mallinfo2().arena
print(mapped(), arena - libc.mallinfo2().arena >= 60 * 2**20)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="changes only glibc's malloc")
def test_memory_is_kept_during_training_and_no_longer(tmp_path: Path) -> None:
    printed = run("-c", LOOK, env=environment(tmp_path)).check().out.split()
    assert printed == ["True", "False", "True", "True"]
