"""Tests of timelines from the Hub, with the real client: downloads, the cache, and repairs."""

from pathlib import Path

import pytest

from tests.support.hub_server import HANG_UP, Reply
from tests.support.letters import INDEX, TRAIN
from tests.support.processes import Worker
from tests.support.world import World, content
from textgen import Timeline
from textgen.manifest.paths import CORPUS_INDEX

WRITE = 'generate("a bad ", length=300, temperature=1.0, seed=7)'


@pytest.mark.parametrize("kind", ["main", "branch", "tag", "commit"])
def test_a_pull_returns_every_byte(world: World, other: Timeline, kind: str) -> None:
    repo_id = f"tester/pull-{kind}"
    world.push(repo_id)
    first = world.hub.commits(repo_id)[0]
    world.hub.tag(repo_id, "v1")
    world.hub.repo(repo_id).git("update-ref", "refs/heads/kept", first)
    world.push(repo_id, other)
    revision = {"main": None, "branch": "kept", "tag": "v1", "commit": first}[kind]
    expected = other if revision is None else world.timeline
    pulled = world.pull(repo_id, revision=revision)
    pulled.verify()
    assert content(pulled) == content(expected)
    assert pulled.manifest == expected.manifest


def test_a_pull_downloads_only_the_timeline(world: World) -> None:
    world.push("tester/alone")
    world.hub.commit("tester/alone", {"optimizer/state.bin": b"large", "notes.md": b"long"})
    before = len(world.hub.requests)
    assert content(world.pull("tester/alone")) == content(world.timeline)
    paths = [path for _, path in world.hub.requests[before:]]
    assert not [path for path in paths if path.endswith(("state.bin", "notes.md"))]


def fetched(world: World, before: int) -> list[str]:
    """Return the files downloaded after the first `before` requests, in order."""
    gets = [path for method, path in world.hub.requests[before:] if method == "GET"]
    return [path.split("/", 5)[-1] for path in gets if "/resolve/" in path]


def test_files_are_downloaded_only_when_they_are_needed(world: World) -> None:
    world.push("tester/lazy")
    before, early = len(world.hub.requests), world.timeline.snapshots[1]
    load = "timeline = Timeline.from_pretrained('tester/lazy')"
    world.worker.python(f"from textgen import Timeline; {load}").check()
    assert fetched(world, before) == ["timeline.json", "vocabulary.json"]
    world.worker.python(
        f"from textgen import Timeline; {load}; timeline.generator(step={early.step})"
    ).check()
    world.worker.python(
        "from textgen import TextGenerator; TextGenerator.from_pretrained('tester/lazy')"
    ).check()
    assert fetched(world, before)[2:] == [early.file, world.timeline.best.file]


def test_the_app_downloads_the_chosen_snapshot_first_and_then_the_rest(world: World) -> None:
    world.push("tester/page")
    before, early = len(world.hub.requests), world.timeline.snapshots[1]
    world.worker.python(
        "import time\n"
        "from textgen import Timeline\n"
        "from textgen.service.service import Service\n"
        "from textgen.service.request import Request\n"
        "timeline = Timeline.from_pretrained('tester/page')\n"
        "service = Service([timeline])\n"
        f"list(service.write(Request(model=timeline.name, epoch={early.epoch})))\n"
        "def there():\n"
        "    files = [(s.step, timeline.directory / s.file) for s in timeline.snapshots]\n"
        "    return [step for step, path in files if path.is_file()]\n"
        f"assert there() == [{early.step}], there()\n"
        "service.catalog.prefetch()\n"
        "until = time.monotonic() + 30\n"
        "while len(there()) < len(timeline.snapshots):\n"
        "    assert time.monotonic() < until, there()\n"
        "    time.sleep(0.05)\n"
    ).check()
    files = [each.file for each in world.timeline.snapshots]
    assert sorted(fetched(world, before)[2:]) == [CORPUS_INDEX, *files]


def test_a_snapshot_damaged_in_the_cache_is_downloaded_again(world: World) -> None:
    world.push("tester/damaged")
    pulled = world.pull("tester/damaged")
    path = pulled.directory / pulled.best.file
    for damage in (b"", b"x" * pulled.best.size):
        path.resolve().write_bytes(damage)
        load = "Timeline.from_pretrained('tester/damaged', local_files_only=%r).generator()"
        offline = world.worker.python(f"from textgen import Timeline; {load % True}")
        assert "Download or copy the timeline again" in offline.err.splitlines()[-1]
        assert path.read_bytes() == damage
        world.worker.python(f"from textgen import Timeline; {load % False}").check()
        assert path.read_bytes() == (world.timeline.directory / pulled.best.file).read_bytes()


