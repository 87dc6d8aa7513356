"""Code to take along, run as it stands: it writes what the package writes, whatever was typed."""

import ast
import dataclasses
import itertools
import json
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.apps import served
from tests.support.hub_server import HubServer
from tests.support.processes import environment, run
from tests.support.timelines import (
    HOSTILE,
    MODEL,
    VOCABULARY,
    hostile_manifest,
    manifest_of,
    snapshot_of,
    write_timeline,
)
from textgen import Timeline, TrainConfig, Vocabulary
from textgen.errors import SettingsError
from textgen.hub.source import Source
from textgen.manifest.paths import snapshot_file
from textgen.manifest.schema import Origin
from textgen.service import reuse
from textgen.service.models import ModelCatalog
from textgen.service.request import Request
from textgen.service.resolve import ResolvedRequest, resolve
from textgen.text.preparation import Preparation

REPO_ID = "tester/letters"
PAGE = "http://127.0.0.1:7860"
TYPED = [
    "a bad ",
    'it\'s "so" \\ \'\'\' """ \\n \\',
    "one\ntwo\r\n\n  three\t",
    "$(rm -rf /) `id`; ${HOME} %s {x} & | > < # ! ~ *",
    "EVENT '\"'\"' \\' --data @/etc/hosts\n",
    "héllo 🙂👩‍🚀 \u202e\u2028\x00\x1b[31m\x7f\x85",
]
SETTINGS = {"seed_text": "a bad ", "length": 40, "temperature": 0.7, "seed": 3}
EARLY = 1  # the place of a snapshot that is not the best
# Run each of several programs as if alone, and give what it printed.
RUNNER = """
import contextlib, io, json, sys
printed = []
for code in json.loads(sys.argv[1]):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {"__name__": "__main__"})
    printed.append(out.getvalue())
print(json.dumps(printed))
"""
WITHOUT_TEXTGEN = "import sys; sys.modules['textgen'] = None\n"


def timeline_that_reads(typed: Sequence[str], directory: Path, **changes: Any) -> Timeline:
    """Write a timeline whose every character of what is typed the model knows."""
    vocabulary = Vocabulary.from_text("".join(map(Preparation().apply, typed)))
    model = dataclasses.replace(MODEL, vocab_size=vocabulary.size, **changes)
    manifest = manifest_of(model=model, vocabulary_sha256=vocabulary.sha256)
    return write_timeline(directory, manifest, vocabulary=vocabulary)


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    return timeline_that_reads(TYPED, tmp_path_factory.mktemp("reuse") / 'it\'s "mine" $(x)')


def resolved(timeline: Timeline, settings: dict[str, Any]) -> ResolvedRequest:
    """What a page that shows the early snapshot resolves these settings to."""
    epoch = timeline.snapshots[EARLY].label
    request = Request(**{"model": "letters", "epoch": epoch, **settings})
    return resolve(request, ModelCatalog([timeline]))


def code_of(timeline: Timeline, settings: dict[str, Any], which: int, address: str = PAGE) -> str:
    return reuse.snippets(resolved(timeline, settings), address=address)[which]["code"]


def written(timeline: Timeline, settings: dict[str, Any]) -> str:
    """What the package writes with these settings, the opening first."""
    prompt = Preparation().apply(settings["seed_text"])
    options = {name: value for name, value in settings.items() if name != "seed_text"}
    return prompt + timeline.generator(step=timeline.snapshots[EARLY].step).generate(
        prompt, **options
    )


def run_all(codes: Sequence[str], home: Path, *flags: str, before: str = "") -> list[str]:
    env = environment(home)
    done = run(*flags, "-c", before + RUNNER, json.dumps(codes), cwd=home, env=env)
    printed: list[str] = json.loads(done.check().out.splitlines()[-1])
    return printed


@pytest.fixture
def home(timeline: Timeline, tmp_path: Path) -> Path:
    """A directory where `path/to/NAME` is the timeline."""
    named = tmp_path / "path" / "to" / timeline.directory.name
    named.parent.mkdir(parents=True)
    named.symlink_to(timeline.directory, target_is_directory=True)
    return tmp_path


