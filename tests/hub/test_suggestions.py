"""Tests of misspelled directories: what the error suggests, and when the Hub is asked."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import Worker
from tests.support.world import World, open_world
from textgen.errors import HubError, TimelineError
from textgen.hub.source import open_source


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("suggestions")) as world:
        world.publish("tester/here")
        yield world


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def timelines(folder: Path, *names: str) -> None:
    """Create directories that have the required file."""
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "timeline.json").touch()


def refused(name: str | Path, revision: str | None = None) -> str:
    """Open a source that does not exist, offline, for the message."""
    with pytest.raises(HubError) as caught:
        open_source(
            name,
            revision=revision,
            local_files_only=True,
            required="timeline.json",
            max_bytes=1000,
        )
    return str(caught.value)


GIVE = "Give a timeline's directory, or USER/REPO for a repository on the Hub."
ACCEPTED = f"there is no such directory. {GIVE}"


@pytest.mark.parametrize("name", ["README.md", "tester/here"])
def test_a_file_is_not_a_timeline(here: Path, name: str) -> None:
    timelines(here / "timelines", "README")
    (here / name).parent.mkdir(exist_ok=True)
    (here / name).touch()
    assert refused(name) == f"No timeline at {name!r}: it is a file. {GIVE}"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a"], "Did you mean books/a?"),
        (["a", "deep/b"], "Did you mean books/a or books/deep/b?"),
        (["a", "b", "c", "d", "e"], "Timelines found there: books/a, books/b, books/c and 2 more."),
    ],
)
def test_timelines_in_a_directory_are_suggested(here: Path, names: list[str], said: str) -> None:
    timelines(here / "books", *names, ".hidden")
    (here / "books" / "notes").mkdir()
    with pytest.raises(TimelineError) as caught:
        open_source("books", required="timeline.json", max_bytes=1000)
    assert str(caught.value) == f"books is not a timeline: it has no timeline.json. {said}"


def test_a_directory_with_the_file_is_opened_whatever_is_in_it(here: Path) -> None:
    timelines(here, "books", "books/a")
    opened = open_source("books", required="timeline.json", max_bytes=1000)
    assert opened.directory == Path("books")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("nietzsche", "pretrained/nietzsche"),
        ("nietsche", "pretrained/nietzsche"),
        ("my-book", "timelines/my-book"),
        ("abov", "above"),
        ("twice", "pretrained/twice or timelines/twice"),
        ("pretrained/nietsche", "pretrained/nietzsche"),
        ("pretrained/nietsche/", "pretrained/nietzsche"),
        ("./timelines/my-bok", "timelines/my-book"),
        ("timelines/my_book", "timelines/my-book"),
        ("~/timelines/my-bok", "timelines/my-book"),
    ],
)
def test_a_similar_directory_is_suggested(
    here: Path, monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    monkeypatch.setenv("HOME", str(here))
    timelines(here / "pretrained", "nietzsche", "twice")
    timelines(here / "timelines", "my-book", "twice")
    timelines(here, "above")
    (here / "nietzsches").mkdir()  # without the required file
    assert refused(name) == f"No timeline at {name!r}. Did you mean {meant}?"


def test_a_suggestion_is_relative_to_the_current_directory(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timelines(here / "timelines", "my-book")
    absolute = here / "timelines" / "my-bok"
    assert refused(absolute).endswith("Did you mean timelines/my-book?")
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    assert refused("../timelines/my-bok").endswith("Did you mean ../timelines/my-book?")


def test_a_suggestion_can_be_pasted_into_a_shell(here: Path) -> None:
    timelines(here / "timelines", "my 'best' book; $HOME")
    suggestion = refused("timelines/my best book; $HOME").partition("Did you mean ")[2][:-1]
    done = subprocess.run(["sh", "-c", f"cat {suggestion}/timeline.json"], capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_message_is_one_line_whatever_the_directories_are_called(here: Path) -> None:
    timelines(here / "timelines", "my\nbook", ".my-book")
    assert "\n" not in refused("timelines/my-book")
    assert "Did you mean" not in refused("timelines/my-book")


@pytest.mark.parametrize(
    ("names", "listed"),
    [
        (["alice"], "timelines/alice"),
        (["alice", "bob", "carol"], "timelines/alice, timelines/bob, timelines/carol"),
        (
            ["alice", "bob", "carol", "dave", "erin"],
            "timelines/alice, timelines/bob, timelines/carol and 2 more",
        ),
    ],
)
def test_up_to_three_timelines_are_listed_if_none_is_similar(
    here: Path, names: list[str], listed: str
) -> None:
    timelines(here / "timelines", *names)
    (here / "timelines" / "notes").mkdir()
    expected = f"No timeline at 'timelines/zzzzzz'. Timelines found there: {listed}."
    assert refused("timelines/zzzzzz") == expected


@pytest.mark.parametrize("name", ["zzzzzz", "a/b/c", "/zzzzzz", "~nobody-zz", "a\0b", "x" * 5000])
def test_without_a_suggestion_the_message_states_what_is_accepted(here: Path, name: str) -> None:
    timelines(here / "timelines", "my-book")
    assert refused(name) == f"No timeline at {name[:200]!r}: {ACCEPTED}"


def test_a_directory_that_may_not_be_listed_is_skipped(here: Path) -> None:
    timelines(here / "pretrained", "nietzsche")
    (here / "secret").mkdir(mode=0)
    assert refused("nietzsche").endswith("Did you mean pretrained/nietzsche?")


def test_a_deleted_current_directory_is_no_obstacle(here: Path) -> None:
    (here / "gone").mkdir()
    os.chdir(here / "gone")
    shutil.rmtree(here / "gone")
    assert refused("nietzsche") == f"No timeline at 'nietzsche': {ACCEPTED}"


def test_the_hub_is_not_asked_about_a_misspelled_directory(world: World, tmp_path: Path) -> None:
    shutil.copytree(world.timeline.directory, tmp_path / "tester" / "letters")
    before = len(world.hub.requests)
    with Worker(tmp_path, world.hub.endpoint) as worker:
        for name in ("tester/leters", "letters"):
            outcome = worker.textgen("inspect", name)
            assert outcome.err == (
                f"textgen: No timeline at {name!r}. Did you mean tester/letters?\n"
            )
        assert len(world.hub.requests) == before
        # Only a repository has revisions, so with one the Hub is asked.
        worker.textgen("inspect", "tester/here", "--revision", "main").check()
        assert len(world.hub.requests) > before


def test_a_repository_is_opened_whatever_directories_there_are(
    world: World, tmp_path: Path
) -> None:
    (tmp_path / "tester").mkdir()
    timelines(tmp_path / "pretrained", "here")
    with Worker(tmp_path, world.hub.endpoint) as worker:
        worker.textgen("inspect", "tester/here").check()


NEITHER = "There is no directory 'tester/none' here. "


def test_a_name_that_is_nowhere_is_missing_here_and_on_the_hub(world: World) -> None:
    outcome = world.worker.textgen("inspect", "tester/none")
    hub = "No model repository tester/none can be seen on the Hub: check the name"
    assert outcome.err.startswith(f"textgen: {NEITHER}{hub}")
    assert outcome.err.count("\n") == 1


def test_an_unreachable_hub_does_not_hide_a_missing_directory(tmp_path: Path) -> None:
    said = refused("tester/none")
    assert said.startswith(f"{NEITHER}tester/none is not in the cache")
    with Worker(tmp_path) as worker:
        outcome = worker.textgen("inspect", "tester/none")
    assert outcome.err.startswith(f"textgen: {NEITHER}")
    assert "the Hub at http://127.0.0.1:9 was not reached: check the network" in outcome.err


def test_a_repository_that_exists_is_not_called_a_missing_directory(world: World) -> None:
    outcome = world.worker.textgen("inspect", "tester/here", "--revision", "v9")
    assert outcome.err == (
        "textgen: tester/here has no revision 'v9': no such branch, tag or commit.\n"
    )
