"""What of a clone is sent, and which clones are not fit for it."""

import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support.processes import environment, run
from tests.support.timelines import write_timeline


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
    assert "Deploying needs a clone" in spoiled(own_clone, tmp_path)


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
    assert "not tracked by git" in said


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
    project = own_clone / "pyproject.toml"
    project.write_text(project.read_text().replace(f"gradio=={version('gradio')}", pin))
    said = spoiled(own_clone, tmp_path)
    assert version("gradio") in said
    assert "pip install -e ." in said


def test_a_description_too_long_for_the_hub_is_refused(own_clone: Path, tmp_path: Path) -> None:
    readme = own_clone / "textgen" / "page" / "space_readme.md"
    text = readme.read_text().replace("short_description: ", f"short_description: {'x' * 60}")
    readme.write_text(text)
    assert "the Hub accepts at most 60" in spoiled(own_clone, tmp_path)
