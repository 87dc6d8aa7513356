"""Files are written completely or not at all."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from textgen.errors import OutputError, TextGenError
from textgen.files import atomic_path, sha256_of, write_atomically

# A limit on file size is the only disk error that a test can cause without being root. The first
# argument is the number of bytes that fit, the second the path to write to.
WRITE_BYTES_TO_A_FULL_DISK = """
import resource, sys
from pathlib import Path
from textgen.errors import OutputError
from textgen.files import write_atomically
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
try:
    write_atomically(Path(sys.argv[2]), bytes(100_000))
except OutputError as error:
    print(error)
"""
WRITE_WEIGHTS_TO_A_FULL_DISK = """
import resource, sys
from pathlib import Path
from textgen import Timeline, build_model
from textgen.errors import OutputError
from textgen.training.writer import TimelineWriter
timeline = Timeline.from_pretrained(sys.argv[2])
writer = TimelineWriter(timeline.directory, timeline.manifest, timeline.vocabulary)
model = build_model(timeline.config)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
try:
    writer.save_weights(model, step=3)
except OutputError as error:
    print(error)
"""


def run(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


def names_in(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


def test_writing_creates_the_directory(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "file.txt"
    write_atomically(path, b"whole")
    assert path.read_bytes() == b"whole"


def test_writing_replaces_the_old_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(b"old and longer")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert names_in(tmp_path) == ["file.txt"]


def test_the_file_appears_only_once_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "file.weights.h5"
    with atomic_path(path, suffix=".weights.h5") as temporary:
        temporary.write_bytes(b"half")
        assert not path.exists()
        assert temporary.parent == tmp_path
        assert temporary.name.startswith(".partial-")
        assert temporary.name.endswith(".weights.h5")
    assert path.read_bytes() == b"half"


@pytest.mark.parametrize("error", [RuntimeError("a bug"), KeyboardInterrupt()])
def test_a_failed_write_leaves_the_old_file_unchanged(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(b"old")
    with pytest.raises(type(error)), atomic_path(path) as temporary:
        temporary.write_bytes(b"half of the new")
        raise error
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["file.txt"]


def test_other_users_may_read_the_file_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    before = os.umask(0o077)
    try:
        write_atomically(path, b"published")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_parent_that_is_a_file_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    with pytest.raises(OutputError, match=r"Cannot write .*file/below\.txt: .+"):
        write_atomically(tmp_path / "file" / "below.txt", b"")


def test_a_directory_in_the_way_is_an_output_error(tmp_path: Path) -> None:
    path = tmp_path / "taken"
    path.mkdir()
    with pytest.raises(OutputError, match="Is a directory"):
        write_atomically(path, b"new")
    assert names_in(tmp_path) == ["taken"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
def test_no_space_left_is_an_output_error(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="No space left on device") as caught,
        atomic_path(tmp_path / "file.txt"),
        Path("/dev/full").open("wb", buffering=0) as full,
    ):
        full.write(b"x")
    assert isinstance(caught.value, TextGenError)
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert names_in(tmp_path) == []


def test_a_nested_output_error_is_not_explained_twice(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match=r"^The inner one\.$"),
        atomic_path(tmp_path / "file.txt"),
    ):
        raise OutputError("The inner one.")


def test_a_disk_that_fails_midway_leaves_the_old_file_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(b"old")
    result = run(WRITE_BYTES_TO_A_FULL_DISK, 50_000, path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(f"Cannot write {path}: File too large.")
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["file.txt"]


@pytest.mark.slow
def test_a_disk_that_fails_midway_leaves_the_old_weights_unchanged(
    timeline_directory: Path,
) -> None:
    path = timeline_directory / "snapshots" / "step-0000003.weights.h5"
    old = path.read_bytes()
    result = run(WRITE_WEIGHTS_TO_A_FULL_DISK, 4096, timeline_directory)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"Cannot write {path}: File too large.")
    assert len(result.stdout.splitlines()) == 1
    assert path.read_bytes() == old
    assert not list(timeline_directory.rglob(".partial-*"))


def test_the_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")  # the first example in FIPS 180-4
    assert sha256_of(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
