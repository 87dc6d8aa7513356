"""A timeline published during a real training run, to a Hub with all kinds of errors."""

import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from pydoc_data.topics import topics

import pytest

from tests.support.hub_server import HANG_UP, LOSE_ANSWER, HubServer, Reply
from tests.support.paths import ROOT
from tests.support.processes import TOKEN, Outcome, Worker, environment, run
from tests.support.timelines import grow, write_timeline
from textgen import Timeline

pytestmark = pytest.mark.slow

SNAPSHOTS = 12
REPO = "tester/live"
SETTINGS = ["--recipe", "tiny", "--epochs", "9", "--early-snapshots", "2"]
NEW_TOKEN = "hf_new"


@dataclass
class Run:
    """A run of `train.py` that publishes every snapshot to a separate Hub."""

    hub: HubServer
    home: Path
    env: dict[str, str]
    fault: Callable[[str, str, int], Reply | None] | None = None
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def output(self) -> Path:
        return self.home / "timeline"

    def start(self, *more: str) -> subprocess.Popen[str]:
        """Start it; `fault` is called with method, kind of request and how many of that kind."""
        text = self.home / "reference.txt"
        text.write_text("\n\n".join(topics.values())[:15_000], encoding="utf-8")
        self.hub.fault = self._fault if self.fault else None
        command = ["train.py", "--corpus", str(text), *SETTINGS, "--output", str(self.output)]
        return subprocess.Popen(
            [sys.executable, *command, "--push-to-hub", REPO, "--push-every-snapshot", *more],
            cwd=ROOT,
            env=self.env | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, process: subprocess.Popen[str]) -> Outcome:
        out, err = process.communicate(timeout=200)
        self.hub.fault = None
        return Outcome(process.returncode, out, err)

    def _fault(self, method: str, path: str) -> Reply | None:
        kinds = {"PUT": "upload", "verify": "verify", "commit": "commit"}
        kind = next((kinds[mark] for mark in kinds if mark in (method, path.split("/")[-2])), None)
        kind = "verify" if path.endswith("/verify") else kind
        if kind is None or self.fault is None:
            return None
        self.counts[kind] += 1
        return self.fault(method, kind, self.counts[kind])

    def arrived(self) -> list[str]:
        """Return the snapshots on the Hub, in the order in which they arrived."""
        return [path for brought in self.commits() for path in brought]

    def commits(self) -> list[list[str]]:
        """Return the snapshots that each commit added, oldest commit first."""
        if not self.hub.exists(REPO):
            return []
        repo = self.hub.repo(REPO)
        brought = []
        for commit in reversed(self.hub.commits(REPO)):
            lines = repo.git("show", "--name-status", "--format=", commit).splitlines()
            changes = [line.split("\t") for line in lines if "snapshots/" in line]
            assert all(status == "A" for status, _ in changes)  # nothing replaced, nothing deleted
            brought.append([path for _, path in changes])
        return brought

    def assert_all_arrived(self) -> None:
        """Check that every snapshot is on the Hub, once, in order, with the right SHA-256."""
        timeline = Timeline.from_pretrained(self.output)
        expected = [snapshot.file for snapshot in timeline.snapshots]
        assert len(expected) == SNAPSHOTS
        assert self.arrived() == expected
        there, here = self.hub.files(REPO), timeline.files()
        for name in set(here) - {"README.md"}:
            assert there[name] == here[name].read_bytes(), name
        checked = run("-m", "textgen", "inspect", REPO, env=self.env).check()
        assert "All files are intact" in checked.out

    def assert_no_token_anywhere(self, *outcomes: Outcome) -> None:
        for outcome in outcomes:
            assert TOKEN not in outcome.out + outcome.err
        for directory in (self.home, self.hub.root):
            for path in directory.rglob("*"):
                if path.is_file():
                    assert TOKEN.encode() not in path.read_bytes(), path
        for content in self.hub.files(REPO).values():
            assert TOKEN.encode() not in content


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Run]:
    home = tmp_path / "home"
    home.mkdir()
    tokens = {TOKEN: "tester"}
    with HubServer(tmp_path / "hub", lfs=True, tokens=tokens) as hub:
        yield Run(hub, home, environment(home, hub.endpoint, HF_HUB_DISABLE_XET="1"))


