"""What the tab "Use it yourself" says: names, facts, links, and what goes into no code."""

import ast
import dataclasses
import itertools
import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.support.snippets import (
    EARLY,
    FILTERED,
    PAGE,
    REPO_ID,
    SETTINGS,
    code_of,
    resolved,
)
from tests.support.timelines import (
    HOSTILE,
    VOCABULARY,
    hostile_manifest,
    manifest_of,
    snapshot_of,
)
from textgen import Timeline, TrainConfig
from textgen.errors import SettingsError
from textgen.hub.source import Source
from textgen.manifest.paths import snapshot_file
from textgen.manifest.schema import Origin
from textgen.service import reuse
from textgen.text.preparation import Preparation


def test_only_what_differs_from_the_default_is_named(timeline: Timeline) -> None:
    unused = {"top_k": 0, "top_p": 1.0, "min_p": 0.0, "no_repeat_ngram_size": 0}
    for way, named in itertools.product(range(4), unused):
        assert named not in code_of(timeline, {**SETTINGS, **unused}, way)
    for way, (name, value) in itertools.product((0, 2), list(FILTERED.items())[4:]):
        assert f"    {name}={value},\n" in code_of(timeline, FILTERED, way)
    assert "# The page's top_k, top_p, min_p, no_repeat_ngram_size" in code_of(
        timeline, FILTERED, 1
    )


def test_where_nothing_readable_was_typed_the_pages_own_prompt_is_taken(
    timeline: Timeline,
) -> None:
    for typed in ("", " \n", "ЖЖ"):
        assert 'opening = "a bad "\n' in code_of(timeline, {**SETTINGS, "seed_text": typed}, 0)


NEXT = {"step": 12, "file": snapshot_file(12), "sha256": f"{12:064x}"}


def test_snapshots_that_are_called_alike_are_told_apart_by_their_steps(tmp_path: Path) -> None:
    snapshots = [snapshot_of(0.111, 2.5), snapshot_of(0.114, 2.0, **NEXT)]
    manifest = manifest_of(snapshots=(snapshot_of(0, 3.0), *snapshots))
    timeline = Timeline(manifest, VOCABULARY, Source(directory=tmp_path))
    shown = resolved(timeline, SETTINGS)
    second, third = (
        reuse.snippets(dataclasses.replace(shown, snapshot=snapshot), address=PAGE)[0]["code"]
        for snapshot in manifest.snapshots[1:]
    )
    assert "epoch=0.11)" in second
    assert "step=12)" in third


@pytest.mark.parametrize(
    "changes",
    [
        {"length": 0},
        {"length": "40); import os"},
        {"temperature": -1},
        {"temperature": "0.5"},
        {"seed": 1.5},
        {"top_p": float("nan")},
        {"no_repeat_ngram_size": 1},
        {"seed_text": None},
    ],
)
def test_settings_out_of_range_get_into_no_code(
    timeline: Timeline, changes: dict[str, Any]
) -> None:
    with pytest.raises(SettingsError):
        code_of(timeline, {**SETTINGS, **changes}, 0)


def hostile(directory: Path) -> Timeline:
    source = Source(directory=directory, repo_id=REPO_ID, revision=HOSTILE)
    return Timeline(hostile_manifest(), VOCABULARY, source)


def test_no_name_ends_a_literal(tmp_path: Path) -> None:
    timeline = hostile(tmp_path)
    shown = resolved(timeline, {**SETTINGS, "model": HOSTILE})
    ways = reuse.snippets(shown, address=f"http://x/{HOSTILE}")
    constants = [
        {node.value for node in ast.walk(ast.parse(way["code"])) if isinstance(node, ast.Constant)}
        for way in ways
        if way["language"] == "python"
    ]
    assert [HOSTILE in found for found in constants] == [True] * 3
    words = shlex.split(ways[3]["code"])
    assert json.loads(words[words.index("-d") + 1])["model"] == HOSTILE
    assert words[2] == f"http://x/{HOSTILE}/gradio_api/call/v2/generate"


