"""Measures what temperature and the other sampling settings do to the text.

    python benchmarks/sampling.py --corpus nietzsche

Each row averages eight texts of 1,000 characters (one text at temperature 0, where all would be the
same). The best snapshot of the bundled model writes them from one prompt. The columns:

- repeated: share of characters in runs of 20 or more that also occur earlier in the same text.
- copied: share of characters in runs of 20 or more that also occur in the training text.
- known words: share of words that also occur in the training text.
- bits/char: the model's own surprise at the text, in bits per character. On the validation text it
  is 1.99.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from textgen import Timeline, read_corpus
from textgen.text.novelty import COPIED_RUN

BUNDLED = Path(__file__).parents[1] / "pretrained/nietzsche"
PROMPT, LENGTH, TEXTS = "the soul of man ", 1000, 8
SETTINGS: list[dict[str, float]] = [
    *(
        {"temperature": temperature, **extra}
        for temperature in (0, 0.2, 0.3, 0.5)
        for extra in ({}, *({"no_repeat_ngram_size": size} for size in (12, 16, 20, 30)))
    ),
    {"temperature": 1.0},
    {"temperature": 1.0, "top_k": 5},
    {"temperature": 1.0, "top_p": 0.9},
    {"temperature": 1.0, "min_p": 0.1},
    {"temperature": 1.2},
]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure what the sampling settings do.")
    parser.add_argument("--corpus", required=True, help="nietzsche, or a file with this text")
    corpus = read_corpus(parser.parse_args().corpus).text
    timeline = Timeline.from_pretrained(BUNDLED)
    generator, known = timeline.generator(), set(words(corpus.lower()))
    print(f"{'':46}{'repeated':>9}{'copied':>8}{'known words':>13}{'bits/char':>11}")
    for settings in SETTINGS:
        greedy = settings["temperature"] == 0
        texts = generator.generate_batch(
            [PROMPT] * (1 if greedy else TEXTS),
            length=LENGTH,
            seed=list(range(1 if greedy else TEXTS)),
            **settings,  # type: ignore[arg-type]
        )
        means = [
            np.mean([repeated(text) for text in texts]),
            np.mean([timeline.novelty(text, corpus=corpus).copied_share for text in texts]),
            np.mean([word in known for text in texts for word in words(text)]),
            np.mean([generator.score(text).bits_per_char for text in texts]),
        ]
        name = ", ".join(f"{key} {value:g}" for key, value in settings.items())
        print(f"{name:46}{means[0]:>9.1%}{means[1]:>8.1%}{means[2]:>13.1%}{means[3]:>11.3f}")
    return 0


def repeated(text: str) -> float:
    """Return the share of a text's characters that repeat an earlier run of the same text."""
    seen: set[str] = set()
    marked = np.zeros(len(text), bool)
    for start in range(len(text) - COPIED_RUN + 1):
        run = text[start : start + COPIED_RUN]
        if run in seen:
            marked[start : start + COPIED_RUN] = True
        seen.add(run)
    return float(marked.mean())


def words(text: str) -> Iterator[str]:
    """Yield the words of a text."""
    return (match.group() for match in re.finditer(r"[^\W\d_]+", text))


if __name__ == "__main__":
    sys.exit(main())
