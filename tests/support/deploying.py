"""Deploys a clone that contains secrets, and lists what may be in the Space."""

from pathlib import Path

import yaml

from tests.support.paths import ROOT
from tests.support.processes import TOKEN, Outcome
from tests.support.world import TOKENS, World

HEADING = "Watch a small network learn to write"


CANARY = "This page came from the clone"


SECRETS = (
    ".env",
    "token.txt",
    "secret.py",
    "textgen/secret.env",
    "textgen/notes.txt",
    "textgen/inner/secret.py",
    "textgen/web/.env",
    "textgen/web/secret.txt",
    "pretrained/letters/optimizer.bin",
    "pretrained/letters/snapshots/step-0000001.weights.h5",  # not in the manifest
    "pretrained/secret.txt",
    "benchmarks/secret.png",
    "pictures/secret.png",
)


PAGE = {
    *("LICENSE", "README.md", "app.py", "model_card.md"),
    *("pyproject.toml", "requirements.txt", "train.py"),
    *(f"textgen/web/{path.name}" for path in (ROOT / "textgen" / "web").iterdir()),
}


def deploy(world: World, space_id: str, *flags: str) -> Outcome:
    """Deploy as "tester" and return the outcome; no file, log or output may contain a token."""
    outcome = world.worker.textgen("deploy", space_id, *flags).check()
    files = world.hub.files(f"spaces/{space_id}")
    log = world.hub.repo(f"spaces/{space_id}").git("log", "--format=%B")
    said = (
        outcome.out,
        outcome.err,
        log,
        *(content.decode("latin-1") for content in files.values()),
    )
    assert not [text for text in said for token in TOKENS if token in text]
    return outcome


def refused(world: World, *arguments: str, token: str | None = TOKEN) -> str:
    """Deploy, expect a refusal, and return the one line that says why."""
    outcome = world.worker.textgen("deploy", *arguments, token=token)
    assert outcome.status == 1, outcome
    assert outcome.out == ""
    assert outcome.err.startswith("textgen: ")
    assert outcome.err.count("\n") == 1, outcome.err
    assert not [known for known in TOKENS if known in outcome.err]
    return outcome.err


def front_matter(world: World, space_id: str) -> dict[str, object]:
    """Return the settings from the front matter of a Space's README."""
    readme = world.hub.files(f"spaces/{space_id}")["README.md"].decode()
    settings: dict[str, object] = yaml.safe_load(readme.split("---\n", 2)[1])
    return settings


def modules(clone: Path) -> set[str]:
    return {
        path.relative_to(clone).as_posix()
        for path in (clone / "textgen").rglob("*.py")
        if path.parent.name != "inner"
    }