FILTERED = {**SETTINGS, "top_k": 9, "top_p": 0.9, "min_p": 0.01, "no_repeat_ngram_size": 6}


def test_textgen_writes_the_same_whatever_was_typed(timeline: Timeline, home: Path) -> None:
    checked_settings = [*({**SETTINGS, "seed_text": typed} for typed in TYPED), FILTERED]
    printed = run_all([code_of(timeline, settings, 0) for settings in checked_settings], home)
    assert printed == [f"{written(timeline, settings)}\n" for settings in checked_settings]


def test_keras_alone_writes_the_same_whatever_was_typed(timeline: Timeline, home: Path) -> None:
    checked_settings = [{**SETTINGS, "seed_text": typed} for typed in TYPED]
    checked_settings.append({**SETTINGS, "temperature": 0})
    codes = [code_of(timeline, settings, 1) for settings in checked_settings]
    printed = run_all(codes, home, "-I", before=WITHOUT_TEXTGEN)
    assert printed == [f"{written(timeline, settings)}\n" for settings in checked_settings]


def test_a_model_on_the_hub_is_fetched_from_there(tmp_path: Path) -> None:
    stored = timeline_that_reads(TYPED, tmp_path / "timeline", context=5)
    source = Source(directory=tmp_path / "0a1b2c", repo_id=REPO_ID, revision="main")
    timeline = Timeline(stored.manifest, stored.vocabulary, source)
    own, keras = (code_of(timeline, SETTINGS, way) for way in (0, 1))
    (tmp_path / "home").mkdir()
    with HubServer(tmp_path / "hub") as hub:
        hub.create(REPO_ID)
        hub.commit(REPO_ID, {name: path.read_bytes() for name, path in stored.files().items()})
        env = environment(tmp_path / "home", hub.endpoint)
        for code in (own, WITHOUT_TEXTGEN + keras):
            done = run("-c", code, cwd=tmp_path / "home", env=env).check()
            assert done.out == f"{written(stored, SETTINGS)}\n"
            assert 'revision="main"' in code


@pytest.fixture(scope="module")
def address(timeline: Timeline) -> Iterator[str]:
    with served(timeline) as url:
        yield url


def test_the_page_answers_the_client_whatever_was_typed(
    timeline: Timeline, address: str, tmp_path: Path
) -> None:
    checked_settings = [*({**SETTINGS, "seed_text": typed} for typed in TYPED), FILTERED]
    codes = [code_of(timeline, settings, 2, address) for settings in checked_settings]
    printed = run_all(codes, tmp_path)
    for text, settings in zip(printed, checked_settings, strict=True):
        assert text.endswith(f"\n{written(timeline, settings)}\n")


def test_the_page_answers_curl_whatever_was_typed(timeline: Timeline, address: str) -> None:
    for settings in [*({**SETTINGS, "seed_text": typed} for typed in TYPED), FILTERED]:
        command = code_of(timeline, settings, 3, address)
        assert all(character.isprintable() or character == "\n" for character in command)
        done = subprocess.run(["bash", "-euc", command], capture_output=True, text=True, check=True)
        *_, data = [line for line in done.stdout.splitlines() if line.startswith("data: ")]
        assert json.loads(data.removeprefix("data: ")) == [written(timeline, settings)]


def test_only_what_differs_from_the_default_is_named(timeline: Timeline) -> None:
    unused = {"top_k": 0, "top_p": 1.0, "min_p": 0.0, "no_repeat_ngram_size": 0}
    for way, named in itertools.product(range(4), unused):
        assert named not in code_of(timeline, {**SETTINGS, **unused}, way)
    for way, (name, value) in itertools.product((0, 2), list(FILTERED.items())[4:]):
        assert f"    {name}={value},\n" in code_of(timeline, FILTERED, way)
    assert "# The page's top_k, top_p, min_p, no_repeat_ngram_size" in code_of(
        timeline, FILTERED, 1
    )


def test_where_nothing_readable_was_typed_the_pages_own_opening_is_taken(
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
