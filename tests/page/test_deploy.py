"""The page to a Space, with the real client; and the page started from what arrived there."""

import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from gradio_client import Client
from markdown_it import MarkdownIt

from tests.support.hub_server import Reply
from tests.support.paths import ROOT
from tests.support.processes import TOKEN, Outcome, environment, run
from tests.support.spaces import check_out, started
from tests.support.timelines import HOSTILE, write_timeline
from tests.support.world import OTHER_TOKEN, TOKENS, World, open_world
from textgen import Timeline

HEADING, CANARY = "Watch a small network learn to write", "This page came from the clone"
SECRETS = (
    ".env",
    "token.txt",
    "secret.py",
    "textgen/secret.env",
    "textgen/notes.txt",
    "textgen/inner/secret.py",
    "textgen/web/.env",
    "textgen/web/secret.txt",
    "pretrained/letters/optimizer.bin",
    "pretrained/letters/snapshots/step-0000001.weights.h5",  # not in the manifest
    "pretrained/secret.txt",
    "benchmarks/secret.png",
    "pictures/secret.png",
)
PAGE = {
    *("LICENSE", "README.md", "app.py", "benchmarks/training.png", "model_card.md"),
    *("pyproject.toml", "requirements.txt", "train.py"),
    *("pictures/learning.webp", "pictures/page.png", "pictures/phone.png"),
    *(f"textgen/web/{path.name}" for path in (ROOT / "textgen" / "web").iterdir()),
}
NO_PLAN = Reply(402, {"error": "Subscribe"}, {"X-Error-Message": "Subscribe to PRO"})
NOT_ALLOWED = Reply(403, {"error": "No"}, {"X-Error-Message": "Not for you"})


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with a small timeline in pretrained/, a heading of its own, and secrets about."""
    clone = tmp_path_factory.mktemp("clones") / "clone"
    unneeded = ("__pycache__", "*.egg-info", "build", "dist", "pretrained", "timelines", "corpora")
    left_out = shutil.ignore_patterns(".*", *unneeded)
    shutil.copytree(ROOT, clone, ignore=left_out)
    write_timeline(clone / "pretrained" / "letters")
    components = clone / "textgen" / "page" / "components.py"
    components.write_text(components.read_text().replace(HEADING, CANARY))
    for name in SECRETS:
        (clone / name).parent.mkdir(exist_ok=True)
        (clone / name).write_text(f"HF_TOKEN={TOKEN}\n")
    return clone


@pytest.fixture(scope="module", params=["regular", "lfs"])
def world(
    request: pytest.FixtureRequest, clone: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    root, lfs = tmp_path_factory.mktemp(request.param), request.param == "lfs"
    with open_world(root, lfs=lfs, changes={"PYTHONPATH": str(clone)}) as world:
        world.publish("tester/letters")
        world.publish("tester/secret", private=True)
        yield world


@pytest.fixture
def faulty(world: World) -> Iterator[World]:
    """The same Hub, behaving again after the test."""
    yield world
    world.hub.fault = None


def deploy(world: World, space_id: str, *flags: str) -> Outcome:
    """Deploy as "tester" and return what was said; nothing may hold a token."""
    outcome = world.worker.textgen("deploy", space_id, *flags).check()
    files = world.hub.files(f"spaces/{space_id}")
    log = world.hub.repo(f"spaces/{space_id}").git("log", "--format=%B")
    said = (
        outcome.out,
        outcome.err,
        log,
        *(content.decode("latin-1") for content in files.values()),
    )
    assert not [text for text in said for token in TOKENS if token in text]
    return outcome


def refused(world: World, *arguments: str, token: str | None = TOKEN) -> str:
    """Deploy in vain, and return the one line that says why."""
    outcome = world.worker.textgen("deploy", *arguments, token=token)
    assert outcome.status == 1, outcome
    assert outcome.out == ""
    assert outcome.err.startswith("textgen: ")
    assert outcome.err.count("\n") == 1, outcome.err
    assert not [known for known in TOKENS if known in outcome.err]
    return outcome.err


def front_matter(world: World, space_id: str) -> dict[str, object]:
    """Return the settings in a Space's README."""
    readme = world.hub.files(f"spaces/{space_id}")["README.md"].decode()
    settings: dict[str, object] = yaml.safe_load(readme.split("---\n", 2)[1])
    return settings


