"""Tests of pushing a timeline, with the real client: what it sends, and what it keeps."""

import dataclasses
import shutil
from pathlib import Path

from tests.support.hub_server import HubServer
from tests.support.timelines import manifest_of, write_timeline
from tests.support.world import OTHER_TOKEN, World, content, open_world
from textgen import Timeline


def content_on(hub: HubServer, repo_id: str, revision: str = "main") -> dict[str, bytes]:
    """Return the files of a repository without its card, as `content` does for a timeline."""
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


def large(world: World, repo_id: str) -> set[str]:
    """Return the files that are in the storage for large files, not in git."""
    repo = world.hub.repo(repo_id)
    return {name for name, file in repo.files(repo.commit_of("main")).items() if file.sha256}


def test_weights_are_sent_the_way_the_hub_asks(world: World, tmp_path: Path) -> None:
    world.push("tester/way")
    names = content(world.timeline)
    assert large(world, "tester/way") == {
        name for name in names if name.endswith((".h5", ".png", ".bin"))
    }
    with open_world(tmp_path, lfs=False) as other:
        other.push("tester/way")
        assert large(other, "tester/way") == set()
        assert content(other.pull("tester/way")) == content(world.timeline)


def test_a_timeline_reports_a_newer_commit_on_the_hub(world: World, other: Timeline) -> None:
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


def test_a_timeline_without_an_index_leaves_none_on_the_hub(world: World, tmp_path: Path) -> None:
    world.push("tester/unindexed")
    without = write_timeline(tmp_path / "without", manifest_of(corpus_index=None))
    world.push("tester/unindexed", without)
    assert content_on(world.hub, "tester/unindexed") == content(without)


def test_a_timeline_pushed_during_training_is_complete_on_the_hub(
    world: World, tmp_path: Path
) -> None:
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


def test_a_missing_branch_is_created_and_main_stays(world: World, other: Timeline) -> None:
    world.push("tester/branches")
    main = world.hub.commits("tester/branches")
    world.push("tester/branches", other, revision="next")
    assert world.hub.commits("tester/branches") == main
    assert world.hub.commits("tester/branches", "next")[1:] == main
    assert content_on(world.hub, "tester/branches", "next") == content(other)
    world.push("tester/branches", revision="next")
    assert content_on(world.hub, "tester/branches", "next") == content(world.timeline)
    assert world.hub.commits("tester/branches") == main


def test_anyone_may_open_a_pull_request(world: World, other: Timeline) -> None:
    world.push("tester/proposed")
    main = world.hub.commits("tester/proposed")
    url = world.push("tester/proposed", other, create_pr=True, token=OTHER_TOKEN)
    assert url.endswith("/tester/proposed/discussions/1")
    assert world.hub.commits("tester/proposed") == main
    assert world.hub.commits("tester/proposed", "refs/pr/1")[1:] == main
    assert content_on(world.hub, "tester/proposed", "refs/pr/1") == content(other)


def test_the_command_line_can_push_to_a_branch_or_open_a_pull_request(world: World) -> None:
    world.publish("tester/flags")
    main = world.hub.commits("tester/flags")
    push = ("push", world.timeline.directory, "tester/flags")
    world.worker.textgen(*push, "--revision", "next").check()
    assert world.hub.commits("tester/flags", "next")[1:] == main
    world.worker.textgen(*push, "--create-pr").check()
    assert world.hub.commits("tester/flags", "refs/pr/1")[1:] == main
    assert world.hub.commits("tester/flags") == main


def test_the_default_commit_message_describes_the_timeline(world: World) -> None:
    world.push("tester/said")
    world.push("tester/told", commit_message="As I say")
    said, told = (
        world.hub.repo(name).git("log", "-1", "--format=%s")
        for name in ("tester/said", "tester/told")
    )
    assert "4 snapshots" in said
    assert "2.164 bits per character" in said
    assert told == "As I say"


def test_an_altered_timeline_is_not_pushed(world: World, tmp_path: Path) -> None:
    broken = write_timeline(tmp_path / "broken")
    (broken.directory / broken.snapshots[1].file).write_bytes(b"no weights")
    outcome = world.worker.textgen("push", broken.directory, "tester/broken")
    assert outcome.status == 1
    assert broken.snapshots[1].file in outcome.err
    assert not world.hub.exists("tester/broken")
