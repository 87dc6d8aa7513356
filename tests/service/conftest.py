"""Fixtures that the tests of the service share."""

import pytest

from tests.support.timelines import write_timeline
from textgen import Timeline
from textgen.service.service import Service


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    return write_timeline(tmp_path_factory.mktemp("service") / "letters")


@pytest.fixture(scope="module")
def service(timeline: Timeline) -> Service:
    return Service([timeline])
