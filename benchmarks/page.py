"""The app with many users and in a browser, compared with what Gradio itself takes.

    python benchmarks/page.py
    python benchmarks/page.py --only users --rounds 9

Simulated users, all in one process, press Write at the same time. Each has a different random seed,
so no text is cached. The floor is the same app with a generator that does nothing
(`page_server.py`); in each round, app and floor take turns. The table shows the median and the
slowest user of a round, as medians over the rounds. Every text must be what the package writes.

In Chromium: how long until the app can be used, compared with an empty page, and how fast and
smoothly it responds. The scrubber moves over twenty snapshots, some of them interpolated.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import functools
import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parent.parent))

from textgen import TextGenerator, Timeline
from textgen.service.request import DEFAULT_LENGTH

HERE = Path(__file__).parent
BUNDLED = HERE.parent / "pretrained/nietzsche"

CROWDS = (1, 10, 50)
SNAPSHOTS, PRESSES = 20, 20
SEEDS = itertools.count(10_000, 1000)  # no text is requested twice
Visit = dict[str, Any]
Over = Callable[[Sequence[float]], float]  # over the users of a round


@dataclasses.dataclass(frozen=True)
class Page:
    """An app that is being served."""

    url: str
    process: subprocess.Popen[bytes]
    seconds: float  # from the start of the process to its first answer

    def cpu(self) -> float:
        """Return the CPU seconds that the server has used on all cores; 0 without Linux."""
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8")
            fields = stat.rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return 0.0


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Measure the app.")
    parser.add_argument("--rounds", type=int, default=5, help="repetitions (default: %(default)s)")
    parts: dict[str, Callable[[int], None]] = {
        "users": users,
        "browser": browser,
        "start": start,
    }
    parser.add_argument("--only", choices=parts, help="measure one part (default: all)")
    arguments = parser.parse_args()
    for name, part in parts.items():
        if arguments.only in (None, name):
            part(arguments.rounds)
    return 0


def users(rounds: int) -> None:
    """Measure simulated users of the app and of the floor."""
    with serving("ours") as ours, serving("idle") as idle:
        pages = {"ours": ours, "floor": idle}
        for page in pages.values():
            come(page, 3, "--visits")  # warm up: some things are loaded only once
        for name, extra in (("Write", []), ("/generate", ["--endpoint"])):
            moments = f"{'first text, ms':^33}{'whole text, ms':^33}"
            print(f"\n{name:<10}{moments}{'messages':>11}{'CPU, ms':>13}")
            print(f"{'users':<10}" + 2 * f"{'median':>9}{'floor':>7}{'slowest':>8}{'floor':>7}  ")
            for crowd in CROWDS:
                compared(pages, crowd, rounds, extra)
        print("\nWrite, then the texts of all snapshots")
        for crowd in CROWDS:
            whole_visits(pages, crowd, max(2, rounds // 2))


def compared(pages: dict[str, Page], crowd: int, rounds: int, extra: list[str]) -> None:
    """Print one row: a crowd of users who write with the app, compared with the floor."""
    came: dict[str, list[list[Visit]]] = {name: [] for name in pages}
    cpu: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(rounds):
        for name, page in pages.items():
            before = page.cpu()
            came[name].append(come(page, crowd, *extra))
            cpu[name].append(1000 * (page.cpu() - before) / crowd)
    for visit in itertools.chain(*came["ours"]):
        check(visit)
    row = f"{crowd:<10}"
    ratios = []
    overs: tuple[Over, ...] = (statistics.median, max)
    for moment, over in itertools.product(("first", "end"), overs):
        mine, floor = (middle(came[name], moment, over) for name in pages)
        row += f"{mine:>9.0f}{floor:>7.0f}" if over is not max else f"{mine:>8.0f}{floor:>7.0f}  "
        ratios.append(f"{mine / floor:.2f}")
    messages = [
        statistics.mean(visit["messages"] for visit in itertools.chain(*came[name]))
        for name in pages
    ]
    spent = [statistics.median(cpu[name]) for name in pages]
    print(f"{row}{messages[0]:>6.1f}{messages[1]:>5.1f}{spent[0]:>8.0f}{spent[1]:>5.0f}")
    print(f"{'':<10}" + "".join(f"{ratio + '×':>16}" for ratio in ratios), flush=True)


def whole_visits(pages: dict[str, Page], crowd: int, rounds: int) -> None:
    """Print when a crowd has the texts of all snapshots, and how long new users wait meanwhile."""
    for name, page in pages.items():
        came = [come(page, crowd, "--visits", "--newcomers", "5") for _ in range(rounds)]
        if name == "ours":
            for visit in itertools.chain(*came):
                check(visit)
        stayed = [[visit for visit in one if not visit["newcomer"]] for one in came]
        late = [[visit for visit in one if visit["newcomer"]] for one in came]
        moments = [
            f"{what} {middle(those, moment, statistics.median):,.0f} (slowest "
            f"{middle(those, moment, max):,.0f})"
            for what, those, moment in (
                ("first text", stayed, "first"),
                ("all snapshots", stayed, "compared"),
                ("new users' first text", late, "first"),
            )
        ]
        print(f"{crowd:>3} {name:<6}{', '.join(moments)} ms", flush=True)


def middle(rounds: list[list[Visit]], moment: str, over: Over) -> float:
    """Return the milliseconds of the median or slowest user, as the median over the rounds."""
    return 1000 * statistics.median(over([visit[moment] for visit in one]) for one in rounds)


def come(page: Page, crowd: int, *extra: str) -> list[Visit]:
    """Return what a crowd of users got; fail if any of them got an error."""
    script = [str(HERE / "page_users.py"), page.url, "--users", str(crowd)]
    done = subprocess.run(
        [sys.executable, *script, "--first-seed", str(next(SEEDS)), *extra],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    came = [json.loads(line) for line in done.stdout.splitlines()]
    for visit in came:
        if "error" in visit:
            raise SystemExit(f"One of {crowd} users got an error: {visit['error']}")
    return came


def check(visit: Visit) -> None:
    """Fail unless a user got the text that the package writes alone with the same seed."""
    answer, best = visit["answer"], timeline().best.step
    if isinstance(answer, str):
        prompt = timeline().manifest.sample_settings.seed_text
        texts, length = {best: answer.removeprefix(prompt)}, DEFAULT_LENGTH
    else:
        prompt = answer["prompt"]
        passages = {**answer["texts"], **visit.get("all", {}).get("texts", {})}
        texts = {int(step): written["text"] for step, written in passages.items()}
        length = answer["question"]["length"]
    if "all" in visit and len(texts) != len(timeline().snapshots):
        raise SystemExit(f"Seed {visit['seed']}: got only the texts of {len(texts)} snapshots.")
    for step, text in texts.items():
        alone = generator(step).generate(prompt, length=length, seed=visit["seed"])
        if text != alone:
            raise SystemExit(f"Seed {visit['seed']}, step {step}: got {text!r}, not {alone!r}.")


@functools.cache
def timeline() -> Timeline:
    """Return the bundled timeline."""
    return Timeline.from_pretrained(BUNDLED)


@functools.cache
def generator(step: int) -> TextGenerator:
    """Return the generator of one of its snapshots."""
    return timeline().generator(step=step)


@contextlib.contextmanager
def serving(*command: str) -> Iterator[Page]:
    """Run the script at this path, or `page_server.py`, with these arguments until the exit."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    script, *arguments = command
    line = (
        [script, *arguments, "--port", port]
        if script.endswith(".py")
        else [str(HERE / "page_server.py"), script, port, *arguments]
    )
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *line], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            while not answers(url):
                if process.poll() is not None or time.perf_counter() - began > 120:
                    raise SystemExit(f"{' '.join(line)} did not answer. Run it to see why.")
                time.sleep(0.01)
            yield Page(url, process, time.perf_counter() - began)
        finally:
            process.terminate()


