"""A clone to deploy from, and a Hub to deploy to."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.deploying import CANARY, HEADING, SECRETS
from tests.support.paths import ROOT
from tests.support.processes import TOKEN
from tests.support.timelines import write_timeline
from tests.support.world import World, open_world


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with a small timeline in pretrained/, a heading of its own, and secrets about."""
    clone = tmp_path_factory.mktemp("clones") / "clone"
    unneeded = ("__pycache__", "*.egg-info", "build", "dist", "pretrained", "timelines", "corpora")
    left_out = shutil.ignore_patterns(".*", *unneeded)
    shutil.copytree(ROOT, clone, ignore=left_out)
    write_timeline(clone / "pretrained" / "letters")
    components = clone / "textgen" / "page" / "components.py"
    components.write_text(components.read_text().replace(HEADING, CANARY))
    for name in SECRETS:
        (clone / name).parent.mkdir(exist_ok=True)
        (clone / name).write_text(f"HF_TOKEN={TOKEN}\n")
    return clone


@pytest.fixture(scope="module")
def world(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    root = tmp_path_factory.mktemp("world")
    with open_world(root, lfs=True, changes={"PYTHONPATH": str(clone)}) as world:
        world.publish("tester/letters")
        world.publish("tester/secret", private=True)
        yield world


@pytest.fixture
def faulty(world: World) -> Iterator[World]:
    """The same Hub, behaving again after the test."""
    yield world
    world.hub.fault = None