def test_where_a_server_keeps_its_models_is_not_told(timeline: Timeline) -> None:
    about = reuse.about(resolved(timeline, SETTINGS), address=PAGE)
    assert str(timeline.directory.parent) not in json.dumps(about)
    for way in about["snippets"][:2]:
        constants = [
            n.value for n in ast.walk(ast.parse(way["code"])) if isinstance(n, ast.Constant)
        ]
        assert f"path/to/{timeline.directory.name}" in constants


def test_facts_are_those_of_the_manifest() -> None:
    manifest = manifest_of(
        training=TrainConfig(epochs=5, patience=2),
        init_from=Origin(name="before", step=1500, sha256="0" * 64),
        preparation=Preparation(lowercase=True),
    )
    timeline = Timeline(manifest, VOCABULARY, Source(directory=Path("unread")))
    facts = {str(name): words for name, words in reuse.facts(timeline, timeline.snapshots[EARLY])}
    assert facts["what it read"] == "letters"
    assert facts["where that is from"] == "https://example.org/letters.txt"
    assert facts["preparation"].startswith("lowercased, Project Gutenberg's")
    assert facts["characters"].startswith("900 characters to train on, 100 held out; 1 more left")
    assert facts["knows"] == "10 different characters"
    assert facts["network"].startswith("Embedding(3) → LSTM(8) → Dense(10)")
    assert facts["weights"].startswith("504:")
    assert facts["went on from"] == "before, step 1,500"
    assert facts["how far"].startswith("epoch 2 of 5 when this was written")
    assert facts["how long"].startswith("2.0 minutes on 2 CPU cores")
    assert facts["with"] == "textgen 0.1.0, keras 3.15.1"
    assert facts["best snapshot"].startswith("epoch 1: 2.164 bits per character")
    assert facts["chosen snapshot"].startswith("epoch 0.5: 2.885 bits per character")


def test_all_of_it_is_plain_data(timeline: Timeline) -> None:
    about = reuse.about(resolved(timeline, SETTINGS), address=PAGE)
    assert set(about) == {"facts", "links", "limits", "snippets"}
    assert json.loads(json.dumps(about)) == about
    assert len(about["snippets"]) == 4
    assert f"only the {timeline.vocabulary.size} characters" in about["limits"][-1]


@pytest.mark.parametrize(
    ("source", "host"),
    [
        ("https://example.org/letters.txt", "example.org"),
        ("http://example.org:8080/a?b=c#d", "example.org"),
        ("letters.txt", None),
        ("javascript:alert(1)//https://example.org", None),
        ("https://good.example@evil.example/", None),
        ("https://good.example\\@evil.example/", None),
        ("https://example.org/\nx", None),
        ("ftp://example.org/", None),
        (HOSTILE, None),
    ],
)
def test_only_an_address_of_the_web_becomes_a_link(source: str, host: str | None) -> None:
    plain = manifest_of()
    manifest = dataclasses.replace(plain, corpus=dataclasses.replace(plain.corpus, source=source))
    timeline = Timeline(manifest, VOCABULARY, Source(directory=Path("unread")))
    expected = [] if host is None else [[f"The text it read, at {host}", source]]
    assert reuse.links(timeline) == expected


def test_a_model_on_the_hub_is_linked_at_its_revision(tmp_path: Path) -> None:
    here = Source(directory=tmp_path, repo_id=REPO_ID)
    for revision, at in ((None, ""), ("v1", "/tree/v1"), ("refs/pr/1?", "/tree/refs%2Fpr%2F1%3F")):
        source = dataclasses.replace(here, revision=revision)
        timeline = Timeline(manifest_of(), VOCABULARY, source)
        assert reuse.links(timeline)[0][1] == f"https://huggingface.co/{REPO_ID}{at}"
