"""The event handlers of an app with two models, without a browser."""

import pytest

from tests.support.handlers import Harness, harness_of
from tests.support.timelines import write_timeline
from textgen import Timeline
from textgen.service.service import Service


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    return write_timeline(tmp_path_factory.mktemp("events") / "letters")


@pytest.fixture(scope="module")
def service(timeline: Timeline) -> Service:
    return Service([timeline, timeline])


@pytest.fixture(scope="module")
def harness(timeline: Timeline) -> Harness:
    return harness_of(timeline, timeline)