def modules(clone: Path) -> set[str]:
    return {
        path.relative_to(clone).as_posix()
        for path in (clone / "textgen").rglob("*.py")
        if path.parent.name != "inner"
    }


def test_a_deploy_is_one_commit_of_exactly_the_page(world: World, clone: Path) -> None:
    outcome = deploy(world, "tester/whole")
    commit, _creation = world.hub.commits("spaces/tester/whole")
    address = f"{world.hub.endpoint}/spaces/tester/whole"
    assert f"{address}/commit/{commit}\n" in outcome.out
    assert outcome.out.endswith(f" {address}\n")
    timeline = Timeline.from_pretrained(clone / "pretrained" / "letters")
    bundled = {f"pretrained/letters/{name}" for name in timeline.files()}
    files = world.hub.files("spaces/tester/whole")
    assert set(files) == PAGE | modules(clone) | bundled
    del files["README.md"]
    assert files == {name: (clone / name).read_bytes() for name in files}
    assert world.hub.repo("spaces/tester/whole").settings == {"sdk": "gradio"}
    assert not world.hub.repo("spaces/tester/whole").private


def test_the_pictures_that_the_readme_shows_go_along(clone: Path) -> None:
    html = MarkdownIt().render((clone / "README.md").read_text())
    shown = re.findall(r'<img src="([^"]+)"', html)
    assert len(shown) == 4
    assert set(shown) <= PAGE


def test_deploying_again_makes_no_commit(world: World) -> None:
    first = world.worker.textgen("deploy", "tester/again").check().out
    commits = world.hub.commits("spaces/tester/again")
    assert world.worker.textgen("deploy", "tester/again").check().out == first
    assert world.hub.commits("spaces/tester/again") == commits


def test_what_an_earlier_deploy_left_is_deleted_and_the_owners_files_stay(world: World) -> None:
    deploy(world, "tester/updated")
    new = world.hub.files("spaces/tester/updated")
    old = {
        "textgen/old.py": b"x\n",
        "web/old.js": b"x\n",
        "pretrained/old/timeline.json": b"{}",
        "app.py": b"old\n",
    }
    owners = {".gitattributes": b"*.h5 -text\n", "notes/mine.md": b"x\n", "textgen.md": b"x\n"}
    world.hub.commit("spaces/tester/updated", old | owners)
    before = world.hub.commits("spaces/tester/updated")
    deploy(world, "tester/updated")
    assert world.hub.commits("spaces/tester/updated")[1:] == before
    assert world.hub.files("spaces/tester/updated") == new | owners


def test_models_are_named_to_the_space_and_pretrained_ones_leave_it(world: World) -> None:
    space = world.hub.create("spaces/tester/models")
    deploy(world, "tester/models")
    assert space.variables == {}
    assert "models" not in front_matter(world, "tester/models")
    revision = world.hub.commits("tester/letters")[0]
    named = ("tester/letters", f"tester/letters@{revision}")
    outcome = deploy(world, "tester/models", *(f"--model={name}" for name in named))
    assert "HF_TOKEN" not in outcome.out
    assert space.variables == {"TEXTGEN_MODELS": ",".join(named)}
    assert front_matter(world, "tester/models")["models"] == ["tester/letters"]
    assert not [name for name in world.hub.files(space.name) if name.startswith("pretrained/")]
    request_id = len(world.hub.requests)
    deploy(world, "tester/models", *(f"--model={name}" for name in named))
    changed = [
        method for method, path in world.hub.requests[request_id:] if path.endswith("/variables")
    ]
    assert changed == ["GET"]
    space.variables["OWNERS"] = "stays"
    deploy(world, "tester/models")
    assert space.variables == {"OWNERS": "stays"}
    assert "pretrained/letters/timeline.json" in world.hub.files(space.name)


def test_a_model_that_is_not_public_is_said_to_need_a_secret(world: World) -> None:
    models = ("tester/secret", "tester/letters", "tester/secret@main")
    outcome = deploy(world, "tester/hidden", *(f"--model={name}" for name in models))
    settings = f"{world.hub.endpoint}/spaces/tester/hidden/settings"
    hints = [line for line in outcome.out.splitlines() if "secret HF_TOKEN" in line]
    assert [(hint.split()[0], hint.split()[-1]) for hint in hints] == [("tester/secret", settings)]


