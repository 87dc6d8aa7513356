"""What is installed: for the app, for training, and in a Space."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.paths import ROOT
from tests.support.processes import environment, run

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
TRAINING = ("keras", "matplotlib", "tensorflow")


def space() -> dict[str, Any]:
    """Return the settings that a Space is given."""
    text = (ROOT / "textgen" / "page" / "space_readme.md").read_text(encoding="utf-8")
    settings: dict[str, Any] = yaml.safe_load(text.split("---\n", 2)[1])
    return settings


def test_the_requirements_are_those_of_the_app_and_of_training() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    listed = [line for line in lines if not line.startswith("#")]
    assert listed == [*PROJECT["dependencies"], *EXTRAS["train"]]


def test_only_training_needs_keras_and_tensorflow() -> None:
    def names(requirements: list[str]) -> set[str]:
        return {re.split(r"[\[<>=]", one)[0] for one in requirements}

    assert names(EXTRAS["train"]) == set(TRAINING)
    assert not names(PROJECT["dependencies"]) & set(TRAINING)


def test_the_space_runs_the_gradio_and_a_python_that_the_package_accepts() -> None:
    assert f"gradio=={version('gradio')}" in PROJECT["dependencies"]
    at_least = tuple(map(int, PROJECT["requires-python"].removeprefix(">=").split(".")))
    assert tuple(map(int, space()["python_version"].split("."))) >= at_least


def test_the_space_starts_the_app_and_the_hub_takes_its_description() -> None:
    assert space()["sdk"] == "gradio"
    assert (ROOT / space()["app_file"]).is_file()
    assert len(space()["short_description"]) <= 60


IMPORTED = """
import sys
import textgen, textgen.cli.main
textgen.cli.main.build_parser()
textgen.cli.app.load_timelines(["pretrained/nietzsche"])
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"keras", "matplotlib",
    "tensorflow", "gradio"}))
"""


@pytest.mark.slow
def test_reading_and_writing_start_without_keras_or_gradio(tmp_path: Path) -> None:
    assert run("-c", IMPORTED, env=environment(tmp_path)).check().out == "\n"


@pytest.fixture
def without_training(tmp_path: Path) -> dict[str, str]:
    """An environment in which nothing that only training needs can be imported."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import sys\n"
        "class Hidden:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] in {TRAINING}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Hidden())\n"
    )
    return environment(tmp_path, PYTHONPATH=f"{hidden}:{ROOT}")


@pytest.mark.slow
def test_training_without_keras_says_in_one_line_what_to_install(
    without_training: dict[str, str],
) -> None:
    outcome = run("train.py", "--corpus", "LICENSE", cwd=ROOT, env=without_training)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.count("\n") == 1
    assert "keras" in outcome.err
    assert outcome.err.endswith("python -m pip install -e '.[train]'\n")


@pytest.mark.slow
def test_the_app_and_the_other_commands_need_no_keras(without_training: dict[str, str]) -> None:
    for arguments in (("app.py", "--help"), ("train.py", "--help"), ("-m", "textgen", "--help")):
        run(*arguments, cwd=ROOT, env=without_training).check()
    written = run(
        *("-m", "textgen", "generate", "pretrained/nietzsche", "the soul ", "--seed", "1"),
        cwd=ROOT,
        env=without_training,
    )
    assert written.check().out.startswith("the soul ")