def answers(url: str) -> bool:
    """Whether a server answers with status 200."""
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=60) as response:
        return bool(response.status == 200)
    return False


def start(rounds: int) -> None:
    """Print how long the servers take until their first answer."""
    seconds: dict[str, list[float]] = {str(HERE.parent / "app.py"): [], "empty": []}
    for _ in range(rounds):
        for command, times in seconds.items():
            with serving(command) as page:
                times.append(page.seconds)
    print("\nServer, from its start to its first answer")
    beside(*seconds.values())


def beside(ours: list[float], floor: list[float]) -> None:
    """Print the app's seconds, the empty app's, and their ratio."""
    mine, least = statistics.median(ours), statistics.median(floor)
    print(
        f"app {mine:.2f} s, empty {least:.2f} s, {mine / least:.2f}×; best {min(ours):.2f} and "
        f"{min(floor):.2f}, {min(ours) / min(floor):.2f}×",
        flush=True,
    )


def browser(rounds: int) -> None:
    """Print what a user of a browser experiences."""
    from benchmarks import page_browser as seen
    from benchmarks.many_snapshots import write_snapshots

    with tempfile.TemporaryDirectory() as home, seen.chromium() as chromium:
        write_snapshots(timeline(), Path(home), SNAPSHOTS)
        with serving("ours") as ours, serving("empty") as empty:
            pages = {"ours": ours, "empty": empty}
            loads: dict[str, list[float]] = {"ours": [], "empty": []}
            for number in range(2 * rounds + 1):
                for kind, page in pages.items():
                    seconds = seen.load(chromium, page.url, kind)
                    if number:  # the first load warms up the servers
                        loads[kind].append(seconds)
            print("\nBrowser, from navigation until the app can be used")
            beside(*loads.values())
            opened = seen.open_page(chromium, ours.url)
            waits = seen.first_characters(opened, PRESSES)
            print(f"From Write to the first characters, ms: {summary(waits)}")
            for number in range(max(2, rounds // 2)):
                print(f"Writing 2,000 characters, ms: {seen.stream(opened, number)}", flush=True)
            opened.close()
        with serving("ours", "--model", home) as many:
            opened = seen.open_page(chromium, many.url)
            moves = seen.scrub(opened)
            print(f"Scrubber over {SNAPSHOTS} snapshots, {len(moves)} moves, ms until the text is")
            for name, label in (("laid", "laid out"), ("painted", "painted")):
                print(f"  {label:<9}{summary([move[name] for move in moves])}")
            opened.close()


def summary(milliseconds: list[float]) -> str:
    """Return the median and the slowest, as text."""
    return f"median {statistics.median(milliseconds):.0f}, slowest {max(milliseconds):.0f}"


if __name__ == "__main__":
    sys.exit(main())