@pytest.mark.parametrize("name", ["timeline.json", "vocabulary.json", "config.json"])
def test_another_file_damaged_in_the_cache_is_downloaded_again(world: World, name: str) -> None:
    world.push("tester/mended")
    pulled = world.pull("tester/mended")
    path = pulled.directory / name
    path.resolve().write_bytes(b"[]")
    world.worker.textgen("inspect", "tester/mended").check()
    assert path.read_bytes() == world.hub.files("tester/mended")[name]


def test_a_snapshot_from_an_earlier_commit_is_not_downloaded_again(world: World) -> None:
    world.push("tester/kept")
    world.pull("tester/kept")
    world.hub.commit("tester/kept", {"notes.md": b"newer\n"})
    before, early = len(world.hub.requests), world.timeline.snapshots[1]
    load = f"Timeline.from_pretrained('tester/kept').generator(step={early.step})"
    world.worker.python(f"from textgen import Timeline; {load}").check()
    assert early.file not in fetched(world, before)
    # The cache names it by its hash, so no request is needed and it works offline.
    assert not [path for _, path in world.hub.requests[before:] if path.endswith(early.file)]
    offline = load.replace("kept'", "kept', local_files_only=True")
    world.worker.python(f"from textgen import Timeline; {offline}").check()


@pytest.mark.parametrize("reply", [Reply(200, b"<html>Log in</html>"), HANG_UP, Reply(503)])
def test_the_cache_is_used_if_something_else_answers_for_the_hub(
    world: World, reply: Reply
) -> None:
    world.push("tester/portal")
    world.pull("tester/portal")
    world.hub.fault = lambda *_: reply
    try:
        outcome = world.worker.textgen("generate", "tester/portal", "a bad ", "--seed", "1")
    finally:
        world.hub.fault = None
    assert outcome.check().out.startswith("a bad ")


@pytest.mark.parametrize("revision", ["", " ", 5])
def test_an_invalid_revision_is_refused(world: World, revision: object) -> None:
    before = len(world.hub.requests)
    code = f"Timeline.from_pretrained('tester/lazy', revision={revision!r})"
    outcome = world.worker.python(f"from textgen import Timeline; {code}")
    assert "HubError: revision must be a branch, tag or commit" in outcome.err
    assert len(world.hub.requests) == before


def test_a_timeline_pulled_once_opens_without_the_network(world: World) -> None:
    world.push("tester/offline")
    online = world.pull("tester/offline")
    before = len(world.hub.requests)
    assert world.pull("tester/offline", local_files_only=True).directory == online.directory
    assert len(world.hub.requests) == before


def test_a_timeline_pulled_once_opens_with_the_offline_switch(world: World, tmp_path: Path) -> None:
    world.push("tester/switch")
    world.pull("tester/switch", cache_dir=str(tmp_path / "cache"))
    before = len(world.hub.requests)
    with Worker(tmp_path, world.hub.endpoint, HF_HUB_OFFLINE="1") as offline:
        there = World(world.hub, offline, world.timeline)
        pulled = there.pull("tester/switch", cache_dir=str(tmp_path / "cache"))
        assert content(pulled) == content(world.timeline)
    assert len(world.hub.requests) == before


def test_a_snapshot_and_a_seed_write_the_same_text_in_any_process_and_from_the_hub(
    world: World,
) -> None:
    world.push("tester/text")
    for epoch in ("best", "last", 0, 0.5):
        here = world.timeline.generator(epoch).generate(
            "a bad ", length=300, temperature=1.0, seed=7
        )
        assert len(set(here)) > 3
        for source in (str(world.timeline.directory), "tester/text"):
            load = f"TextGenerator.from_pretrained({source!r}, epoch={epoch!r})"
            code = f"from textgen import TextGenerator; print(ascii({load}.{WRITE}))"
            assert world.worker.python(code).check().out.strip() == ascii(here)


def test_a_pull_includes_the_index(world: World) -> None:
    world.push("tester/indexed")
    assert world.hub.files("tester/indexed")["corpus-index.bin"] == INDEX
    copied = TRAIN[100:160]
    assert world.pull("tester/indexed").novelty(f"{copied}hhh").longest_run == copied
