"""A timeline to the Hub and back, with the real client, over both ways that files may travel."""

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.hub_server import HANG_UP, HubServer, Reply
from tests.support.letters import INDEX, TRAIN
from tests.support.processes import Worker
from tests.support.timelines import manifest_of, write_timeline
from tests.support.world import OTHER_TOKEN, World, content, open_world
from textgen import Timeline
from textgen.manifest.paths import CORPUS_INDEX

WRITE = 'generate("a bad ", length=300, temperature=1.0, seed=7)'


@pytest.fixture(scope="module", params=["regular", "lfs"])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    lfs = request.param == "lfs"
    with open_world(tmp_path_factory.mktemp(request.param), lfs=lfs) as world:
        yield world


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    """Another timeline: other weights, fewer snapshots, one of them at a step of its own."""
    manifest = manifest_of((0, 0.3, 1), val_losses=(2.4, 2.2, 1.2))
    return write_timeline(tmp_path_factory.mktemp("other") / "timeline", manifest, seed=99)


def content_on(hub: HubServer, repo_id: str, revision: str = "main") -> dict[str, bytes]:
    """Return the same of a repository, out of its git."""
    files = hub.files(repo_id, revision)
    del files["README.md"]
    return files


def test_a_push_is_one_commit_of_exactly_the_timelines_files(world: World) -> None:
    url = world.push("tester/whole")
    commit, _creation = world.hub.commits("tester/whole")
    assert url.endswith(f"/tester/whole/commit/{commit}")
    assert content_on(world.hub, "tester/whole") == content(world.timeline)
    card = world.hub.files("tester/whole")["README.md"].decode()
    assert 'TextGenerator.from_pretrained("tester/whole")' in card


def test_weights_travel_the_way_the_hub_asks(world: World) -> None:
    world.push("tester/way")
    repo = world.hub.repo("tester/way")
    large = {name for name, file in repo.files(repo.commit_of("main")).items() if file.sha256}
    assert large == (
        {name for name in content(world.timeline) if name.endswith((".h5", ".png", ".bin"))}
        if world.hub.lfs
        else set()
    )


@pytest.mark.parametrize("kind", ["main", "branch", "tag", "commit"])
def test_a_pull_gives_back_every_byte(world: World, other: Timeline, kind: str) -> None:
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


def test_a_pull_fetches_the_timeline_alone(world: World) -> None:
    world.push("tester/alone")
    world.hub.commit("tester/alone", {"optimizer/state.bin": b"large", "notes.md": b"long"})
    asked = len(world.hub.requests)
    assert content(world.pull("tester/alone")) == content(world.timeline)
    paths = [path for _, path in world.hub.requests[asked:]]
    assert not [path for path in paths if path.endswith(("state.bin", "notes.md"))]


def fetched(world: World, asked: int) -> list[str]:
    """Return the files that were sent since so many requests, in order."""
    gets = [path for method, path in world.hub.requests[asked:] if method == "GET"]
    return [path.split("/", 5)[-1] for path in gets if "/resolve/" in path]


def test_only_what_is_needed_is_fetched_when_it_is_needed(world: World) -> None:
    world.push("tester/lazy")
    asked, early = len(world.hub.requests), world.timeline.snapshots[1]
    load = "timeline = Timeline.from_pretrained('tester/lazy')"
    world.worker.python(f"from textgen import Timeline; {load}").check()
    assert fetched(world, asked) == ["timeline.json", "vocabulary.json"]
    world.worker.python(
        f"from textgen import Timeline; {load}; timeline.generator(step={early.step})"
    ).check()
    world.worker.python(
        "from textgen import TextGenerator; TextGenerator.from_pretrained('tester/lazy')"
    ).check()
    assert fetched(world, asked)[2:] == [early.file, world.timeline.best.file]


def test_a_page_fetches_what_is_chosen_and_then_the_rest(world: World) -> None:
    world.push("tester/page")
    asked, early = len(world.hub.requests), world.timeline.snapshots[1]
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
    assert sorted(fetched(world, asked)[2:]) == [CORPUS_INDEX, *files]


def test_a_file_damaged_in_the_cache_is_fetched_again(world: World) -> None:
    world.push("tester/damaged")
    pulled = world.pull("tester/damaged")
    path = pulled.directory / pulled.best.file
    for damage in (b"", b"x" * pulled.best.size):
        path.resolve().write_bytes(damage)
        load = "Timeline.from_pretrained('tester/damaged', local_files_only=%r).generator()"
        offline = world.worker.python(f"from textgen import Timeline; {load % True}")
        assert "Fetch or copy the timeline again" in offline.err.splitlines()[-1]
        assert path.read_bytes() == damage
        world.worker.python(f"from textgen import Timeline; {load % False}").check()
        assert path.read_bytes() == (world.timeline.directory / pulled.best.file).read_bytes()


