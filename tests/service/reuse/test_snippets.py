"""The code that the app shows writes the same text as the app, whatever was typed."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.apps import served
from tests.support.hub_server import HubServer
from tests.support.processes import environment, run
from tests.support.snippets import (
    EARLY,
    FILTERED,
    REPO_ID,
    SETTINGS,
    TYPED,
    code_of,
    timeline_that_reads,
)
from textgen import Timeline
from textgen.hub.source import Source
from textgen.text.preparation import Preparation

pytestmark = pytest.mark.slow


# Runs several programs one after the other and prints the list of their outputs.
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


def written(timeline: Timeline, settings: dict[str, Any]) -> str:
    """Return the prompt and the package's continuation of it."""
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
    """A directory in which the timeline's name leads to it."""
    named = tmp_path / timeline.directory.name
    named.symlink_to(timeline.directory, target_is_directory=True)
    return tmp_path


def test_textgen_writes_the_same_whatever_was_typed(timeline: Timeline, home: Path) -> None:
    checked_settings = [*({**SETTINGS, "seed_text": typed} for typed in TYPED), FILTERED]
    printed = run_all([code_of(timeline, settings, 0) for settings in checked_settings], home)
    assert printed == [f"{written(timeline, settings)}\n" for settings in checked_settings]


def test_keras_alone_writes_the_same_whatever_was_typed(timeline: Timeline, home: Path) -> None:
    few = {**SETTINGS, "length": 12}
    checked_settings = [{**few, "seed_text": typed} for typed in TYPED]
    checked_settings.append({**few, "temperature": 0})
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
        for code in (WITHOUT_TEXTGEN + keras, own):
            done = run("-c", code, cwd=tmp_path / "home", env=env).check()
            assert done.out == f"{written(stored, SETTINGS)}\n"
            assert 'revision="main"' in code
            needed = {"config.json", "vocabulary.json", stored.snapshots[EARLY].file}
            if code is own:  # which finds the other files in the cache
                needed |= {"timeline.json"}
            assert hub.downloaded(REPO_ID) == needed


@pytest.fixture(scope="module")
def address(timeline: Timeline) -> Iterator[str]:
    with served(timeline) as url:
        yield url


def test_the_app_answers_the_client_whatever_was_typed(
    timeline: Timeline, address: str, tmp_path: Path
) -> None:
    checked_settings = [*({**SETTINGS, "seed_text": typed} for typed in TYPED), FILTERED]
    codes = [code_of(timeline, settings, 2, address) for settings in checked_settings]
    printed = run_all(codes, tmp_path)
    for text, settings in zip(printed, checked_settings, strict=True):
        assert text.endswith(f"\n{written(timeline, settings)}\n")


def test_the_app_answers_curl_whatever_was_typed(timeline: Timeline, address: str) -> None:
    for settings in [*({**SETTINGS, "seed_text": typed} for typed in TYPED), FILTERED]:
        command = code_of(timeline, settings, 3, address)
        assert all(character.isprintable() or character == "\n" for character in command)
        done = subprocess.run(["bash", "-euc", command], capture_output=True, text=True, check=True)
        *_, data = [line for line in done.stdout.splitlines() if line.startswith("data: ")]
        (answer,) = json.loads(data.removeprefix("data: "))
        assert answer["prompt"] + answer["text"] == written(timeline, settings)
