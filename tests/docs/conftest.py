"""A directory in which the documentation's commands run, and a Hub that they publish to."""

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.processes import environment
from tests.support.trainings import book
from tests.support.workshop import PIP, Workshop
from tests.support.world import World, open_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("hub"), lfs=True) as world:
        world.publish("tester/my-book")
        yield world


@pytest.fixture
def workshop(world: World, tmp_path: Path) -> Workshop:
    """A copy of the clone with a text to train on; `python`, `pip` and the Hub are the tests'."""
    clone = tmp_path / "clone"
    unneeded = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "timelines")
    shutil.copytree(ROOT, clone, ignore=unneeded)
    shutil.move(book(clone, 8_000), clone / "my-book.txt")
    shutil.copytree(world.timeline.directory, clone / "timelines" / "my-book")
    (clone / ".venv" / "bin").mkdir(parents=True)
    (clone / ".venv" / "bin" / "activate").write_text("")
    commands = tmp_path / "bin"
    commands.mkdir()
    pip = commands / "pip"
    pip.write_text(f"#!{sys.executable}\n{PIP}")
    pip.chmod(pip.stat().st_mode | stat.S_IXUSR)
    path = os.pathsep.join([str(commands), str(Path(sys.executable).parent), os.environ["PATH"]])
    env = environment(
        tmp_path,
        world.hub.endpoint,
        PATH=path,
        PYTHONPATH=str(clone),
        PYTHONUNBUFFERED="1",
        HF_HUB_DISABLE_XET="1",
    )
    return Workshop(clone, env)