@pytest.mark.parametrize("name", ["timeline.json", "vocabulary.json", "config.json"])
def test_what_else_is_damaged_in_the_cache_is_fetched_again_too(world: World, name: str) -> None:
    world.push("tester/mended")
    pulled = world.pull("tester/mended")
    path = pulled.directory / name
    path.resolve().write_bytes(b"[]")
    world.worker.textgen("inspect", "tester/mended").check()
    assert path.read_bytes() == world.hub.files("tester/mended")[name]


def test_a_snapshot_that_came_with_an_earlier_commit_is_not_fetched_again(world: World) -> None:
    world.push("tester/kept")
    world.pull("tester/kept")
    world.hub.commit("tester/kept", {"notes.md": b"newer\n"})
    asked, early = len(world.hub.requests), world.timeline.snapshots[1]
    load = f"Timeline.from_pretrained('tester/kept').generator(step={early.step})"
    world.worker.python(f"from textgen import Timeline; {load}").check()
    assert early.file not in fetched(world, asked)
    if world.hub.lfs:  # named by its hash: not even asked for, and there without a network
        assert not [path for _, path in world.hub.requests[asked:] if path.endswith(early.file)]
        offline = load.replace("kept'", "kept', local_files_only=True")
        world.worker.python(f"from textgen import Timeline; {offline}").check()


@pytest.mark.parametrize("reply", [Reply(200, b"<html>Log in</html>"), HANG_UP, Reply(503)])
def test_where_the_network_leads_elsewhere_the_cache_helps(world: World, reply: Reply) -> None:
    world.push("tester/portal")
    world.pull("tester/portal")
    world.hub.fault = lambda *_: reply
    try:
        outcome = world.worker.textgen("generate", "tester/portal", "a bad ", "--seed", "1")
    finally:
        world.hub.fault = None
    assert outcome.check().out.startswith("a bad ")


@pytest.mark.parametrize("revision", ["", " ", 5])
def test_a_revision_that_is_none_is_refused(world: World, revision: object) -> None:
    asked = len(world.hub.requests)
    code = f"Timeline.from_pretrained('tester/lazy', revision={revision!r})"
    outcome = world.worker.python(f"from textgen import Timeline; {code}")
    assert "HubError: revision must be a branch, tag or commit" in outcome.err
    assert len(world.hub.requests) == asked


def test_a_timeline_on_the_hub_tells_when_it_has_grown(world: World, other: Timeline) -> None:
    world.push("tester/grown")
    before, *_ = world.hub.commits("tester/grown")
    code = (
        "from textgen import Timeline\n"
        "timeline = Timeline.from_pretrained('tester/grown', revision=%r)\n"
        "assert timeline.newer() is None\n"
        f"Timeline.from_pretrained({str(other.directory)!r}).push_to_hub('tester/grown')\n"
        "newer = timeline.newer()\n"
        "print(newer and len(newer.snapshots), newer and newer.newer())"
    )
    assert world.worker.python(code % None).check().out == "3 None\n"
    assert world.worker.python(code % before).check().out == "None None\n"


def test_what_was_pulled_once_opens_without_the_network(world: World) -> None:
    world.push("tester/offline")
    online = world.pull("tester/offline")
    asked = len(world.hub.requests)
    assert world.pull("tester/offline", local_files_only=True).directory == online.directory
    assert len(world.hub.requests) == asked


def test_what_was_pulled_once_opens_with_the_offline_switch(world: World, tmp_path: Path) -> None:
    world.push("tester/switch")
    world.pull("tester/switch", cache_dir=str(tmp_path / "cache"))
    asked = len(world.hub.requests)
    with Worker(tmp_path, world.hub.endpoint, HF_HUB_OFFLINE="1") as offline:
        there = World(world.hub, offline, world.timeline)
        pulled = there.pull("tester/switch", cache_dir=str(tmp_path / "cache"))
        assert content(pulled) == content(world.timeline)
    assert len(world.hub.requests) == asked


