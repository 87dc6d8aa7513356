"""The documentation's pages, and the code blocks in them."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.support.paths import ROOT

README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
MARKDOWN = [
    *PAGES,
    *(ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "model_card.md")),
    ROOT / "benchmarks" / "RESULTS.md",
    ROOT / "textgen" / "network" / "README.md",
    ROOT / "textgen" / "page" / "space_readme.md",
]
APP = "http://127.0.0.1:7860"  # where the documentation says that the app runs


@dataclass(frozen=True)
class Block:
    """A fenced code block: its language ("" if it has none) and its text."""

    language: str
    text: str


def blocks(page: Path, language: str | None = None) -> list[Block]:
    """Return a page's code blocks in order, all or those in one language."""
    text = page.read_text(encoding="utf-8")
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Block(*pair) for pair in found if language in (None, pair[0])]


def named(page: Path) -> str:
    """Return a page's path in the repository."""
    return page.relative_to(ROOT).as_posix()
