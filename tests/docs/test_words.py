"""Keeps retired words out of everything that people read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.documents import MARKDOWN, named
from tests.support.paths import BUNDLED, ROOT

# What release 0.1 said, and what we say now.
RETIRED = {
    r"\b(?:an|the|same|each|one|whose|model's) opening\b|\bopenings\b": "prompt",
    r"\bdice\b|\b(?:a|one|each) die\b|\bsame luck\b": "random seed",
    r"\b(?:one|a|first|each|\d+) reading\b|\breadings\b": "epoch",
    r"(?<!\()\b[Hh]eld[- ]out\b(?!\))": "validation, or once (held-out)",
    r"\breal words?\b": "known words",
    r"\bthe book\b|\bthe text it (?:has )?read\b|\bnever saw\b": "training text",
    r"\bstages?\b|\bphotograph": "snapshot",
    r"\blikeliest\b|\bforesees?n?\b": "most likely, predicts",
    r"\bchances?\b": "probability",
    r"\bluck\b": "random numbers",
    r"\balphabet\b": "vocabulary",
    r"\bstep size\b": "learning rate",
    r"\bvisitors?\b": "user",
    r"\b[Ww]hoever\b|\banew\b|\bstands? in\b|\bso many\b": "plain English",
    r"\bas \w+ (?:has|have) it\b": "plain English",
    r"\d %": "96%, not 96 %",
    r"\b[cC]olour|\blicence\b|\b[Nn]eighbour|\bbehaviour\b": "American spelling",
}


def python_texts(path: Path) -> Iterator[str]:
    """Yield a module's strings and docstrings."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def texts(path: Path) -> Iterator[str]:
    if path.suffix == ".py":
        yield from python_texts(path)
    else:
        yield path.read_text(encoding="utf-8")


SOURCES = sorted(
    [
        *MARKDOWN,
        BUNDLED / "README.md",
        *(ROOT / "textgen").rglob("*.py"),
        *(ROOT / "textgen" / "web").iterdir(),
        *(ROOT / "benchmarks").glob("*.py"),
        *(ROOT / name for name in ("app.py", "train.py", "pictures/make.py", "docs/make.py")),
    ]
)


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_no_retired_word_is_left(path: Path) -> None:
    for text in texts(path):
        for pattern, instead in RETIRED.items():
            for found in re.finditer(pattern, text):
                around = text[max(0, found.start() - 40) : found.end() + 40]
                pytest.fail(f"{found[0]!r} in {' '.join(around.split())!r}; write {instead}.")


def test_the_search_finds_what_it_looks_for() -> None:
    said = (
        "The same opening and the same dice; after 2 readings 96 % real words, the likeliest; "
        "held-out text of the book, by chance; a visitor at each stage"
    )
    hit = [pattern for pattern in RETIRED if re.search(pattern, said)]
    assert len(hit) == 11
