"""What the documentation's pages claim, compared with the code."""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support.documents import MARKDOWN, PAGES, README, blocks, named
from tests.support.paths import BUNDLED, ROOT
from textgen import Timeline
from textgen.cli.app import build_parser as app_parser
from textgen.cli.main import build_parser
from textgen.cli.train import build_parser as train_parser
from textgen.service.passages import how_far_trained
from textgen.service.request import Request
from textgen.service.service import Service
from textgen.version import __version__

FLAG = r"(?<![\w-])--[a-z][a-z-]+"
TEXT = README.read_text(encoding="utf-8")


def test_the_readme_is_short() -> None:
    assert len(TEXT.splitlines()) <= 150


def test_the_samples_are_what_the_app_shows_first() -> None:
    shown = re.findall(r"^\*\*(.+)\*\* \((\d\.\d\d) bits per character\)\n\n> `(.*)…`$", TEXT, re.M)
    timeline = Timeline.from_pretrained(BUNDLED)
    *_, passage = Service([timeline]).compare(Request(model="nietzsche"))
    assert f'"{passage["prompt"]}"' in TEXT
    written = {
        (how_far_trained(snapshot), f"{snapshot.val_bits_per_char:.2f}"): " ".join(
            passage["texts"][str(snapshot.step)]["text"].split("\n")
        )
        for snapshot in timeline.snapshots
    }
    assert len(shown) == 3
    for name, bits, text in shown:
        assert written[name, bits].startswith(text)
        assert len(text) > 100


def test_the_losses_are_the_bundled_timelines() -> None:
    best = Timeline.from_pretrained(BUNDLED).best
    said = f"reaches {best.val_loss:.3f} nats ({best.val_bits_per_char:.3f} bits)"
    assert said in " ".join(TEXT.split())


def test_the_changelog_starts_with_this_version() -> None:
    heading = re.search(
        r"^## \[(\d\S*)\] - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(), re.M
    )
    assert heading is not None
    assert heading[1] == __version__ == version("textgen")


def test_the_generated_parts_are_current() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CURRENT], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout == "", "run python docs/make.py"
    assert done.returncode == 0, done.stderr


CURRENT = """
import runpy
for path, content in runpy.run_path("docs/make.py")["pages"]().items():
    if path.read_text(encoding="utf-8") != content:
        print(path.name)
"""


def anchors(page: Path) -> Iterator[str]:
    """Yield the anchors that GitHub and the Hub give a page's headings, and its own."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    yield from re.findall(r'<a id="([\w-]+)"', text)
    for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", MARKDOWN, ids=named)
def test_the_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in link or (page.name == "model_card.md" and "$" not in link):
            continue  # a card's links lead to the files of its timeline
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in set(anchors(target)), link


def test_every_page_of_the_documentation_is_linked_in_the_readme() -> None:
    for page in PAGES[1:]:
        assert f"(docs/{page.name})" in TEXT


def test_the_architecture_names_every_package_and_only_files_there_are() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    packages = {path.name for path in (ROOT / "textgen").iterdir() if is_ours(path)} - {"web"}
    assert packages <= set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    mentioned = set(re.findall(r"`((?:textgen|tests|benchmarks|pictures|docs)/[\w./-]*)`", text))
    assert len(mentioned) > 20
    assert not {name for name in mentioned if not (ROOT / name).exists()}
    picture, file_map = (block.text for block in blocks(ROOT / "docs" / "architecture.md", ""))
    modules = re.findall(rf"\b(?:{'|'.join(packages)})/\w+", picture)
    assert len(modules) > 15
    assert not {name for name in modules if not (ROOT / "textgen" / f"{name}.py").exists()}
    listed = {line.split()[0] for line in file_map.splitlines()}
    assert not {name for name in listed if not (ROOT / name).exists()}
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if tracked.returncode == 0:  # a copy without git has no list of its files
        for top in {line.split("/")[0] for line in tracked.stdout.splitlines()}:
            hidden_or_packaging = top.startswith(".") or top in ("MANIFEST.in", "setup.py")
            assert hidden_or_packaging or {top, f"{top}/"} & listed, top


def is_ours(path: Path) -> bool:
    return path.is_dir() and path.name != "__pycache__"


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
OTHERS = {"--help", "--flavor", "--timeout", "--secrets"}  # of hf jobs; its block has a test


@pytest.mark.parametrize("page", MARKDOWN, ids=named)
def test_every_flag_that_is_mentioned_exists(page: Path) -> None:
    known = flags(train_parser()) | flags(app_parser()) | flags(build_parser()) | OTHERS
    text = page.read_text(encoding="utf-8")
    if page.name == "RESULTS.md":
        text = re.sub(r"`python benchmarks/[^`]*`|`--only \w+`", "", text)
    assert set(re.findall(FLAG, text)) <= known


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMAND_LINES)
def test_help_explains_every_argument(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parser = COMMAND_LINES[name]
    monkeypatch.setenv("COLUMNS", "10000")
    if name.endswith(".py"):
        command = [sys.executable, name, "--help"]
        printed = subprocess.run(
            command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True
        ).stdout
    else:
        printed = parser.format_help()
    printed = " ".join(printed.split())
    assert len(parser._actions) > 1
    for action in parser._actions:
        assert action.help
        explained = parser._get_formatter()._expand_help(action).split()
        assert " ".join(explained) in printed
        assert all(flag in printed for flag in action.option_strings)


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