def test_every_snapshot_arrives_once_and_in_order_despite_errors(live: Run) -> None:
    seen = []

    def fault(method: str, kind: str, number: int) -> Reply | None:
        replies = {
            ("verify", 1): Reply(400, {"error": "Refused for the test"}),
            ("upload", 3): HANG_UP,
            ("upload", 5): Reply(503),
            ("commit", 2): Reply(503),
            ("commit", 3): Reply(429, headers={"Retry-After": "2"}),
            ("commit", 5): LOSE_ANSWER,
        }
        if (kind, number) == ("commit", 4):  # another client commits first
            seen.append((kind, number))
            live.hub.commit(REPO, {"notes.md": b"mine\n"})
        reply = replies.get((kind, number))
        if reply:
            seen.append((kind, number))
        return reply

    live.fault = fault
    outcome = live.finish(live.start()).check()
    assert len(seen) == 7, seen
    live.assert_all_arrived()
    assert live.hub.files(REPO)["notes.md"] == b"mine\n"
    assert f"Published: {live.hub.endpoint}/{REPO}/commit/" in outcome.out
    assert "Not published yet: The Hub answered 503" in outcome.err
    live.assert_no_token_anywhere(outcome)


def test_a_token_that_expires_loses_nothing(live: Run) -> None:
    def fault(method: str, kind: str, number: int) -> Reply | None:
        if (kind, number) == ("commit", 3):
            live.hub.tokens.clear()
        return None

    live.fault = fault
    outcome = live.finish(live.start())
    assert outcome.status == 1
    there = len(live.arrived())
    assert 0 < there < SNAPSHOTS
    assert f"{SNAPSHOTS - there} of {SNAPSHOTS} snapshots are missing from {REPO}" in outcome.err
    assert "The Hub refused the token" in outcome.err
    command = re.search(r"Publish it with:  (python -m textgen push .*)", outcome.err)
    assert command is not None
    live.hub.tokens[NEW_TOKEN] = "tester"
    again = run(*shlex.split(command[1])[1:], env=live.env | {"HF_TOKEN": NEW_TOKEN}).check()
    live.hub.tokens[TOKEN] = "tester"
    live.assert_all_arrived()
    live.assert_no_token_anywhere(outcome, again)


def test_a_very_slow_hub_does_not_block_training(live: Run) -> None:
    """The Hub accepts nothing before the last snapshot exists, then all of them in few commits."""
    whole = write_timeline(live.home / "letters")
    growing = shutil.copytree(whole.directory, live.home / "growing")
    manifests = []
    for number in range(1, len(whole.snapshots) + 1):
        grow(growing, whole, number)
        manifests.append((growing / "timeline.json").read_text("utf-8"))
    last_exists = live.home / "last"

    def fault(method: str, path: str) -> None:
        while "/commit/" in path and not last_exists.exists():
            time.sleep(0.05)

    live.hub.fault = fault
    code = (
        "from pathlib import Path\n"
        "from textgen.training.publisher import Publisher\n"
        f"directory = Path({str(growing)!r})\n"
        f"publisher = Publisher(directory, {REPO!r})\n"
        f"for manifest in {manifests!r}:\n"
        "    (directory / 'timeline.json').write_text(manifest, 'utf-8')\n"
        "    publisher.notify()\n"
        f"Path({str(last_exists)!r}).touch()\n"
        "print(publisher.finish())\n"
    )
    with Worker(live.home, live.hub.endpoint, HF_HUB_DISABLE_XET="1") as worker:
        url = worker.python(code).check().out
    assert url.startswith(f"{live.hub.endpoint}/{REPO}/commit/")
    assert live.arrived() == [each.file for each in whole.snapshots]
    assert sum(map(bool, live.commits())) < len(whole.snapshots)


