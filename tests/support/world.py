"""A Hub, a process whose client uses it, and a timeline to publish there."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.hub_server import HubServer
from tests.support.processes import TOKEN, Worker
from tests.support.timelines import write_timeline
from textgen import Timeline

OTHER_TOKEN = "hf_other"
TOKENS = {TOKEN: "tester", OTHER_TOKEN: "other"}


@dataclass(frozen=True)
class World:
    """What a test of publishing needs; the process is logged in as "tester" by default."""

    hub: HubServer
    worker: Worker
    timeline: Timeline

    def push(self, repo_id: str, timeline: Timeline | None = None, **options: object) -> str:
        """Push from Python and return what `push_to_hub` returns."""
        directory = str((timeline or self.timeline).directory)
        call = f"Timeline.from_pretrained({directory!r}).push_to_hub({repo_id!r}, **{options!r})"
        code = f"from textgen import Timeline; print({call})"
        return self.worker.python(code).check().out.strip()

    def pull(self, repo_id: str, **options: object) -> Timeline:
        """Pull all files from Python and open the result."""
        call = f"Timeline.from_pretrained({repo_id!r}, **{options!r})"
        code = f"from textgen import Timeline; it = {call}; it.files(); print(it.directory)"
        return Timeline.from_pretrained(self.worker.python(code).check().out.strip())

    def publish(self, repo_id: str, *, private: bool = False, gated: bool = False) -> None:
        """Put the timeline's files on the Hub without textgen."""
        self.hub.create(repo_id, private=private, gated=gated)
        self.hub.commit(repo_id, {n: p.read_bytes() for n, p in self.timeline.files().items()})


@contextlib.contextmanager
def open_world(
    root: Path, *, lfs: bool = False, changes: Mapping[str, str] | None = None
) -> Iterator[World]:
    """Start a Hub and a process in an empty directory.

    Args:
        root: the directory.
        lfs: store large files with LFS; otherwise every file goes into git.
        changes: environment variables that the Hub client reads at import.
    """
    home = root / "home"
    home.mkdir()
    changes = {**(changes or {}), **({"HF_HUB_DISABLE_XET": "1"} if lfs else {})}
    timeline = write_timeline(root / "timeline")
    with (
        HubServer(root / "hub", lfs=lfs, tokens=TOKENS) as hub,
        Worker(home, hub.endpoint, **changes) as worker,
    ):
        yield World(hub, worker, timeline)


def content(timeline: Timeline) -> dict[str, bytes]:
    """Return the bytes of a timeline's files, without the card, which depends on the repository."""
    files = {name: path.read_bytes() for name, path in timeline.files().items()}
    del files["README.md"]
    return files
