"""Tests of errors of the Hub: each is explained in one line that never shows a token."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.hub_server import HANG_UP, Reply
from tests.support.processes import TOKEN, Outcome, Worker
from tests.support.world import OTHER_TOKEN, TOKENS, World, open_world

INVALID_TOKEN = "hf_nobody_has_this"
QUIET = {"HF_HUB_DISABLE_PROGRESS_BARS": "1"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("errors"), changes=QUIET) as world:
        world.publish("tester/here")
        world.publish("tester/private", private=True)
        world.publish("tester/gated", gated=True)
        yield world


@pytest.fixture
def fresh(world: World) -> Iterator[World]:
    """The same Hub, working normally again after the test."""
    yield world
    world.hub.fault = None


def complaint(outcome: Outcome) -> str:
    """Return the one line that a failed command printed."""
    assert outcome.status == 1, outcome
    for token in (INVALID_TOKEN, *TOKENS):
        assert token not in outcome.out + outcome.err
    assert outcome.out == ""
    assert outcome.err.startswith("textgen: ")
    assert outcome.err.count("\n") == 1, outcome.err
    return outcome.err


def refused(world: World, *arguments: str | Path, token: str | None = TOKEN) -> str:
    """Run `python -m textgen`, which must fail without changing the Hub; return its message."""
    before = world.hub.commits("tester/here")
    said = complaint(world.worker.textgen(*arguments, token=token))
    assert world.hub.commits("tester/here") == before
    return said


@pytest.mark.parametrize(
    "name",
    ["noslash", "a/b/c", "tester/..", "tester/a b", "tester/a--b", "/tester", "tester/" + "x" * 97],
)
def test_a_name_that_the_hub_cannot_have_is_refused_before_anything_is_sent(
    world: World, name: str
) -> None:
    before = len(world.hub.requests)
    for arguments in (("push", world.timeline.directory, name), ("inspect", name)):
        said = refused(world, *arguments)
        assert repr(name) in said
        assert "USER/REPO" in said
    assert len(world.hub.requests) == before


@pytest.mark.parametrize("name", ["tester/a..b", "tester/a.git"])
def test_names_that_only_the_client_knows_to_be_invalid_are_explained(
    world: World, name: str
) -> None:
    assert f"Invalid repository name {name!r}" in refused(
        world, "push", world.timeline.directory, name
    )


@pytest.mark.parametrize("repo_id", ["tester/none", "tester/private"])
@pytest.mark.parametrize("token", [OTHER_TOKEN, None])
def test_a_repository_that_cannot_be_seen_is_reported(
    world: World, repo_id: str, token: str | None
) -> None:
    said = refused(world, "inspect", repo_id, token=token)
    assert f"No model repository {repo_id} can be seen" in said
    assert "hf auth login" in said


def test_an_invalid_token_is_reported(world: World) -> None:
    push = ("push", world.timeline.directory, "tester/here")
    for arguments in (push, ("inspect", "tester/here")):
        said = refused(world, *arguments, token=INVALID_TOKEN)
        assert "refused the token" in said
        assert "settings/tokens" in said


def test_a_push_without_a_token_says_how_to_log_in(world: World) -> None:
    for repo_id in ("tester/here", "tester/new"):
        said = refused(world, "push", world.timeline.directory, repo_id, token=None)
        hint = "Log in with 'hf auth login' or set HF_TOKEN."
        assert said == f"textgen: No Hugging Face token found. {hint}\n"


def test_a_push_without_write_access_says_so(world: World) -> None:
    for repo_id in ("tester/here", "tester/new"):
        said = refused(world, "push", world.timeline.directory, repo_id, token=OTHER_TOKEN)
        assert "may write to " + repo_id in said


@pytest.mark.parametrize("revision", ["v9", "0" * 40])
def test_a_missing_revision_is_named(world: World, revision: str) -> None:
    said = refused(world, "inspect", "tester/here", "--revision", revision)
    assert f"tester/here has no revision '{revision}'" in said


@pytest.mark.parametrize("token", [OTHER_TOKEN, None])
def test_a_gated_repository_says_where_to_get_access(world: World, token: str | None) -> None:
    said = refused(world, "inspect", "tester/gated", token=token)
    assert "tester/gated is gated: accept its terms" in said


def test_the_owner_passes_the_gate_and_sees_what_is_private(world: World) -> None:
    for repo_id in ("tester/gated", "tester/private"):
        world.worker.textgen("inspect", repo_id).check()


def test_a_repository_without_a_timeline_is_reported(world: World) -> None:
    world.hub.create("tester/bert")
    world.hub.commit("tester/bert", {"config.json": b"{}", "model.safetensors": b"large"})
    before = len(world.hub.requests)
    assert "tester/bert is not a timeline" in refused(world, "inspect", "tester/bert")
    assert not [path for _, path in world.hub.requests[before:] if "safetensors" in path]


def test_a_directory_without_a_timeline_is_reported(world: World, tmp_path: Path) -> None:
    before = len(world.hub.requests)
    for arguments in (("push", tmp_path, "tester/new"), ("inspect", tmp_path)):
        assert f"{tmp_path} is not a timeline" in refused(world, *arguments)
    assert "there is no such directory" in refused(world, "inspect", tmp_path / "none")
    assert len(world.hub.requests) == before


def test_a_directory_has_no_revisions(world: World) -> None:
    said = refused(world, "inspect", world.timeline.directory, "--revision", "v1")
    assert "only Hub repositories have revisions" in said


def answered(status: int) -> str:
    return rf"The Hub answered {status} for {{repo_id}}: .+ Try again later\."


UNREACHABLE = r"Cannot reach the Hub at {endpoint} \(\w+\): check the network and try again\."
UNREADABLE = r"Cannot read the answer of the Hub at {endpoint} \(\w+\): .* and try again\."
BAD_ANSWERS = [
    pytest.param(Reply(500), answered(500), id="500"),
    pytest.param(Reply(429), answered(429), id="429"),
    pytest.param(Reply(200, b"<html>Log in to this network</html>"), UNREACHABLE, id="garbage"),
    pytest.param(HANG_UP, UNREACHABLE, id="hang up"),
]


@pytest.mark.parametrize(("reply", "meaning"), BAD_ANSWERS)
@pytest.mark.parametrize("path", ["/api/repos/create", "/api/models/tester/here/commit/main"])
def test_a_push_to_a_failing_hub_is_explained_in_one_line(
    fresh: World, path: str, reply: Reply, meaning: str
) -> None:
    fresh.hub.fault = lambda _, each: reply if each == path else None
    said = refused(fresh, "push", fresh.timeline.directory, "tester/here")
    assert re.search(meaning.format(repo_id="tester/here", endpoint=fresh.hub.endpoint), said)


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        *BAD_ANSWERS,
        pytest.param(Reply(200, {}), UNREADABLE, id="object"),
        pytest.param(Reply(200, []), UNREADABLE, id="list"),
    ],
)
def test_a_pull_from_a_failing_hub_is_explained_in_one_line(
    fresh: World, reply: Reply, meaning: str
) -> None:
    fresh.hub.fault = lambda *_: reply
    said = refused(fresh, "inspect", "tester/never-seen")
    assert re.search(meaning.format(repo_id="tester/never-seen", endpoint=fresh.hub.endpoint), said)


def test_half_a_timeline_is_never_taken_for_a_complete_one(fresh: World) -> None:
    fresh.publish("tester/half")
    lost = fresh.timeline.best.file
    fresh.hub.fault = lambda _, path: Reply(404) if path.endswith(lost) else None
    refused(fresh, "inspect", "tester/half")
    local = "TextGenerator.from_pretrained('tester/half', local_files_only=True)"
    outcome = fresh.worker.python(f"from textgen import TextGenerator; {local}")
    assert "HubError: tester/half is not in the cache" in outcome.err
    fresh.hub.fault = None
    fresh.worker.textgen("inspect", "tester/half").check()


def test_without_a_network_the_address_that_was_tried_is_named(tmp_path: Path) -> None:
    with Worker(tmp_path, **QUIET) as worker:
        said = complaint(worker.textgen("inspect", "tester/here"))
    assert "the Hub at http://127.0.0.1:9 was not reached: check the network" in said


def test_a_repository_never_downloaded_is_missing_offline(world: World, tmp_path: Path) -> None:
    before = len(world.hub.requests)
    with Worker(tmp_path, world.hub.endpoint, HF_HUB_OFFLINE="1", **QUIET) as worker:
        said = complaint(worker.textgen("inspect", "tester/here"))
        assert "tester/here is not in the cache" in said
        complaint(worker.textgen("push", world.timeline.directory, "tester/here"))
    assert len(world.hub.requests) == before


def test_a_cache_that_cannot_be_written_is_named(world: World, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = str(tmp_path / "file" / "cache")
    with Worker(tmp_path, world.hub.endpoint, HF_HUB_CACHE=cache, **QUIET) as worker:
        said = worker.textgen("inspect", "tester/here").err.splitlines()
    assert said[-1].startswith("textgen: ")
    assert cache in said[-1]


def test_a_token_that_does_not_fit_a_header_is_refused(world: World) -> None:
    assert "token" in refused(world, "inspect", "tester/here", token="hf_tést")


def test_a_push_from_a_missing_directory_does_not_ask_the_hub(world: World) -> None:
    before = len(world.hub.requests)
    assert "not/there" in refused(world, "push", "not/there", "tester/here")
    assert len(world.hub.requests) == before


def test_a_private_push_to_a_public_repository_is_refused(world: World) -> None:
    said = refused(world, "push", world.timeline.directory, "tester/here", "--private")
    assert "tester/here exists and is public; nothing was sent" in said


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(401), "log in with 'hf auth login'"),
        (Reply(403), "log in with 'hf auth login'"),
    ],
    ids=["401", "403"],
)
@pytest.mark.parametrize("of", ["token", "storage"])
def test_a_refusal_of_the_hubs_storage_is_explained(
    fresh: World, of: str, reply: Reply, said: str
) -> None:
    """The real Hub transfers large files with Xet; this covers it up to its first refusal."""
    hub, mark = fresh.hub, "/xet-write-token/"
    expires = int(time.time()) + 3600
    granted = Reply(
        200,
        {"casUrl": hub.endpoint, "accessToken": "t", "exp": expires},
        {
            "X-Xet-Cas-Url": hub.endpoint,
            "X-Xet-Access-Token": "t",
            "X-Xet-Token-Expiration": str(expires),
        },
    )

    def fault(_: str, path: str) -> Reply | None:
        if mark in path:
            return reply if of == "token" else granted
        return reply if path.startswith(("/v1/", "/v2/", "/xorbs", "/shards")) else None

    hub.fault, hub.lfs = fault, True
    try:
        outcome = refused(fresh, "push", fresh.timeline.directory, "tester/here")
    finally:
        hub.lfs = False
    assert said in outcome


@pytest.mark.parametrize("mistake", ["{}['x']", "len(5)", "None.x", "int('x')", "open('/no/file')"])
def test_bugs_of_our_own_are_not_blamed_on_the_hub(world: World, mistake: str) -> None:
    code = "from textgen.hub.errors import translate_hub_errors\n"
    code += f"with translate_hub_errors('tester/here', None):\n    {mistake}"
    outcome = world.worker.python(code)
    assert outcome.status == 1
    assert "HubError" not in outcome.err
    assert "HubBusyError" not in outcome.err
    assert outcome.err.splitlines()[-1].split(":")[0] in (
        "KeyError",
        "TypeError",
        "AttributeError",
        "ValueError",
        "FileNotFoundError",
    )
