"""Code snippets of the app, for a timeline whose vocabulary has every typed character."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.support.timelines import (
    MODEL,
    manifest_of,
    write_timeline,
)
from textgen import Timeline, Vocabulary
from textgen.service import reuse
from textgen.service.models import ModelCatalog
from textgen.service.request import Request
from textgen.service.resolve import ResolvedRequest, resolve
from textgen.text.preparation import Preparation

REPO_ID = "tester/letters"
PAGE = "http://127.0.0.1:7860"
SETTINGS = {"seed_text": "a bad ", "length": 40, "temperature": 0.7, "seed": 3}
FILTERED = {**SETTINGS, "top_k": 9, "top_p": 0.9, "min_p": 0.01, "no_repeat_ngram_size": 6}
EARLY = 1  # index of a snapshot that is not the best
TYPED = [
    "a bad ",
    'it\'s "so" \\ \'\'\' """ \\n \\',
    "one\ntwo\r\n\n  three\t",
    "$(rm -rf /) `id`; ${HOME} %s {x} & | > < # ! ~ *",
    "EVENT '\"'\"' \\' --data @/etc/hosts\n",
    "héllo 🙂👩‍🚀 \u202e\u2028\x00\x1b[31m\x7f\x85",
]


def timeline_that_reads(typed: Sequence[str], directory: Path, **changes: Any) -> Timeline:
    """Write a timeline whose vocabulary has every character of these texts."""
    vocabulary = Vocabulary.from_text("".join(map(Preparation().apply, typed)))
    model = dataclasses.replace(MODEL, vocab_size=vocabulary.size, **changes)
    manifest = manifest_of(model=model, vocabulary_sha256=vocabulary.sha256)
    return write_timeline(directory, manifest, vocabulary=vocabulary)


def resolved(timeline: Timeline, settings: dict[str, Any]) -> ResolvedRequest:
    """Return how the app resolves these settings while it shows the early snapshot."""
    epoch = timeline.snapshots[EARLY].label
    request = Request(**{"model": "letters", "epoch": epoch, **settings})
    return resolve(request, ModelCatalog([timeline]))


def code_of(timeline: Timeline, settings: dict[str, Any], which: int, address: str = PAGE) -> str:
    return reuse.snippets(resolved(timeline, settings), address=address)[which]["code"]
