"""The page under visitors and in a browser, beside what Gradio itself takes.

    python benchmarks/page.py
    python benchmarks/page.py --only visitors --rounds 9

Visitors, each with a seed of its own so that no text is there already, press Write at once; all are
in one process and the server in another. The floor is the same page with a generator that does
nothing (`page_server.py`). The medians and worst are over the visitors of a round, and then the
median over the rounds, in which the two take turns. Every text must be what the package writes
alone.

In Chromium: until the page can be used, beside an empty page, and how soon and smoothly it answers;
the scrubber is moved over twenty snapshots, between the bundled ones by interpolated weights.
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
SEEDS = itertools.count(10_000, 1000)  # never the same text twice
Visit = dict[str, Any]
Over = Callable[[Sequence[float]], float]  # the visitors of a round


@dataclasses.dataclass(frozen=True)
class Page:
    """A page that is served."""

    url: str
    process: subprocess.Popen[bytes]
    seconds: float  # from the start of its process to its first answer

    def cpu(self) -> float:
        """Return the seconds that its server has computed, on all cores; 0 if Linux is not here."""
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8")
            fields = stat.rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return 0.0


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Measure the page.")
    parser.add_argument("--rounds", type=int, default=5, help="their median is shown")
    parts: dict[str, Callable[[int], None]] = {
        "visitors": visitors,
        "browser": browser,
        "start": start,
    }
    parser.add_argument("--only", choices=parts, help="one part (default: all)")
    arguments = parser.parse_args()
    for name, part in parts.items():
        if arguments.only in (None, name):
            part(arguments.rounds)
    return 0


def visitors(rounds: int) -> None:
    """Let visitors come to our page and to the floor."""
    with serving("ours") as ours, serving("idle") as idle:
        pages = {"ours": ours, "floor": idle}
        for page in pages.values():
            come(page, 3, "--visits")  # everything that is loaded once
        for name, extra in (("Write", []), ("/generate", ["--endpoint"])):
            moments = f"{'first text, ms':^33}{'whole text, ms':^33}"
            print(f"\n{name:<10}{moments}{'messages':>11}{'CPU, ms':>13}")
            print(f"{'visitors':<10}" + 2 * f"{'median':>9}{'floor':>7}{'worst':>8}{'floor':>7}  ")
            for crowd in CROWDS:
                compared(pages, crowd, rounds, extra)
        print("\nWhole visits: Write, then every snapshot")
        for crowd in CROWDS:
            whole_visits(pages, crowd, max(2, rounds // 2))


def compared(pages: dict[str, Page], crowd: int, rounds: int, extra: list[str]) -> None:
    """Print one row: a crowd that writes, ours beside the floor."""
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
    """Print when a crowd has all snapshots' texts, and how long whoever comes meanwhile waits."""
    for name, page in pages.items():
        came = [come(page, crowd, "--visits", "--newcomers", "5") for _ in range(rounds)]
        if name == "ours":
            for visit in itertools.chain(*came):
                check(visit)
        stayed = [[visit for visit in one if not visit["newcomer"]] for one in came]
        late = [[visit for visit in one if visit["newcomer"]] for one in came]
        moments = [
            f"{what} {middle(those, moment, statistics.median):,.0f} (worst "
            f"{middle(those, moment, max):,.0f})"
            for what, those, moment in (
                ("first text", stayed, "first"),
                ("all snapshots", stayed, "compared"),
                ("newcomers' first text", late, "first"),
            )
        ]
        print(f"{crowd:>3} {name:<6}{', '.join(moments)} ms", flush=True)


def middle(rounds: list[list[Visit]], moment: str, over: Over) -> float:
    """Return the median, over rounds, of the median or worst visitor's milliseconds."""
    return 1000 * statistics.median(over([visit[moment] for visit in one]) for one in rounds)


def come(page: Page, crowd: int, *extra: str) -> list[Visit]:
    """Let a crowd come; fail at the first error that anyone meets."""
    script = [str(HERE / "page_visitors.py"), page.url, "--visitors", str(crowd)]
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
            raise SystemExit(f"A visitor of {crowd} met an error: {visit['error']}")
    return came


def check(visit: Visit) -> None:
    """Fail unless a visitor got what the package writes for the same seed, alone."""
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
        raise SystemExit(f"Seed {visit['seed']}: {len(texts)} snapshots' texts came.")
    for step, text in texts.items():
        alone = generator(step).generate(prompt, length=length, seed=visit["seed"])
        if text != alone:
            raise SystemExit(f"Seed {visit['seed']}, step {step}: {text!r} in place of {alone!r}")


@functools.cache
def timeline() -> Timeline:
    """Return the bundled timeline."""
    return Timeline.from_pretrained(BUNDLED)


@functools.cache
def generator(step: int) -> TextGenerator:
    """Return one of its snapshots."""
    return timeline().generator(step=step)


@contextlib.contextmanager
def serving(*command: str) -> Iterator[Page]:
    """Serve a page of `page_server.py`'s, or by the script that is named, until it has answered."""
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
                    raise SystemExit(f"{command}: no page came.")
                time.sleep(0.01)
            yield Page(url, process, time.perf_counter() - began)
        finally:
            process.terminate()


def answers(url: str) -> bool:
    """Whether a server is there and content."""
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=60) as response:
        return bool(response.status == 200)
    return False


def start(rounds: int) -> None:
    """Print how long the servers take to their first answer."""
    seconds: dict[str, list[float]] = {str(HERE.parent / "app.py"): [], "empty": []}
    for _ in range(rounds):
        for command, times in seconds.items():
            with serving(command) as page:
                times.append(page.seconds)
    print("\nServer, to its first answer")
    beside(*seconds.values())


def beside(ours: list[float], floor: list[float]) -> None:
    """Print our seconds beside the floor's."""
    mine, least = statistics.median(ours), statistics.median(floor)
    print(
        f"ours {mine:.2f} s, empty {least:.2f} s, {mine / least:.2f}×; best {min(ours):.2f} and "
        f"{min(floor):.2f}, {min(ours) / min(floor):.2f}×",
        flush=True,
    )


def browser(rounds: int) -> None:
    """Print what a browser sees."""
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
                    if number:  # the first warms the servers up
                        loads[kind].append(seconds)
            print("\nBrowser, from navigation until it can be used")
            beside(*loads.values())
            opened = seen.open_page(chromium, ours.url)
            waits = seen.first_characters(opened, PRESSES)
            print(f"Write to first characters: {summary(waits)}")
            for number in range(max(2, rounds // 2)):
                print(f"2,000 characters: {seen.stream(opened, number)}", flush=True)
            opened.close()
        with serving("ours", "--model", home) as many:
            opened = seen.open_page(chromium, many.url)
            moves = seen.scrub(opened)
            print(f"Scrubber over {SNAPSHOTS} snapshots, {len(moves)} moves, ms")
            for name in ("laid", "painted"):
                print(f"  {name:<8}{summary([move[name] for move in moves])}")
            opened.close()


def summary(milliseconds: list[float]) -> str:
    """Return median and worst."""
    return f"median {statistics.median(milliseconds):.0f}, worst {max(milliseconds):.0f}"


if __name__ == "__main__":
    sys.exit(main())
