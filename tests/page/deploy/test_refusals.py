"""What is refused before anything is sent, and what the Hub refuses, each in one line."""

import pytest

from tests.support.deploying import deploy, refused
from tests.support.hub_server import Reply
from tests.support.world import OTHER_TOKEN, World

NO_PLAN = Reply(402, {"error": "Subscribe"}, {"X-Error-Message": "Subscribe to PRO"})


NOT_ALLOWED = Reply(403, {"error": "No"}, {"X-Error-Message": "Not for you"})


@pytest.mark.parametrize("name", ["noslash", "a/b/c", "tester/..", "tester/a b", "tester/a--b"])
def test_invalid_names_are_refused_before_anything_is_sent(world: World, name: str) -> None:
    before = len(world.hub.requests)
    assert f"Invalid Space name {name!r}. Give USER/SPACE, " in refused(world, name)
    said = refused(world, "tester/new", "--model", name)
    assert f"Invalid repository name {name!r}. Give USER/REPO, " in said
    assert len(world.hub.requests) == before


@pytest.mark.parametrize("revision", ["", "a,b/c", "a b", "v1@v2 "])
def test_a_revision_that_the_variable_cannot_hold_is_refused(world: World, revision: str) -> None:
    before = len(world.hub.requests)
    model = f"tester/letters@{revision}"
    assert f"Invalid model {model!r}" in refused(world, "tester/new", "--model", model)
    assert len(world.hub.requests) == before


def test_unknown_hardware_is_refused_before_anything_is_sent(world: World) -> None:
    before = len(world.hub.requests)
    said = refused(world, "tester/new", "--hardware", "abacus")
    assert "'abacus'" in said
    assert "zero-a10g" in said
    assert "Did you mean" not in said
    said = refused(world, "tester/new", "--hardware", "zerogpu")
    assert said.rstrip().endswith(". Did you mean zero-a10g?")
    assert len(world.hub.requests) == before


def test_models_that_the_page_could_not_show_create_no_space(world: World) -> None:
    world.hub.create("tester/bert")
    for model, said in (
        ("tester/none", "No model repository tester/none can be seen"),
        ("tester/letters@v9", "tester/letters has no revision 'v9'"),
        ("tester/bert", "tester/bert is not a timeline"),
    ):
        assert said in refused(world, "tester/unborn", "--model", model)
    assert not world.hub.exists("spaces/tester/unborn")


def test_another_app_is_not_written_over(world: World) -> None:
    world.hub.create("spaces/tester/chess")
    world.hub.commit("spaces/tester/chess", {"app.py": b"print('check')\n"})
    before = world.hub.commits("spaces/tester/chess")
    assert "runs another app; nothing was sent" in refused(world, "tester/chess")
    assert world.hub.commits("spaces/tester/chess") == before


def test_without_a_token_it_is_said_how_to_log_in(world: World) -> None:
    assert "hf auth login" in refused(world, "tester/anonymous", token=None)


def test_where_one_may_not_write_is_said(world: World) -> None:
    deploy(world, "tester/mine")
    before = world.hub.commits("spaces/tester/mine")
    for space_id in ("tester/mine", "tester/not-there"):
        said = refused(world, space_id, "--title=Other", token=OTHER_TOKEN)
        assert f"may write to {space_id}" in said
    assert world.hub.commits("spaces/tester/mine") == before


@pytest.mark.parametrize("reply", [NO_PLAN, NOT_ALLOWED], ids=["402", "403"])
def test_a_space_that_the_account_may_not_have_says_what_it_may(
    faulty: World, reply: Reply
) -> None:
    faulty.hub.fault = lambda _, path: reply if path == "/api/repos/create" else None
    said = refused(faulty, "tester/refused")
    assert reply.headers["X-Error-Message"] in said
    assert "needs a PRO or Team account" in said
    assert "--hardware zero-a10g" in said
    assert not faulty.hub.exists("spaces/tester/refused")


def test_a_title_that_the_hub_does_not_take_is_explained(faulty: World) -> None:
    errors = [{"message": '"title" length must be less than 3 characters'}]
    invalid = Reply(400, {"errors": errors, "warnings": []})
    faulty.hub.fault = lambda _, path: invalid if path == "/api/validate-yaml" else None
    said = refused(faulty, "tester/titled", "--title", "long")
    assert errors[0]["message"] in said


def test_a_space_changed_meanwhile_is_not_written_over(faulty: World) -> None:
    deploy(faulty, "tester/raced")

    def interfere(method: str, path: str) -> None:
        if "/preupload/" in path:
            faulty.hub.fault = None
            faulty.hub.commit("spaces/tester/raced", {"notes.md": b"mine\n"})

    faulty.hub.fault = interfere
    assert "changed by somebody else" in refused(faulty, "tester/raced", "--title=Other")
    assert faulty.hub.files("spaces/tester/raced")["notes.md"] == b"mine\n"
