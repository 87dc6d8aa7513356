"""Which texts are hard-wrapped prose, and which keep their lines."""

import re
import textwrap
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np
import pytest

from tests.support.paths import ROOT
from textgen.text.preparation import Preparation
from textgen.text.wrapping import is_hard_wrapped

RANDOM = np.random.default_rng(0)
WORDS = re.findall(
    r"\w+",
    "the of and to in a is that it was not with as for on he be which but at from his by this "
    "one all there when who would never always perhaps morning winter thought without question "
    "mankind philosopher understanding consequently inconceivable",
)
NAMES = ("Anna", "Bob", "Carla")


def words(count: int) -> str:
    return " ".join(RANDOM.choice(WORDS, count))


def sentences(count: int) -> str:
    return " ".join(f"{words(int(RANDOM.integers(4, 25))).capitalize()}." for _ in range(count))


PARAGRAPHS = [sentences(int(RANDOM.integers(1, 9))) for _ in range(80)]
LINES = [words(int(RANDOM.integers(4, 9))) for _ in range(400)]


def wrapped(width: int = 72, *, between: str = "\n\n", indent: str = "") -> str:
    return between.join(textwrap.fill(one, width, initial_indent=indent) for one in PARAGRAPHS)


def spread(text: str) -> str:
    """Put each speech of a play under the name of its speaker."""
    lines = text.split("\n")
    speeches = ["\n".join(lines[start : start + 6]) for start in range(0, len(lines), 6)]
    return "\n\n".join(f"{RANDOM.choice(NAMES).upper()}:\n{speech}" for speech in speeches)


POEM = "\n".join(LINES)
HARD_WRAPPED = {
    "with blank lines": wrapped(),
    "with two blank lines": wrapped(between="\n\n\n"),
    "with indented paragraphs": wrapped(between="\n", indent="    "),
    "narrow": wrapped(40),
    "lowercased": Preparation(lowercase=True).apply(wrapped()),
    "with some verse": wrapped() + "\n\n" + "\n".join(f"    {line}" for line in LINES[:80]),
    "with headings": "\n\n".join(f"{number}\n\n{wrapped(66)}" for number in range(3)),
    "with a few hyphens": wrapped().replace(" perhaps\n", " per-\nhaps "),
}
OTHERS = {
    "nothing": "",
    "one word": "word",
    "one paragraph per line": "\n".join(PARAGRAPHS),
    "Markdown, one paragraph per line": "# Title\n\n" + "\n\n".join(PARAGRAPHS),
    "without punctuation": Preparation(strip_punctuation=True).apply(wrapped()),
    "a poem": POEM,
    "a poem in stanzas": "\n\n".join("\n".join(LINES[i : i + 4]) for i in range(0, 400, 4)),
    "a play": spread(POEM),
    "a play in long lines": spread("\n".join(PARAGRAPHS)),
    "a chat": "\n".join(f"<{RANDOM.choice(NAMES)}> {line}" for line in LINES),
    "a log": "\n".join(f"WARNING: {words(3)} is neither a file nor a directory" for _ in LINES),
    "numbers": "\n".join(", ".join(f"{x:.3f}" for x in RANDOM.normal(0, 9, 6)) for _ in LINES),
    "a table": "\n".join("".join(f"{x:15}" for x in RANDOM.choice(WORDS, 5)) for _ in LINES),
    "Chinese in lines of 40": textwrap.fill(
        "".join(RANDOM.choice(list("山水人天地，。"), 4000)), 40
    ),
    "a DNA sequence": textwrap.fill("".join(RANDOM.choice(list("ACGT"), 4000)), 60),
}


@pytest.mark.parametrize("text", HARD_WRAPPED.values(), ids=HARD_WRAPPED)
def test_prose_in_lines_of_a_common_width_is_hard_wrapped(text: str) -> None:
    assert is_hard_wrapped(text)


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_other_texts_are_not(text: str) -> None:
    assert not is_hard_wrapped(text)


CODE = [
    *(ROOT / "textgen").rglob("*.py"),
    *(ROOT / "textgen" / "web").iterdir(),
    *(ROOT / "pretrained").glob("*/*.json"),
    *(ROOT / "pretrained").glob("*/*.csv"),
    Path(textwrap.__file__),
    Path(np.get_include()) / "numpy" / "ndarraytypes.h",
]


def test_code_and_data_are_not() -> None:
    texts = [path.read_text(encoding="utf-8") for path in CODE]
    assert len(texts) > 100
    assert [
        path.name for path, text in zip(CODE, texts, strict=True) if is_hard_wrapped(text)
    ] == []
    assert not is_hard_wrapped("\n".join(texts))


def test_real_prose_is() -> None:
    assert is_hard_wrapped((ROOT / "LICENSE").read_text(encoding="utf-8"))
    assert is_hard_wrapped("\n\n".join(topics.values()))
    assert not is_hard_wrapped((ROOT / "docs" / "commands.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text", [" " * 10**6, "\n" * 10**6, "a" * 10**6, "a b " * 10**5, "-" * 10**6]
)
def test_it_is_quick_for_any_text(text: str) -> None:
    assert not is_hard_wrapped(text)
    assert not is_hard_wrapped(f"{text}\n{text}")
