"""Random texts for tests, some with shared runs of many lengths, and files of them."""

from pathlib import Path

import numpy as np

SCRIPTS = ["a", "ab", "abc ", "aé語🙂", "🙂👍🏽𝒳"]


def letters(count: int, *, of: str = "abcdefghijklmnopqrstuvwxyz", seed: int = 0) -> str:
    """Return this many random letters."""
    return "".join(np.random.default_rng(seed).choice(list(of), count))


def text_and_corpus(alphabet: str, seed: int) -> tuple[str, str]:
    """Return two texts that share runs of many lengths."""
    rng = np.random.default_rng(seed)
    corpus = letters(int(rng.integers(120)), of=alphabet, seed=seed)
    text = ""
    for number in range(rng.integers(5)):
        start = rng.integers(len(corpus) + 1)
        text += corpus[start : start + rng.integers(45)]
        text += letters(int(rng.integers(4)), of=f"{alphabet}x", seed=seed + number)
    return text, corpus


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding, newline="")
    return path
