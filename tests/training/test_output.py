"""An output directory belongs to one run, and no other files in it are overwritten."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.timelines import manifest_of, write_timeline
from textgen.config import TrainConfig
from textgen.errors import OutputError, TimelineError
from textgen.files import PARTIAL
from textgen.training.output import (
    UNFINISHED,
    check_output_free,
    checkpoint_directory,
    has_timeline,
    is_finished,
    output_lock,
    remove_partial_files,
)

pytestmark = pytest.mark.slow


def test_a_new_timeline_needs_an_absent_or_empty_directory(tmp_path: Path) -> None:
    check_output_free(tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    check_output_free(tmp_path / "empty")
    (tmp_path / "empty" / "thesis.txt").touch()
    with pytest.raises(TimelineError, match="nothing in it was changed"):
        check_output_free(tmp_path / "empty")
    with pytest.raises(TimelineError, match="not an empty directory"):
        check_output_free(tmp_path / "empty" / "thesis.txt")


def test_a_timeline_is_not_overwritten(tmp_path: Path) -> None:
    output = write_timeline(tmp_path / "timeline").directory
    with pytest.raises(TimelineError, match=r"a finished timeline\. .* use --init-from .* another"):
        check_output_free(output)
    (output / "timeline.json").write_text("damaged")
    with pytest.raises(TimelineError, match=r"a timeline\. Continue it with --resume"):
        check_output_free(output)


def test_an_unfinished_timeline_can_be_continued(tmp_path: Path) -> None:
    unfinished = manifest_of(training=TrainConfig(epochs=9))
    (tmp_path / "timeline.json").write_bytes(unfinished.to_json())
    assert not is_finished(tmp_path)
    with pytest.raises(TimelineError, match=r"a timeline\. Continue it with --resume"):
        check_output_free(tmp_path)


def test_a_model_saved_with_keras_is_not_overwritten(tmp_path: Path) -> None:
    timeline = write_timeline(tmp_path / "timeline")
    for path in list(timeline.directory.iterdir()):
        if path.name not in ("config.json", "metadata.json", "model.weights.h5") and path.is_file():
            path.unlink()
    with pytest.raises(TimelineError, match="nothing in it was changed"):
        check_output_free(timeline.directory)


def test_a_directory_left_before_the_first_snapshot_may_be_written_to(tmp_path: Path) -> None:
    (tmp_path / UNFINISHED).touch()
    (tmp_path / "vocabulary.json").touch()
    check_output_free(tmp_path)
    assert not has_timeline(tmp_path)


def test_only_a_directory_with_a_manifest_has_a_timeline(tmp_path: Path) -> None:
    assert not has_timeline(tmp_path / "missing")
    assert not has_timeline(tmp_path)
    assert has_timeline(write_timeline(tmp_path / "timeline").directory)
    with pytest.raises(OutputError, match="Cannot write to"):
        has_timeline(tmp_path / ("a" * 300))


def test_a_written_timeline_is_not_marked_as_unfinished(tmp_path: Path) -> None:
    assert not list(write_timeline(tmp_path / "timeline").directory.rglob(f"{PARTIAL}*"))


@pytest.mark.parametrize("name", ["a" * 300, "file/below"])
def test_an_impossible_directory_name_is_an_output_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="Cannot write to"), output_lock(tmp_path / name):
        check_output_free(tmp_path / name)


def test_another_process_cannot_lock_it_until_this_one_releases_it(tmp_path: Path) -> None:
    output = tmp_path / "out"
    script = (
        "import sys; from pathlib import Path; from textgen.training.output import output_lock\n"
    )
    script += "with output_lock(Path(sys.argv[1])): print('locked')"
    command = [sys.executable, "-c", script, str(output)]
    with output_lock(output):
        done = subprocess.run(command, capture_output=True, text=True)
        assert "Another run is writing to" in done.stderr
        assert done.stdout == ""
    assert subprocess.run(command, capture_output=True, text=True).stdout == "locked\n"
    assert list(tmp_path.iterdir()) == []


def test_releasing_the_lock_keeps_a_checkpoint(tmp_path: Path) -> None:
    output = tmp_path / "out"
    with output_lock(output):
        (checkpoint_directory(output) / "variables.npz").touch()
    assert [path.name for path in checkpoint_directory(output).iterdir()] == ["variables.npz"]


def test_only_half_written_files_are_deleted(tmp_path: Path) -> None:
    output = tmp_path / "out"
    (output / "snapshots").mkdir(parents=True)
    checkpoint_directory(output).mkdir()
    for path in (output / "snapshots", output, checkpoint_directory(output), tmp_path):
        (path / f"{PARTIAL}abc.keras").touch()
    (output / "notes.txt").touch()
    remove_partial_files(output)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {f"{PARTIAL}abc.keras", "out/notes.txt"}
