"""The page to a Space, with the real client; and the page started from what arrived there."""

import tomllib
import urllib.request
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from gradio_client import Client

from tests.support.deploying import CANARY, PAGE, deploy, front_matter, modules, refused
from tests.support.paths import ROOT
from tests.support.processes import TOKEN
from tests.support.spaces import check_out, started
from tests.support.timelines import HOSTILE
from tests.support.world import World
from textgen import Timeline


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
    del files["README.md"], files["requirements.txt"]
    assert files == {name: (clone / name).read_bytes() for name in files}
    assert world.hub.repo("spaces/tester/whole").settings == {"sdk": "gradio"}
    assert not world.hub.repo("spaces/tester/whole").private


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
    before = len(world.hub.requests)
    deploy(world, "tester/models", *(f"--model={name}" for name in named))
    changed = [
        method for method, path in world.hub.requests[before:] if path.endswith("/variables")
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


def test_the_readme_is_the_spaces_own_with_what_is_installed_here(world: World) -> None:
    deploy(world, "tester/front")
    settings = front_matter(world, "tester/front")
    template = (ROOT / "textgen" / "page" / "space_readme.md").read_text(encoding="utf-8")
    _, expected, body = template.split("---\n", 2)
    assert settings == yaml.safe_load(expected) | {"sdk_version": version("gradio")}
    readme = world.hub.files("spaces/tester/front")["README.md"].decode()
    assert readme.endswith(f"---\n{body.replace('SPACE_ID', 'tester/front')}")
    assert "SPACE_ID" not in readme


def test_the_space_installs_what_the_app_needs_and_nothing_for_training(world: World) -> None:
    deploy(world, "tester/slim")
    listed = world.hub.files("spaces/tester/slim")["requirements.txt"].decode().splitlines()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert listed == project["dependencies"]
    assert not {name.split(">")[0] for name in listed} & {"keras", "tensorflow", "matplotlib"}


@pytest.mark.parametrize("title", ["Écrire: 'un' \"texte\" # 1", "no", f"---\n{HOSTILE}"])
def test_any_title_is_the_title_and_nothing_else(world: World, title: str) -> None:
    deploy(world, "tester/front")
    plain = front_matter(world, "tester/front")
    deploy(world, "tester/front", "--title", title)
    readme = world.hub.files("spaces/tester/front")["README.md"].decode()
    settings = next(yaml.safe_load_all(readme))
    assert settings == plain | {"title": title}


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
