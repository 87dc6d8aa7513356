"""A timeline and a process for the commands."""

from collections.abc import Iterator

import pytest

from tests.support.processes import Worker
from tests.support.timelines import write_timeline
from textgen import Timeline


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    return write_timeline(tmp_path_factory.mktemp("cli") / "timeline")


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with Worker(tmp_path_factory.mktemp("home")) as worker:
        yield worker
