"""Time until training starts and peak memory, for training texts of growing length.

    python benchmarks/growth.py --megabytes 60 250 1000

Writes a text of each size from common English words, and trains on it in a separate process up to
the first snapshot after the untrained model. Then kills that process. Prints the seconds until
training started, which should grow no faster than the text, and the peak memory, which should not
grow.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
WORDS = ["the", "of", "and", "a", "to", "in", "that", "it", "is", "was", "his", "they", "from", "i"]


def main() -> int:
    """Print one row for each text."""
    parser = argparse.ArgumentParser(description="Measure how start-up time and memory grow.")
    parser.add_argument(
        "--megabytes",
        type=int,
        nargs="+",
        default=[60, 250, 1000],
        help="sizes of the texts, in millions of bytes (default: %(default)s)",
    )
    sizes = parser.parse_args().megabytes
    print(f"{'text':>8}{'until training':>16}{'per 100 MB':>12}{'peak memory':>13}")
    for megabytes in sizes:
        with tempfile.TemporaryDirectory() as home:
            path = Path(home) / "text.txt"
            write(path, megabytes)
            seconds, memory = trained(path, Path(home) / "out")
        print(
            f"{megabytes:>5} MB{seconds:>14.1f} s{100 * seconds / megabytes:>10.1f} s"
            f"{memory / 1e9:>10.2f} GB",
            flush=True,
        )
    return 0


def write(path: Path, megabytes: int) -> None:
    """Write lines of common words; each megabyte is different."""
    rng = np.random.default_rng(0)
    with path.open("w", encoding="utf-8") as file:
        for _ in range(megabytes):
            words = rng.choice(WORDS, size=300_000)
            lines = [" ".join(words[first : first + 12]) for first in range(0, len(words), 12)]
            file.write(f"{chr(10).join(lines)[: 1_000_000 - 1]}\n")


def trained(text: Path, output: Path) -> tuple[float, int]:
    """Train up to the first snapshot after the untrained one; return two measurements.

    Returns:
        The seconds until the untrained model was measured, and the peak memory in bytes.
    """
    began = time.perf_counter()
    arguments = ["--recipe", "tiny", "--early-snapshots", "10"]
    with subprocess.Popen(
        [
            *(sys.executable, str(ROOT / "train.py")),
            *("--corpus", str(text), "--output", str(output), *arguments),
        ],
        stdout=subprocess.DEVNULL,
    ) as process:
        seconds = None
        while (count := snapshots(output)) < 2 and process.poll() is None:
            if count and seconds is None:
                seconds = time.perf_counter() - began
            time.sleep(0.02)
        if seconds is None or process.poll() is not None:
            raise SystemExit("Training ended before its second snapshot. Run train.py to see why.")
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        process.kill()
    return seconds, 1024 * int(status.partition("VmHWM:")[2].split()[0])


def snapshots(output: Path) -> int:
    """Return how many snapshots the timeline in a directory has; 0 if there is none yet."""
    path = output / "timeline.json"
    return len(json.loads(path.read_bytes())["snapshots"]) if path.exists() else 0


if __name__ == "__main__":
    sys.exit(main())