def test_an_interrupted_run_publishes_what_it_has_and_continues_from_there(live: Run) -> None:
    process = live.start()
    while len(live.arrived()) < 4:
        assert process.poll() is None, process.communicate()
        time.sleep(0.3)  # `arrived` calls git for each commit
    process.send_signal(signal.SIGINT)
    outcome = live.finish(process)
    assert outcome.status == 130
    kept = [each.file for each in Timeline.from_pretrained(live.output).snapshots]
    assert live.arrived() == kept
    assert len(kept) < SNAPSHOTS
    resumed = live.finish(live.start("--resume")).check()
    live.assert_all_arrived()
    live.assert_no_token_anywhere(outcome, resumed)


def test_a_publisher_survives_all_errors(live: Run) -> None:
    """Endless errors, requests to wait for ages, a callback that fails, nothing to publish."""
    timeline = write_timeline(live.home / "letters")
    code = (
        "from pathlib import Path\n"
        "from textgen.training import publisher as live\n"
        "live.LONGEST_PAUSE = 0.01\n"
        "def on_message(line):\n"
        "    raise BrokenPipeError(line)\n"
        f"directory = Path({str(timeline.directory)!r})\n"
        f"publisher = live.Publisher(directory, {REPO!r}, on_message=on_message)\n"
        "publisher._failures = 5000\n"
        "assert not publisher.has_work\n"
        "publisher.notify()\n"
        "assert publisher.has_work\n"
        "print(publisher.finish())\n"
    )
    replies = [Reply(429, headers={"Retry-After": "9" * 30}), *[Reply(503)] * 4]
    # The first asks for a pause, which is limited to an hour; nobody waits for that here.
    live.hub.fault = lambda method, path: (
        replies.pop() if replies[1:] and "/commit/" in path else None
    )
    with Worker(live.home, live.hub.endpoint, HF_HUB_DISABLE_XET="1") as worker:
        url = worker.python(code).check().out.strip()
        assert url.startswith(f"{live.hub.endpoint}/{REPO}/commit/")
        assert live.arrived() == [each.file for each in timeline.snapshots]
        live.hub.fault = lambda method, path: replies[0] if "/commit/" in path else None
        impatient = code.replace("on_message=on_message", "on_message=on_message, patience=1")
        hopeless = impatient.replace(REPO, "tester/busy")
        outcome = worker.python(hopeless)
        assert (
            "4 of 4 snapshots are missing from tester/busy (epochs 0, 0.5, 1, 2): " in outcome.err
        )
        assert "answered 429" in outcome.err
        gone = impatient.replace(str(timeline.directory), str(live.home / "none"))
        outcome = worker.python(gone)
        assert "none is not a timeline" in outcome.err.splitlines()[-1]


def test_publishing_every_snapshot_needs_a_repository(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("abc " * 2000)
    outcome = run(
        *("train.py", "--corpus", str(text), "--push-every-snapshot"), env=environment(tmp_path)
    )
    assert outcome.status == 1
    assert outcome.err == "train.py: --push-every-snapshot also needs --push-to-hub USER/REPO.\n"
    assert not (tmp_path / "timelines").exists()


def test_a_bug_is_reported_and_not_retried_for_minutes(live: Run) -> None:
    timeline = write_timeline(live.home / "letters")
    code = (
        "import time\n"
        "from pathlib import Path\n"
        "from textgen.training import publisher\n"
        "publisher.publish = None  # a bug in textgen\n"
        "messages = []\n"
        f"it = publisher.Publisher(Path({str(timeline.directory)!r}), {REPO!r},\n"
        "    on_message=messages.append)\n"
        "it.notify()\n"
        "while not messages:\n"
        "    time.sleep(0.01)\n"
        "it.finish()\n"
    )
    with Worker(live.home, live.hub.endpoint, HF_HUB_DISABLE_XET="1") as worker:
        outcome = worker.python(code)  # which gives up after two minutes
    message = outcome.err.splitlines()[-1]
    assert message.endswith("'NoneType' object is not callable")
    assert "try again" not in message
