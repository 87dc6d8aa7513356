"""Publishing the model card: a card that a person wrote or edited is never overwritten."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.timelines import manifest_of, write_timeline
from tests.support.world import World, open_world
from textgen import Timeline

pytestmark = pytest.mark.slow

EDITED = b"---\nlicense: mit\n---\n# Mine\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("cards")) as world:
        yield world


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    """Another timeline, with fewer snapshots."""
    manifest = manifest_of((0, 1), val_losses=(2.4, 1.2))
    return write_timeline(tmp_path_factory.mktemp("other") / "timeline", manifest, seed=99)


def card_of(world: World, repo_id: str) -> bytes:
    return world.hub.files(repo_id)["README.md"]


def test_a_card_edited_on_the_hub_is_kept(world: World, other: Timeline) -> None:
    world.push("tester/edited")
    card = card_of(world, "tester/edited") + b"Thanks to my mother.\n"
    world.hub.commit("tester/edited", {"README.md": card})
    world.push("tester/edited", other)
    assert card_of(world, "tester/edited") == card
    published = world.hub.files("tester/edited")["timeline.json"]
    assert published == (other.directory / "timeline.json").read_bytes()


def test_an_unedited_card_is_updated_with_the_timeline(world: World, other: Timeline) -> None:
    world.push("tester/follows")
    before = card_of(world, "tester/follows").decode()
    assert f"**{len(world.timeline.snapshots)} snapshots**" in before
    world.push("tester/follows", other)
    after = card_of(world, "tester/follows").decode()
    assert f"**{len(other.snapshots)} snapshots**" in after


def test_a_card_edited_here_is_published_unless_the_hub_has_an_edited_one(
    world: World, tmp_path: Path
) -> None:
    mine = write_timeline(tmp_path / "mine")
    (mine.directory / "README.md").write_bytes(EDITED)
    world.push("tester/mine")
    world.push("tester/mine", mine)
    assert card_of(world, "tester/mine") == EDITED
    theirs = EDITED.replace(b"Mine", b"Theirs")
    world.hub.commit("tester/mine", {"README.md": theirs})
    world.push("tester/mine", mine)
    assert card_of(world, "tester/mine") == theirs


def test_a_card_edited_during_a_push_is_not_overwritten(world: World, other: Timeline) -> None:
    world.push("tester/race")

    def edit(_: str, path: str) -> None:
        if path.endswith("/preupload/main"):
            world.hub.commit("tester/race", {"README.md": EDITED})

    world.hub.fault = edit
    outcome = world.worker.textgen("push", other.directory, "tester/race")
    world.hub.fault = None
    assert card_of(world, "tester/race") == EDITED
    assert outcome.status == 1
    assert outcome.err.startswith("textgen: ")


def test_a_timeline_that_has_no_card_yet_is_published_with_one(
    world: World, tmp_path: Path
) -> None:
    unfinished = write_timeline(tmp_path / "unfinished")
    (unfinished.directory / "README.md").unlink()
    world.push("tester/unfinished", unfinished)
    assert b'("tester/unfinished")' in card_of(world, "tester/unfinished")