def test_a_private_space_is_private_and_a_public_one_is_not_taken_for_it(world: World) -> None:
    deploy(world, "tester/private", "--private")
    assert world.hub.repo("spaces/tester/private").private
    deploy(world, "tester/private", "--private")
    deploy(world, "tester/public")
    before = world.hub.commits("spaces/tester/public")
    assert "exists and is public; nothing was sent" in refused(
        world, "tester/public", "--private", "--title=Other"
    )
    assert world.hub.commits("spaces/tester/public") == before


def test_hardware_is_asked_for_at_creation_and_later(world: World) -> None:
    deploy(world, "tester/hardware", "--hardware", "zero-a10g")
    settings = world.hub.repo("spaces/tester/hardware").settings
    assert settings["hardware"] == "zero-a10g"
    assert not [path for _, path in world.hub.requests if path.endswith("hardware/hardware")]
    deploy(world, "tester/hardware")
    assert settings["hardware"] == "zero-a10g"
    deploy(world, "tester/hardware", "--hardware", "cpu-upgrade")
    assert settings["hardware"] == "cpu-upgrade"


def test_the_front_matter_is_the_readmes_with_what_is_installed_here(world: World) -> None:
    deploy(world, "tester/front")
    settings = front_matter(world, "tester/front")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    _, expected, body = readme.split("---\n", 2)
    assert settings == yaml.safe_load(expected) | {"sdk_version": version("gradio")}
    assert list(settings) == list(yaml.safe_load(expected))
    assert world.hub.files("spaces/tester/front")["README.md"].decode().endswith(f"---\n{body}")


@pytest.mark.parametrize("title", ["Écrire: 'un' \"texte\" # 1", "no", f"---\n{HOSTILE}"])
def test_any_title_is_the_title_and_nothing_else(world: World, title: str) -> None:
    deploy(world, "tester/front")
    plain = front_matter(world, "tester/front")
    deploy(world, "tester/front", "--title", title)
    readme = world.hub.files("spaces/tester/front")["README.md"].decode()
    settings = next(yaml.safe_load_all(readme))
    assert settings == plain | {"title": title}


def test_files_the_readme_shows_are_in_the_space(world: World) -> None:
    deploy(world, "tester/pictures")
    files = world.hub.files("spaces/tester/pictures")
    shown = [part.split(")")[0] for part in files["README.md"].decode().split("](")[1:]]
    local = [link for link in shown if "://" not in link]
    assert local
    assert set(local) <= set(files)


@pytest.mark.parametrize("name", ["noslash", "a/b/c", "tester/..", "tester/a b", "tester/a--b"])
def test_invalid_names_are_refused_before_anything_is_sent(world: World, name: str) -> None:
    request_id = len(world.hub.requests)
    for arguments in ((name,), ("tester/new", "--model", name)):
        assert f"Invalid repository name {name!r}" in refused(world, *arguments)
    assert len(world.hub.requests) == request_id


@pytest.mark.parametrize("revision", ["", "a,b/c", "a b", "v1@v2 "])
def test_a_revision_that_the_variable_cannot_hold_is_refused(world: World, revision: str) -> None:
    request_id = len(world.hub.requests)
    model = f"tester/letters@{revision}"
    assert f"Invalid model {model!r}" in refused(world, "tester/new", "--model", model)
    assert len(world.hub.requests) == request_id


def test_unknown_hardware_is_refused_before_anything_is_sent(world: World) -> None:
    request_id = len(world.hub.requests)
    said = refused(world, "tester/new", "--hardware", "abacus")
    assert "'abacus'" in said
    assert "zero-a10g" in said
    assert len(world.hub.requests) == request_id


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
    assert "holds another app; nothing was sent" in refused(world, "tester/chess")
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


@pytest.fixture
def own_clone(clone: Path, tmp_path: Path) -> Path:
    """A clone to spoil."""
    return shutil.copytree(clone, tmp_path / "clone")


def spoiled(clone: Path, home: Path) -> str:
    """Deploy from a clone that is not fit for it, and return why; no Hub is there to be asked."""
    env = environment(home, PYTHONPATH=str(clone))
    outcome = run("-m", "textgen", "deploy", "tester/new", cwd=home, env=env)
    assert (outcome.status, outcome.out, outcome.err.count("\n")) == (1, "", 1), outcome
    return outcome.err