def test_a_snapshot_and_a_seed_write_the_same_text_here_there_and_from_the_hub(
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


def test_pushing_again_makes_no_commit(world: World) -> None:
    first = world.push("tester/again")
    commits = world.hub.commits("tester/again")
    assert world.push("tester/again") == first
    assert world.hub.commits("tester/again") == commits


def test_another_timeline_replaces_the_first_in_one_commit(world: World, other: Timeline) -> None:
    world.push("tester/replaced")
    ours = {"LICENSE": b"mine\n", ".gitattributes": b"*.h5 -text\n", "notes/x.md": b"x\n"}
    world.hub.commit("tester/replaced", ours)
    before = world.hub.commits("tester/replaced")
    world.push("tester/replaced", other)
    assert world.hub.commits("tester/replaced")[1:] == before
    assert content_on(world.hub, "tester/replaced") == {**content(other), **ours}


def test_a_pull_brings_the_index_along(world: World) -> None:
    world.push("tester/indexed")
    assert world.hub.files("tester/indexed")["corpus-index.bin"] == INDEX
    copied = TRAIN[100:160]
    assert world.pull("tester/indexed").novelty(f"{copied}hhh").longest_run == copied


def test_a_timeline_without_an_index_leaves_none_on_the_hub(world: World, tmp_path: Path) -> None:
    world.push("tester/unindexed")
    without = write_timeline(tmp_path / "without", manifest_of(corpus_index=None))
    world.push("tester/unindexed", without)
    assert content_on(world.hub, "tester/unindexed") == content(without)


def test_a_timeline_pushed_while_it_grows_is_whole_on_the_hub(world: World, tmp_path: Path) -> None:
    grown = world.timeline.directory
    growing = shutil.copytree(grown, tmp_path / "growing")
    early = dataclasses.replace(world.timeline.manifest, snapshots=world.timeline.snapshots[:2])
    (growing / "timeline.json").write_bytes(early.to_json())
    world.worker.python(
        "import shutil; from textgen import Timeline\n"
        f"timeline = Timeline.from_pretrained({str(growing)!r})\n"
        f"shutil.copy({str(grown / 'timeline.json')!r}, {str(growing)!r})  # two snapshots more\n"
        "timeline.push_to_hub('tester/growing')"
    ).check()
    world.pull("tester/growing").verify()


def test_a_private_repository_is_private(world: World) -> None:
    world.push("tester/secret", private=True)
    world.push("tester/public", private=False)
    assert world.hub.repo("tester/secret").private
    assert not world.hub.repo("tester/public").private
    assert content(world.pull("tester/secret")) == content(world.timeline)


def test_a_branch_is_made_where_it_is_missing_and_main_stays(world: World, other: Timeline) -> None:
    world.push("tester/branches")
    main = world.hub.commits("tester/branches")
    world.push("tester/branches", other, revision="next")
    assert world.hub.commits("tester/branches") == main
    assert world.hub.commits("tester/branches", "next")[1:] == main
    assert content_on(world.hub, "tester/branches", "next") == content(other)
    world.push("tester/branches", revision="next")
    assert content_on(world.hub, "tester/branches", "next") == content(world.timeline)
    assert world.hub.commits("tester/branches") == main


def test_anyone_may_propose_a_timeline(world: World, other: Timeline) -> None:
    world.push("tester/proposed")
    main = world.hub.commits("tester/proposed")
    url = world.push("tester/proposed", other, create_pr=True, token=OTHER_TOKEN)
    assert url.endswith("/tester/proposed/discussions/1")
    assert world.hub.commits("tester/proposed") == main
    assert world.hub.commits("tester/proposed", "refs/pr/1")[1:] == main
    assert content_on(world.hub, "tester/proposed", "refs/pr/1") == content(other)


def test_the_command_line_passes_branch_and_proposal_on(world: World) -> None:
    world.publish("tester/flags")
    main = world.hub.commits("tester/flags")
    push = ("push", world.timeline.directory, "tester/flags")
    world.worker.textgen(*push, "--revision", "next").check()
    assert world.hub.commits("tester/flags", "next")[1:] == main
    world.worker.textgen(*push, "--create-pr").check()
    assert world.hub.commits("tester/flags", "refs/pr/1")[1:] == main
    assert world.hub.commits("tester/flags") == main


def test_a_commit_says_what_it_holds_unless_told_what_to_say(world: World) -> None:
    world.push("tester/said")
    world.push("tester/told", commit_message="As I say")
    said, told = (
        world.hub.repo(name).git("log", "-1", "--format=%s")
        for name in ("tester/said", "tester/told")
    )
    assert "4 snapshots" in said
    assert "1.5000" in said
    assert told == "As I say"


def test_an_altered_timeline_is_not_pushed(world: World, tmp_path: Path) -> None:
    broken = write_timeline(tmp_path / "broken")
    (broken.directory / broken.snapshots[1].file).write_bytes(b"no weights")
    outcome = world.worker.textgen("push", broken.directory, "tester/broken")
    assert outcome.status == 1
    assert broken.snapshots[1].file in outcome.err
    assert not world.hub.exists("tester/broken")
