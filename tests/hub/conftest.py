"""Fixtures of the Hub tests: a test Hub, and a process that runs the real client."""

from collections.abc import Iterator

import pytest

from tests.support.timelines import manifest_of, write_timeline
from tests.support.world import World, open_world
from textgen import Timeline


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("world"), lfs=True) as world:
        yield world


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    """Another timeline: other weights and fewer snapshots, one of them at another step."""
    manifest = manifest_of((0, 0.3, 1), val_losses=(2.4, 2.2, 1.2))
    return write_timeline(tmp_path_factory.mktemp("other") / "timeline", manifest, seed=99)
