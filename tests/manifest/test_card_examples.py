"""The code on a published card runs unchanged, with a Hub on the loopback interface.

Code that does not need textgen runs without it.
"""

import dataclasses
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.support.cards import code_of
from tests.support.hub_server import HubServer
from tests.support.processes import Outcome, environment, free_port, run, serving
from tests.support.timelines import MODEL, manifest_of, write_timeline
from tests.support.world import open_world
from textgen import Timeline
from textgen.generation.streams import DEFAULT_LENGTH

pytestmark = pytest.mark.slow

REPO_ID = "tester/letters"
APP = "http://127.0.0.1:7860"
PROMPT = "a bad "
EARLY = 0.5  # the epoch of the snapshot in the card's examples


@dataclass(frozen=True)
class Published:
    """A timeline on a Hub, and the code on its card."""

    timeline: Timeline
    hub: HubServer
    env: dict[str, str]
    home: Path
    python: list[str]
    bash: list[str]

    def run(self, code: str, *flags: str) -> Outcome:
        return run(*flags, "-c", code, cwd=self.home, env=self.env).check()


@pytest.fixture(scope="module", params=[None, 5], ids=["any length", "context of 5"])
def published(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Published]:
    root = tmp_path_factory.mktemp("examples")
    model = dataclasses.replace(MODEL, context=request.param)
    timeline = write_timeline(root / "mine", manifest_of(model=model))
    with open_world(root) as world:
        world.push(REPO_ID, timeline)
        env = environment(root / "home", world.hub.endpoint)
        python, bash = (code_of(timeline.manifest, language) for language in ("python", "bash"))
        yield Published(timeline, world.hub, env, root / "home", python, bash)


def test_keras_alone_loads_the_best_and_writes_with_the_named_snapshot(
    published: Published,
) -> None:
    _, load, write, _ = published.python
    ids = published.timeline.vocabulary.encode("bad a").tolist()
    program = (
        "import sys; sys.modules['textgen'] = None\n"
        f"{load}"
        f"best = model(keras.ops.array([{ids}]))[0]\n"
        f"{load}{write}"
        "import json\n"
        "print(json.dumps([keras.ops.convert_to_numpy(each).tolist() for each in (best, logits)]))"
    )
    text, _, shown = published.run(program, "-I").out.removesuffix("\n").rpartition("\n")
    best, logits = map(np.array, json.loads(shown))
    np.testing.assert_allclose(
        best, published.timeline.generator().logits("bad a"), atol=1e-4, rtol=0
    )
    generator = published.timeline.generator(EARLY)
    assert text == PROMPT + generator.generate(PROMPT, length=100, seed=1)
    read = text[:-1][-(published.timeline.config.context or len(text)) :]
    np.testing.assert_allclose(logits, generator.logits(read)[-1], atol=1e-4, rtol=0)
    assert published.hub.downloaded(REPO_ID) == {
        "config.json",
        "model.weights.h5",
        "vocabulary.json",
        published.timeline.manifest.find(epoch=EARLY).file,
    }


def test_textgen_writes_with_the_best(published: Published) -> None:
    best = published.timeline.generator()
    text = best.generate(PROMPT, length=400, temperature=0.5, seed=1)
    assert published.run(published.python[0]).out == f"{text}\n"


# The app calls all models in the same way, so one is enough.
of_any_length = pytest.mark.parametrize("published", [None], ids=["any length"], indirect=True)


@pytest.fixture(scope="module")
def address(published: Published) -> Iterator[str]:
    """Start the app with the card's command, on a free port."""
    python, *arguments = published.bash[0].split()
    assert python == "python"
    address = f"http://127.0.0.1:{(port := free_port())}"
    with serving(*arguments, "--port", str(port), url=address, env=published.env):
        yield address


@of_any_length
def test_the_app_answers_the_client(published: Published, address: str) -> None:
    out = published.run(published.python[3].replace(APP, address)).out
    text = published.timeline.generator(EARLY).generate(PROMPT, length=DEFAULT_LENGTH, seed=1)
    assert f"{PROMPT}{text}" in out


@of_any_length
def test_the_app_answers_curl(published: Published, address: str) -> None:
    command = published.bash[1].replace(APP, address)
    done = subprocess.run(["bash", "-euc", command], capture_output=True, text=True, check=True)
    *_, data = [line for line in done.stdout.splitlines() if line.startswith("data: ")]
    text = published.timeline.generator(EARLY).generate(PROMPT, length=DEFAULT_LENGTH, seed=1)
    (answer,) = json.loads(data.removeprefix("data: "))
    assert (answer["prompt"], answer["text"]) == (PROMPT, text)
