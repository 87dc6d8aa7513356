"""Every command and snippet of the documentation, run as a reader would."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.documents import PAGES, README, blocks, named
from tests.support.paths import ROOT
from tests.support.workshop import Workshop, asks_the_app, is_installation, is_rented_gpu
from textgen.cli.train import build_parser as train_parser
from textgen.cli.train_arguments import recipe_of

pytestmark = pytest.mark.slow

LANGUAGES = {"", "bash", "json", "powershell", "python"}


def runs_here(page: Path) -> bool:
    return any(block.language in ("bash", "python") for block in blocks(page))


@pytest.mark.parametrize("page", [page for page in PAGES if runs_here(page)], ids=named)
def test_the_commands_and_snippets_run(page: Path, workshop: Workshop) -> None:
    trained_here = "--output timelines/my-book\n"
    if any(trained_here in block.text for block in blocks(page, "bash")):
        (workshop.directory / "timelines" / "my-book").rename(workshop.directory / "not-needed")
    for block in blocks(page, "bash"):
        if not (asks_the_app(block) or is_installation(block) or is_rented_gpu(block)):
            workshop.bash(block)
    python = [block for block in blocks(page, "python") if not asks_the_app(block)]
    if python:
        workshop.python(python)


def test_no_block_is_in_a_language_that_is_not_run() -> None:
    assert {block.language for page in PAGES for block in blocks(page)} == LANGUAGES


def test_the_installing_commands_are_those_that_the_gate_runs() -> None:
    app, tests = [block.text for block in blocks(README, "bash") if is_installation(block)]
    assert app.endswith("&& .venv/bin/python app.py\n")
    assert tests.endswith("&& .venv/bin/python -m pytest\n")
    for page in PAGES:
        for block in blocks(page, "bash"):
            assert not is_installation(block) or block.text in (app, tests)


def test_the_commands_for_windows_are_the_same() -> None:
    app, _ = [block.text for block in blocks(README, "bash") if is_installation(block)]
    windows = app.replace("python3", "py").replace("/bin/", "\\Scripts\\").replace(" &&", ";")
    windows = windows.replace(".venv\\Scripts", ".venv\\Scripts")
    activate = ".venv\\Scripts\\activate\n"
    for page in PAGES:
        for block in blocks(page, "powershell"):
            assert block.text in (windows, activate)


def test_the_command_that_rents_a_gpu_has_real_flags_and_a_real_recipe() -> None:
    (block,) = [b for page in PAGES for b in blocks(page, "bash") if is_rented_gpu(b)]
    outer, inner = re.fullmatch(
        r"(hf jobs run .*?) python:\S+ bash -c \\\n  '(.*)'\n", block.text, re.S
    ).groups()  # type: ignore[union-attr]
    hf = Path(sys.executable).with_name("hf")
    help = subprocess.run([hf, "jobs", "run", "--help"], capture_output=True, text=True, check=True)
    assert set(re.findall(r"--[a-z-]+", outer)) <= set(re.findall(r"--[a-z-]+", help.stdout))
    training = inner.replace("\\\n", " ").partition("python train.py ")[2].split()
    recipe = recipe_of(train_parser().parse_args(training))
    assert recipe.name == "shakespeare-large"
    assert "pip install -e . keras matplotlib" in inner
    assert (ROOT / "pyproject.toml").is_file()
