"""What was pushed to the test Hub, served by a program that others wrote: olah, a Hub mirror.

The test Hub and what is tested have one author, who may have misread the real Hub twice alike.
Olah reads the git repositories that the test Hub wrote by its own idea of a Hub.
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
    """A repository that olah serves, and what each of its revisions should hold."""

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
    """Serve one of the test Hub's repositories by olah, offline, and give the address."""
    repository = hub.repo(repo_id).git_dir
    served = root / "mirrors" / "models" / repo_id
    served.parent.mkdir(parents=True)
    served.symlink_to(repository)
    for large in hub.large.folder.glob("*"):  # where olah looks, as in a clone
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
def test_a_timeline_comes_back_whole_from_a_hub_we_did_not_write(
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
