"""What the documents claim, held against what is there."""

import argparse
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from tests.support.api import PROMISED, ask
from tests.support.apps import served
from tests.support.paths import BUNDLED, ROOT
from textgen import Timeline
from textgen.cli.app import build_parser as app_parser
from textgen.cli.main import build_parser
from textgen.cli.train import build_parser as train_parser
from textgen.training.recipes import RECIPES
from textgen.version import __version__

README = (ROOT / "README.md").read_text(encoding="utf-8")
FRONT_MATTER, BODY = README.split("---\n", 2)[1:]
FLAG = r"(?<![\w-])--[a-z][a-z-]+"
PAGE = "http://127.0.0.1:7860"


def blocks(language: str) -> list[str]:
    """Return the code blocks of a language, "" for those that name none."""
    pairs = re.findall(r"^```(\w*)\n(.*?)^```$", BODY, re.MULTILINE | re.DOTALL)
    return [text for named, text in pairs if named == language]


def ran(command: list[str]) -> str:
    unwrapped = {**os.environ, "COLUMNS": "10000"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=unwrapped)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_space_runs_the_gradio_that_is_tested() -> None:
    space = yaml.safe_load(FRONT_MATTER)
    pinned = re.search(r"^gradio==(.+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert pinned is not None
    assert space["sdk_version"] == pinned[1] == version("gradio")
    assert space["sdk"] == "gradio"
    assert (ROOT / space["app_file"]).is_file()
    assert len(space["short_description"]) <= 60


def test_the_space_runs_a_python_that_the_package_accepts() -> None:
    accepted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    at_least = tuple(map(int, accepted.removeprefix(">=").split(".")))
    assert tuple(map(int, yaml.safe_load(FRONT_MATTER)["python_version"].split("."))) >= at_least


def test_the_changelog_starts_with_this_version() -> None:
    heading = re.search(
        r"^## (\S+) \(\d{4}-\d\d-\d\d\)$", (ROOT / "CHANGELOG.md").read_text(), re.M
    )
    assert heading is not None
    assert heading[1] == __version__ == version("textgen")


def test_the_map_names_every_package_and_no_other() -> None:
    file_map = next(block for block in blocks("") if "app.py " in block)
    listed, packages_listed = file_map.split("\ntextgen/\n")
    packages = {line.split()[0] for line in packages_listed.splitlines()}
    assert packages == {f"{path.name}/" for path in (ROOT / "textgen").iterdir() if is_ours(path)}
    named = {column.split()[0] for line in listed.splitlines() for column in (line[:49], line[49:])}
    assert all((ROOT / entry).exists() for entry in named)


def test_the_architecture_names_every_package_and_only_files_there_are() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    packages = {path.name for path in (ROOT / "textgen").iterdir() if is_ours(path)} - {"web"}
    assert packages <= set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    named = set(re.findall(r"`((?:textgen|tests|benchmarks|pictures)/[\w./-]*)`", text))
    assert len(named) > 20
    assert not {name for name in named if not (ROOT / name).exists()}
    picture = text.split("```")[1]
    modules = re.findall(rf"\b(?:{'|'.join(packages)})/\w+", picture)
    assert len(modules) > 15
    assert not {name for name in modules if not (ROOT / "textgen" / f"{name}.py").exists()}


def is_ours(path: Path) -> bool:
    return path.is_dir() and path.name != "__pycache__"


def test_the_recipes_are_all_described() -> None:
    rows = [f"| `{recipe.name}` | {recipe.summary} |" for recipe in RECIPES.values()]
    assert "\n".join(rows) in BODY


def flags(parser: argparse.ArgumentParser) -> set[str]:
    found: set[str] = set()
    for action in parser._actions:
        found.update(action.option_strings)
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                found |= flags(command)
    return found


def commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (found,) = (each for each in parser._actions if isinstance(each, argparse._SubParsersAction))
    return dict(found.choices)


COMMAND_LINES = {"train.py": train_parser(), "app.py": app_parser(), **commands(build_parser())}


@pytest.mark.slow
def test_every_flag_that_is_documented_exists() -> None:
    known = flags(train_parser()) | flags(app_parser()) | flags(build_parser())
    job = re.search(r"hf jobs run.*?python:", BODY)
    assert job
    hf = Path(sys.executable).with_name("hf")
    help = subprocess.run([hf, "jobs", "run", "--help"], capture_output=True, text=True, check=True)
    ours = BODY.replace(job[0], "")
    for text, names in ((job[0], set(re.findall(FLAG, help.stdout))), (ours, known)):
        assert set(re.findall(FLAG, text)) <= names


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMAND_LINES)
def test_help_explains_every_argument(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parser = COMMAND_LINES[name]
    if name.endswith(".py"):
        printed = ran([sys.executable, name, "--help"])
    else:
        monkeypatch.setenv("COLUMNS", "10000")
        printed = parser.format_help()
    printed = " ".join(printed.split())
    assert len(parser._actions) > 1
    for action in parser._actions:
        assert action.help
        explained = parser._get_formatter()._expand_help(action).split()
        assert " ".join(explained) in printed
        assert all(flag in printed for flag in action.option_strings)


def test_the_samples_shown_are_the_bundled_timelines() -> None:
    shown = re.findall(
        r"^\*\*(?:before any training|after .*?)\*\* \((\d\.\d{3})\)\n\n> (.*)$", BODY, re.MULTILINE
    )
    snapshots = Timeline.from_pretrained(BUNDLED).snapshots
    samples = {
        f"{snapshot.val_loss:.3f}": " ".join(snapshot.samples["0.5"].split())
        for snapshot in snapshots
    }
    assert len(shown) == 3
    for loss, text in shown:
        assert text.strip("`… ") in samples[loss]


def test_the_measured_loss_is_the_bundled_timelines() -> None:
    best = Timeline.from_pretrained(BUNDLED).best
    assert f"reaches {best.val_loss:.3f} nats ({best.val_bits_per_char:.3f}" in " ".join(
        BODY.split()
    )


@pytest.mark.slow
def test_the_python_examples_run() -> None:
    *package, keras, _without_package, _for_programs = blocks("python")
    for example in ("\n".join(package), keras):
        done = subprocess.run(
            [sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def page() -> Iterator[str]:
    with served(Timeline.from_pretrained(BUNDLED)) as url:
        yield url.rstrip("/")


def at(page: str, example: str) -> str:
    """Return an example that asks the page of the tests."""
    assert PAGE in example
    return example.replace(PAGE, page)


def test_the_client_examples_work_on_the_page(page: str) -> None:
    *_, without_package, for_programs = blocks("python")
    generator = Timeline.from_pretrained(BUNDLED).generator(1)
    text = "the soul " + generator.generate("the soul ", length=400, seed=1)
    assert ran([sys.executable, "-c", at(page, without_package)]).endswith(f"\n{text}\n")
    printed = ran([sys.executable, "-c", at(page, for_programs)])
    for snapshot in Timeline.from_pretrained(BUNDLED).snapshots:
        assert f"{snapshot.label} " in printed
    assert text[: len("the soul ") + 60].removeprefix("the soul ") in printed
    assert printed.endswith("2009 characters so far\n")


def test_the_curl_example_works_on_the_page(page: str) -> None:
    (example,) = [block for block in blocks("bash") if "curl" in block]
    printed = ran(["bash", "-euc", at(page, example)])
    assert printed.startswith("event: complete\n")
    (scored,) = json.loads(printed.splitlines()[1].removeprefix("data: "))
    score = Timeline.from_pretrained(BUNDLED).generator().score("the soul of man")
    assert scored["bits_per_char"] == round(score.bits_per_char, 2)


def test_the_address_of_the_tools_is_one(page: str) -> None:
    (example,) = blocks("json")
    (server,) = json.loads(at(page, example))["mcpServers"].values()
    tools, _ = ask(server["url"], [])
    assert {f"/{tool.name}" for tool in tools} == set(PROMISED)


def test_the_endpoints_are_all_described() -> None:
    rows = re.findall(r"^\| (`/.*?`) \| (.*?) \| (.*) \|$", BODY, re.MULTILINE)
    described = {endpoint.strip("`"): re.findall(r"`(\w+)`", names) for endpoint, names, _ in rows}
    promised = {
        name: [argument for argument, *_ in arguments] for name, arguments in PROMISED.items()
    }
    (all_but_epoch,) = [names for endpoint, names, _ in rows if endpoint == "`/compare`"]
    assert all_but_epoch == "the same without `epoch`"
    described["/compare"] = [name for name in described["/generate"] if name != "epoch"]
    assert described == promised


def test_the_bundled_timeline_is_what_it_is_said_to_be() -> None:
    timeline = Timeline.from_pretrained(BUNDLED)
    timeline.verify()
    assert timeline.snapshots[0].step == 0
    assert timeline.snapshots[-1] is timeline.best
    assert len(timeline.snapshots) >= 12
    assert timeline.best.val_loss <= 1.45
    assert timeline.manifest.corpus.characters == 600_893
    assert timeline.vocabulary.size == 57
    assert timeline.manifest.recipe == "nietzsche-small"
    assert sum(path.stat().st_size for path in BUNDLED.rglob("*")) <= 20e6
