"""`benchmarks/gpu.sh` trains in steps that continue one another, without TensorFlow."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.trainings import book
from textgen import Timeline

pytestmark = pytest.mark.slow

AGAIN = 75


def start(text: Path, output: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [ROOT / "benchmarks" / "gpu.sh", "tiny", str(text), str(output)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={
            **os.environ,
            "KERAS_BACKEND": "jax",
            "PYTHONUNBUFFERED": "1",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        },
    )


def test_a_second_call_finishes_what_the_first_began(tmp_path: Path) -> None:
    text, output = book(tmp_path, 20_000), tmp_path / "timeline"
    with start(text, output) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.lstrip().startswith("1 "):  # the snapshot of the first epoch
                os.killpg(process.pid, signal.SIGINT)
                break
        rest = process.stdout.read()
    assert process.returncode == AGAIN, rest
    assert not Timeline.from_pretrained(output).manifest.finished

    with start(text, output) as process:
        printed = process.communicate()[0]
    assert process.returncode == 0, printed
    assert Timeline.from_pretrained(output).manifest.finished
    assert "state carried over: " in printed
    assert "windows of 256: " in printed


def test_it_explains_itself(tmp_path: Path) -> None:
    done = subprocess.run(
        [ROOT / "benchmarks" / "gpu.sh"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "gpu.sh RECIPE CORPUS_FILE TIMELINE [MINUTES]" in done.stderr
