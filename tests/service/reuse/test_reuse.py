"""The tab "Use this model": facts, links, and text that must not get into its code."""

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
from textgen.manifest.records import Origin, Publication
from textgen.service import reuse
from textgen.text.preparation import Preparation


def test_only_what_differs_from_the_default_is_named(timeline: Timeline) -> None:
    unused = {"top_k": 0, "top_p": 1.0, "min_p": 0.0, "no_repeat_ngram_size": 0}
    for way, named in itertools.product(range(4), unused):
        assert named not in code_of(timeline, {**SETTINGS, **unused}, way)
    for way, (name, value) in itertools.product((0, 2), list(FILTERED.items())[4:]):
        assert f"    {name}={value},\n" in code_of(timeline, FILTERED, way)
    remark = "does not apply these settings of the app: top_k, top_p, min_p, no_repeat_ngram_size."
    assert remark in code_of(timeline, FILTERED, 1)


def test_without_a_readable_prompt_the_apps_own_prompt_is_taken(
    timeline: Timeline,
) -> None:
    for typed in ("", " \n", "ЖЖ"):
        assert 'prompt = "a bad "\n' in code_of(timeline, {**SETTINGS, "seed_text": typed}, 0)


NEXT = {"step": 12, "file": snapshot_file(12), "sha256": f"{12:064x}"}


def test_snapshots_with_the_same_label_are_named_by_their_steps(tmp_path: Path) -> None:
    snapshots = [snapshot_of(0.111, 2.5), snapshot_of(0.114, 2.0, **NEXT)]
    manifest = manifest_of(snapshots=(snapshot_of(0, 3.0), *snapshots))
    timeline = Timeline(manifest, VOCABULARY, Source(directory=tmp_path))
    shown = resolved(timeline, SETTINGS)
    second, third = (
        reuse.snippets(dataclasses.replace(shown, snapshot=snapshot), address=PAGE)[0]["code"]
        for snapshot in manifest.snapshots[1:]
    )
    assert "    epoch=0.11,\n" in second
    assert "    step=12,\n" in third


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
    assert words[2] == f"http://x/{HOSTILE}/gradio_api/call/v2/v1_generate"


REMARK = "  # replace with the path to your copy of this timeline\n"


@pytest.mark.parametrize(
    ("above", "path", "remark"),
    [
        (1, 'it\'s "mine" $(x)', False),
        (2, 'models/it\'s "mine" $(x)', False),
        (None, 'it\'s "mine" $(x)', True),  # the app runs elsewhere
        (0, 'it\'s "mine" $(x)', True),  # the app runs inside the timeline
        (-1, 'it\'s "mine" $(x)', True),  # the app runs in the root directory
    ],
)
def test_the_code_names_a_local_timeline_without_the_servers_directories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, above: int | None, path: str, remark: bool
) -> None:
    directory = tmp_path / "served" / "models" / 'it\'s "mine" $(x)'
    directory.mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere if above is None else [directory, *directory.parents][above])
    timeline = Timeline(manifest_of(), VOCABULARY, Source(directory=directory))
    about = reuse.about(resolved(timeline, SETTINGS), address=PAGE)
    assert "served" not in json.dumps(about)
    assert "path/to" not in json.dumps(about)
    for way in about["snippets"][:2]:
        constants = [
            n.value for n in ast.walk(ast.parse(way["code"])) if isinstance(n, ast.Constant)
        ]
        assert path in constants
        assert (REMARK in way["code"]) is remark


def test_facts_are_those_of_the_manifest() -> None:
    manifest = manifest_of(
        training=TrainConfig(epochs=5, patience=2),
        init_from=Origin(name="before", step=1500, sha256="0" * 64),
        preparation=Preparation(lowercase=True),
    )
    timeline = Timeline(manifest, VOCABULARY, Source(directory=Path("unread")))
    facts = {str(name): words for name, words in reuse.facts(timeline, timeline.snapshots[EARLY])}
    assert facts["training text"] == "letters"
    assert facts["source"] == "https://example.org/letters.txt"
    assert facts["preprocessing"].startswith("converted to lowercase; Project Gutenberg")
    assert facts["split"].startswith("900 characters for training, 100 for validation; ")
    assert "characters outside the vocabulary removed: 1;" in facts["split"]
    assert facts["vocabulary"] == "10 different characters"
    assert facts["network"].startswith("Embedding(3) → LSTM(8) → Dense(10)")
    assert facts["parameters"].startswith("504 numbers")
    assert facts["fine-tuned from"] == "before, step 1,500"
    assert facts["trained for"].startswith("epoch 2 of 5 so far (")
    assert facts["training time"].startswith("2.0 minutes on 2 CPU cores")
    assert facts["software"] == "textgen 0.1.0, keras 3.15.1"
    assert facts["license of the weights"] == "not stated by the trainer"
    assert facts["best snapshot"].startswith("epoch 1: validation loss 2.164 bits per character")
    assert facts["chosen snapshot"].startswith("epoch 0.5: validation loss 2.885 bits")


def test_the_license_is_the_one_that_the_trainer_stated() -> None:
    manifest = manifest_of(publication=Publication(license="cc0-1.0"))
    timeline = Timeline(manifest, VOCABULARY, Source(directory=Path("unread")))
    assert ["license of the weights", "cc0-1.0"] in reuse.facts(timeline, timeline.best)


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
def test_only_a_web_address_becomes_a_link(source: str, host: str | None) -> None:
    plain = manifest_of()
    manifest = dataclasses.replace(plain, corpus=dataclasses.replace(plain.corpus, source=source))
    timeline = Timeline(manifest, VOCABULARY, Source(directory=Path("unread")))
    expected = [] if host is None else [[f"The training text, at {host}", source]]
    assert reuse.links(timeline) == expected


def test_a_model_on_the_hub_is_linked_at_its_revision(tmp_path: Path) -> None:
    here = Source(directory=tmp_path, repo_id=REPO_ID)
    for revision, at in ((None, ""), ("v1", "/tree/v1"), ("refs/pr/1?", "/tree/refs%2Fpr%2F1%3F")):
        source = dataclasses.replace(here, revision=revision)
        timeline = Timeline(manifest_of(), VOCABULARY, source)
        assert reuse.links(timeline)[0][1] == f"https://huggingface.co/{REPO_ID}{at}"