def test_a_package_without_its_clone_says_that_it_takes_one(
    own_clone: Path, tmp_path: Path
) -> None:
    (own_clone / "app.py").unlink()
    assert "a Space is made from a clone" in spoiled(own_clone, tmp_path)


@pytest.mark.parametrize(
    "name", ["textgen/web/page.css", "textgen/service/reuse.py", "pretrained/letters/README.md"]
)
def test_links_are_not_followed(own_clone: Path, tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes((own_clone / name).read_bytes())
    (own_clone / name).unlink()
    (own_clone / name).symlink_to(secret)
    assert f"{own_clone / name} is missing or a link" in spoiled(own_clone, tmp_path)


def test_folders_that_are_links_are_not_followed(own_clone: Path, tmp_path: Path) -> None:
    shutil.move(own_clone / "pretrained", tmp_path / "elsewhere")
    (own_clone / "pretrained").symlink_to(tmp_path / "elsewhere")
    assert "is missing or a link" in spoiled(own_clone, tmp_path)


@pytest.mark.parametrize("name", ["textgen/page/my_settings.py", "pretrained/draft"])
def test_what_git_does_not_know_is_not_sent(own_clone: Path, tmp_path: Path, name: str) -> None:
    for command in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *command], cwd=own_clone, check=True)
    if name.endswith(".py"):
        (own_clone / name).write_text("SECRET = 1\n")
    else:
        write_timeline(own_clone / name)
    said = spoiled(own_clone, tmp_path)
    assert str(own_clone / name) in said
    assert "unknown to git" in said


def test_a_clone_without_a_timeline_asks_for_a_model(own_clone: Path, tmp_path: Path) -> None:
    shutil.rmtree(own_clone / "pretrained")
    assert "--model" in spoiled(own_clone, tmp_path)


def test_an_altered_timeline_is_not_sent(own_clone: Path, tmp_path: Path) -> None:
    weights = next((own_clone / "pretrained" / "letters" / "snapshots").glob("*00.weights.h5"))
    weights.write_bytes(b"no weights")
    assert weights.name in spoiled(own_clone, tmp_path)


@pytest.mark.parametrize("pin", ["gradio==5.0.0", "gradio>=6"])
def test_a_gradio_that_was_not_tried_here_is_refused(
    own_clone: Path, tmp_path: Path, pin: str
) -> None:
    requirements = own_clone / "requirements.txt"
    text = requirements.read_text()
    requirements.write_text(text.replace(f"gradio=={version('gradio')}", pin))
    said = spoiled(own_clone, tmp_path)
    assert version("gradio") in said
    assert "pip install -r requirements.txt" in said


def test_a_description_too_long_for_the_hub_is_refused(own_clone: Path, tmp_path: Path) -> None:
    readme = own_clone / "README.md"
    text = readme.read_text().replace("short_description: ", f"short_description: {'x' * 60}")
    readme.write_text(text)
    assert "the Hub takes 60" in spoiled(own_clone, tmp_path)


def writes(address: str) -> str:
    """Return what a running page writes, once it turned out to be the clone's own."""
    with urllib.request.urlopen(address, timeout=30) as page:
        assert CANARY in page.read().decode()
    client = Client(address, verbose=False)
    text = client.predict(seed_text="a bad ", length=50, seed=7, api_name="/generate")
    client.close()
    return str(text)


def test_what_arrived_is_a_page_that_runs(world: World, tmp_path: Path) -> None:
    deploy(world, "tester/runs")
    space = check_out(world.hub, "tester/runs", tmp_path / "space")
    expected = world.timeline.generator().generate("a bad ", length=50, seed=7)
    with started(space, tmp_path, world.hub.endpoint, HF_HUB_OFFLINE="1") as address:
        assert writes(address) == f"a bad {expected}"


def test_a_space_shows_the_models_it_was_told(world: World, tmp_path: Path) -> None:
    deploy(world, "tester/told", "--model", "tester/secret")
    space = check_out(world.hub, "tester/told", tmp_path / "space")
    variables = world.hub.repo("spaces/tester/told").variables
    expected = world.timeline.generator().generate("a bad ", length=50, seed=7)
    with started(space, tmp_path, world.hub.endpoint, HF_TOKEN=TOKEN, **variables) as address:
        assert writes(address) == f"a bad {expected}"
