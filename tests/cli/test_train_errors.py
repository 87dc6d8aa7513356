"""`train.py` when something is wrong: what it prints, and which files it keeps."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.trainings import QUICK, book, run
from textgen import Timeline
from textgen.cli.train import main

pytestmark = pytest.mark.slow

ENOUGH = ["--recipe", "tiny", "--epochs", "5"]  # no note on few training steps


def test_init_from_refuses_settings_of_the_model(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--corpus", str(trained[0]), "--init-from", str(trained[1]), "--lstm-units", "3"]
    assert main([*command, "--output", str(tmp_path / "out")]) == 1
    assert "--lstm-units cannot be combined with --init-from" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def limited() -> None:
    # The system refuses to write more than this many bytes to any file.
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))


def test_a_refused_write_keeps_the_finished_snapshots(
    trained: tuple[Path, Path], tmp_path: Path
) -> None:
    text, output = trained[0], tmp_path / "timeline"
    # The snapshots fit under the limit; the checkpoint, three times as large, does not.
    arguments = ["--corpus", str(text), *QUICK, "--output", str(output)]
    with run(arguments, preexec_fn=limited) as process:
        _, errors = process.communicate(timeout=120)
    no_room(process.returncode, errors)
    Timeline.from_pretrained(output).verify()
    assert not list(tmp_path.rglob(".partial-*"))


def no_room(status: int, errors: str) -> None:
    assert status == 1
    message = errors.strip().splitlines()[-1]
    assert message.startswith("train.py: Cannot write ")
    assert "Free some space" in message
    assert "Traceback" not in errors


def test_a_full_disk_keeps_the_finished_snapshots(
    trained: tuple[Path, Path], tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1500k", "none", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        output = disk / "timeline"
        arguments = ["--corpus", str(trained[0]), *QUICK, "--weights-dtype", "float32"]
        with run([*arguments, "--output", str(output)]) as process:
            _, errors = process.communicate(timeout=120)
        no_room(process.returncode, errors)
        assert "No space left on device" in errors
        timeline = Timeline.from_pretrained(output)
        timeline.verify()
        assert len(timeline.snapshots) > 1
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


BAD_INPUT: dict[str, tuple[Callable[[Path], list[str]], str]] = {
    "missing corpus": (lambda d: ["--corpus", str(d / "none.txt")], "There is no file"),
    "empty corpus": (lambda d: ["--corpus", write(d / "a.txt", b" \n")], "is empty"),
    "short corpus": (lambda d: ["--corpus", write(d / "a.txt", b"so short")], "too short"),
    "binary corpus": (lambda d: ["--corpus", write(d / "a.txt", b"ab\0cd" * 99)], "looks binary"),
    "PDF": (
        lambda d: ["--corpus", write(d / "a.pdf", b"%PDF-1.7\n" * 99)],
        "a.pdf is a PDF, not plain text. Save or export it as plain text (UTF-8) first.",
    ),
    "undecodable": (lambda d: ["--corpus", write(d / "a.txt", b"caf\xe9 ")], "0xe9 at offset 3"),
    "unknown recipe": (lambda d: ["--corpus", str(book(d)), "--recipe", "x"], "Unknown recipe 'x'"),
    "misspelled recipe": (
        lambda d: ["--corpus", str(book(d)), "--recipe", "nietsche"],
        "alice-clean, tiny. Did you mean nietzsche?",
    ),
    "bad encoding": (
        lambda d: ["--corpus", str(book(d)), "--text-encoding", "x"],
        "Unknown encoding",
    ),
    "no corpus": (lambda d: ["--corpus", ""], "The corpus is empty: ''. Give"),
    "foreign seed text": (
        lambda d: ["--corpus", str(book(d)), *ENOUGH, "--seed-text", "ЖЖ"],
        "None of the prompt's characters occur in the training text: ж (2 times)",
    ),
    "private without a repository": (
        lambda d: ["--corpus", str(book(d)), "--private"],
        "--private also needs --push-to-hub USER/REPO.",
    ),
    "bad repository": (
        lambda d: ["--corpus", str(book(d)), "--push-to-hub", "no slash"],
        "Invalid repository name 'no slash'",
    ),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input_gets_one_clear_line_and_writes_nothing(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, message = BAD_INPUT[case]
    assert main([*arguments(tmp_path), "--output", str(tmp_path / "out")]) == 1
    errors = capsys.readouterr().err
    assert message in errors
    assert errors.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["a" * 300, "reference.txt/below"])
def test_an_impossible_output_is_one_clear_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = book(tmp_path)
    assert main(["--corpus", str(text), *ENOUGH, "--output", str(tmp_path / name)]) == 1
    errors = capsys.readouterr().err
    assert "Cannot write" in errors
    assert errors.count("\n") == 1


def test_a_backend_that_is_not_installed_is_one_clear_line(tmp_path: Path) -> None:
    arguments = ["--corpus", str(book(tmp_path)), *QUICK, "--output", str(tmp_path / "out")]
    # `None` in place of a module makes every import of it fail, as if it were not installed.
    script = "import sys, train; sys.modules['jax'] = None; sys.exit(train.main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("train.py: Training needs jax, which is not installed.")
    assert done.stderr.endswith(" -m pip install jax\n")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_directory_with_files_in_it_is_not_written_to(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, output = trained
    before = sorted(output.rglob("*"))
    assert main(["--corpus", str(text), *QUICK, "--output", str(output)]) == 1
    assert (
        f"already contains a finished timeline. To train it further, use --init-from {output} with"
    ) in capsys.readouterr().err
    assert sorted(output.rglob("*")) == before
    (tmp_path / "letter.txt").write_text("dear")
    for flags in ([], ["--resume"]):
        assert main(["--corpus", str(text), *QUICK, "--output", str(tmp_path), *flags]) == 1
        errors = capsys.readouterr().err
        assert "not an empty directory" in errors
        assert errors.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
