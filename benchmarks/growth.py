"""Time and memory of preparing and beginning to train, on texts of growing length.

    python benchmarks/growth.py --megabytes 60 250 1000

Writes texts of so many megabytes that look like a book, trains on each in a process of its own up
to the first snapshot after the untrained model, then kills it. Prints the seconds until training
began, which should grow no faster than the text, and the most memory held, which should not grow.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
WORDS = ["the", "of", "and", "a", "to", "in", "that", "it", "is", "was", "his", "they", "from", "i"]


def main() -> int:
    """Print a row for each length."""
    parser = argparse.ArgumentParser(description="Measure how training grows with the text.")
    parser.add_argument("--megabytes", type=int, nargs="+", default=[60, 250, 1000])
    print(f"{'text':>8}{'until training':>16}{'per 100 MB':>12}{'memory':>10}")
    for megabytes in parser.parse_args().megabytes:
        with tempfile.TemporaryDirectory() as home:
            path = Path(home) / "text.txt"
            write(path, megabytes)
            seconds, memory = trained(path, Path(home) / "out")
        print(
            f"{megabytes:>5} MB{seconds:>14.1f} s{100 * seconds / megabytes:>10.1f} s"
            f"{memory / 1e9:>7.2f} GB",
            flush=True,
        )
    return 0


def write(path: Path, megabytes: int) -> None:
    """Write a text of common words, in lines, each megabyte another."""
    random = np.random.default_rng(0)
    with path.open("w", encoding="utf-8") as file:
        for _ in range(megabytes):
            words = random.choice(WORDS, size=300_000)
            lines = [" ".join(words[first : first + 12]) for first in range(0, len(words), 12)]
            file.write(f"{chr(10).join(lines)[: 1_000_000 - 1]}\n")


def trained(text: Path, output: Path) -> tuple[float, int]:
    """Return the seconds until the untrained model was measured, and the most bytes held at the
    snapshot after it.
    """
    began = time.perf_counter()
    arguments = ["--recipe", "tiny", "--early-snapshots", "10"]
    with subprocess.Popen(
        [
            *(sys.executable, str(ROOT / "train.py")),
            *("--corpus", str(text), "--output", str(output), *arguments),
        ],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        seconds = None
        for line in process.stdout or ():
            if line.startswith("── epoch"):
                if seconds is not None:
                    break
                seconds = time.perf_counter() - began
        if seconds is None:
            raise SystemExit("Training did not begin.")
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        process.kill()
    return seconds, 1024 * int(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    sys.exit(main())
