"""Printing to any terminal: characters that its encoding lacks, and control characters."""

import os
import subprocess
import sys

import pytest

from tests.support.paths import ROOT
from textgen.cli.console import printable


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_characters_that_an_encoding_lacks_are_no_error(encoding: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "textgen", "generate", "pretrained/nietzsche", "--epoch", "0"],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    assert b"?" in done.stdout


def test_control_characters_are_replaced() -> None:
    assert printable("a\tb\né 🙂") == "a\tb\né 🙂"
    assert printable("\x1b[2J\x07\u202e\r") == "\ufffd[2J" + "\ufffd" * 3
