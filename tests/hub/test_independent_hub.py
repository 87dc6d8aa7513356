"""Tests of pulling from a Hub written by others: olah, a mirror of the Hugging Face Hub.

The test Hub and textgen have the same author, who may have made the same mistake in both. Olah is
an independent implementation. It serves the git repositories that the test Hub wrote.
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.hub_server import HubServer
from tests.support.processes import Worker, environment, free_port, serving
from tests.support.timelines import manifest_of, write_timeline
from tests.support.world import content, open_world
from textgen import Timeline
from textgen.manifest import card

pytestmark = pytest.mark.slow

REPO_ID = "tester/letters"
WRITE: dict[str, Any] = {"seed_text": "a bad ", "length": 300, "temperature": 1.0, "seed": 7}
PULL = """
import json
from textgen import TextGenerator, Timeline
repo_id, revision, write = json.loads({arguments!r})
text = TextGenerator.from_pretrained(repo_id, revision=revision).generate(**write)
pulled = Timeline.from_pretrained(repo_id, revision=revision)
pulled.files()
print(json.dumps([str(pulled.directory), text]))
"""


@dataclass(frozen=True)
class Mirror:
    """A repository that olah serves, and the expected timeline of each revision."""

    endpoint: str
    revisions: dict[str, tuple[str | None, Timeline]]


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    root = tmp_path_factory.mktemp("mirror")
    manifest = manifest_of((0, 0.3, 1), val_losses=(2.4, 2.2, 1.2))
    second = write_timeline(root / "second", manifest, seed=99)
    with open_world(root, lfs=True) as world:
        first = world.timeline
        world.push(REPO_ID)
        commit = world.hub.commits(REPO_ID)[0]
        world.hub.tag(REPO_ID, "v1")
        world.push(REPO_ID, revision="kept")
        world.push(REPO_ID, second)
        with olah_serving(world.hub, REPO_ID, root / "olah") as endpoint:
            yield Mirror(
                endpoint,
                {
                    "main": (None, second),
                    "branch": ("kept", first),
                    "tag": ("v1", first),
                    "commit": (commit, first),
                },
            )


@contextlib.contextmanager
def olah_serving(hub: HubServer, repo_id: str, root: Path) -> Iterator[str]:
    """Serve a repository of the test Hub with olah, offline, and yield the URL."""
    repository = hub.repo(repo_id).git_dir
    served = root / "mirrors" / "models" / repo_id
    served.parent.mkdir(parents=True)
    served.symlink_to(repository)
    for large in hub.large.folder.glob("*"):  # olah looks where git would keep them in a clone
        kept = repository / ".git" / "lfs" / "objects" / large.name[:2] / large.name[2:4]
        kept.mkdir(parents=True, exist_ok=True)
        (kept / large.name).symlink_to(large)
    port = free_port()
    config = root / "olah.toml"
    mirrors, cache = json.dumps(str(root / "mirrors")), json.dumps(str(root / "cache"))
    config.write_text(
        f'[basic]\nhost = "127.0.0.1"\nport = {port}\nmirrors-path = [{mirrors}]\n'
        f"repos-path = {cache}\n[accessibility]\noffline = true\n",
        encoding="utf-8",
    )
    endpoint = f"http://127.0.0.1:{port}"
    olah = ("-m", "olah.server", "-c", str(config), "--log-path", str(root))
    with serving(*olah, url=f"{endpoint}/api/models/{repo_id}/refs", env=environment(root)):
        yield endpoint


@pytest.mark.parametrize("kind", ["main", "branch", "tag", "commit"])
def test_a_timeline_survives_a_hub_we_did_not_write(
    mirror: Mirror, kind: str, tmp_path: Path
) -> None:
    revision, expected = mirror.revisions[kind]
    with Worker(tmp_path, mirror.endpoint) as fresh:
        arguments = json.dumps([REPO_ID, revision, WRITE])
        outcome = fresh.python(PULL.format(arguments=arguments)).check()
    directory, text = json.loads(outcome.out)
    pulled = Timeline.from_pretrained(directory)
    pulled.verify()
    assert pulled.manifest == expected.manifest
    assert content(pulled) == content(expected)
    published = (pulled.directory / "README.md").read_text(encoding="utf-8")
    assert published == card.render(expected.manifest, REPO_ID)
    assert text == expected.generator().generate(**WRITE)
