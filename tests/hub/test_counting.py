"""The Hub counts a download for each request for config.json: one for each opening, no more."""

from pathlib import Path

import pytest

from tests.support.hub_server import HANG_UP, Reply
from tests.support.timelines import manifest_of, write_timeline
from tests.support.world import World
from textgen import Timeline, TrainConfig

COUNTED = "/config.json"
OPEN = "from textgen import Timeline\ntimeline = Timeline.from_pretrained({!r}, **{!r})\n"


def counts(world: World, before: int) -> list[str]:
    """Return the methods of the requests for config.json after the first `before` requests."""
    return [method for method, path in world.hub.requests[before:] if path.endswith(COUNTED)]


@pytest.mark.parametrize("revision", [None, "main", "v1"])
def test_each_opening_is_counted_once(world: World, revision: str | None) -> None:
    repo_id = f"tester/counted-{revision}"
    world.push(repo_id)
    world.hub.tag(repo_id, "v1")
    before = len(world.hub.requests)
    for number in (1, 2):  # the second one opens the copy in the cache
        world.worker.python(OPEN.format(repo_id, {"revision": revision})).check()
        assert counts(world, before) == ["HEAD"] * number
    world.worker.textgen("generate", repo_id, "a bad ", "--seed", "1").check()
    assert counts(world, before) == ["HEAD"] * 3


def test_looking_for_new_snapshots_is_not_counted(world: World, other: Timeline) -> None:
    world.push("tester/watched")
    before = len(world.hub.requests)
    push = f"Timeline.from_pretrained({str(other.directory)!r}).push_to_hub('tester/watched')\n"
    world.worker.python(
        OPEN.format("tester/watched", {})
        + "assert timeline.newer() is None\n"
        + push
        + "newer = timeline.newer()\n"
        "assert newer.manifest != timeline.manifest\n"
        "assert newer.newer() is None\n"
    ).check()
    assert counts(world, before) == ["HEAD"]


def test_the_app_counts_an_opening_once_however_often_it_looks(
    world: World, tmp_path: Path
) -> None:
    unfinished = manifest_of(training=TrainConfig(epochs=9))
    timeline = write_timeline(tmp_path / "unfinished", unfinished)
    world.push("tester/page-counted", timeline)
    before = len(world.hub.requests)
    world.worker.python(
        OPEN.format("tester/page-counted", {}) + "from textgen.service import models\n"
        "models.POLL_SECONDS = 0.0\n"
        "catalog = models.ModelCatalog([timeline])\n"
        "assert catalog.growing\n"
        "for _ in range(3):\n"
        "    catalog.refresh()\n"
    ).check()
    polls = [m for m, path in world.hub.requests[before:] if path.endswith("/timeline.json")]
    assert len(polls) >= 4
    assert counts(world, before) == ["HEAD"]


def test_an_opening_without_the_network_is_not_counted(world: World) -> None:
    world.push("tester/uncounted")
    world.pull("tester/uncounted")
    before = len(world.hub.requests)
    world.worker.python(OPEN.format("tester/uncounted", {"local_files_only": True})).check()
    assert counts(world, before) == []


@pytest.mark.parametrize(
    "reply",
    [HANG_UP, Reply(503), Reply(404), Reply(429), Reply(200, b"<html>"), Reply(200, b"x" * 2**24)],
    ids=["hang-up", "503", "404", "429", "portal", "huge"],
)
def test_a_timeline_opens_even_if_it_cannot_be_counted(world: World, reply: Reply) -> None:
    world.push("tester/refused")
    before = len(world.hub.requests)
    world.hub.fault = lambda _, path: reply if path.endswith(COUNTED) else None
    try:
        opened = world.worker.python(OPEN.format("tester/refused", {}) + "print(timeline.name)")
    finally:
        world.hub.fault = None
    assert opened.check().out == "letters\n"
    assert counts(world, before) == ["HEAD"]
