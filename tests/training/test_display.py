"""What training stores for the app: whether the text is hard-wrapped, and prompts to offer."""

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT
from tests.support.timelines import manifest_of, training_setup_of
from tests.support.trainings import QUICK, book
from textgen import Timeline, read_corpus
from textgen.cli.train import main
from textgen.config import TrainConfig
from textgen.errors import TimelineError, VocabularyError
from textgen.manifest.schema import Manifest
from textgen.text.beginnings import typical_beginnings
from textgen.training import setup
from textgen.training.resume import earlier_run

pytestmark = pytest.mark.slow

PROSE = (ROOT / "LICENSE").read_text(encoding="utf-8") * 20
PLAY = "".join(
    f"{speaker}:\n{number} times.\n\n" for number in range(200) for speaker in ("ROMEO", "JULIET")
)


def manifest_from(directory: Path, text: str, recipe: str = "default", **options: Any) -> Manifest:
    (directory / "text.txt").write_text(text, encoding="utf-8")
    corpus = read_corpus(directory / "text.txt")
    return training_setup_of(corpus, recipe, directory, **options).manifest


def test_the_manifest_states_whether_the_training_text_is_hard_wrapped(tmp_path: Path) -> None:
    assert manifest_from(tmp_path, PROSE).corpus.hard_wrapped
    assert manifest_from(tmp_path, PROSE, "tiny").corpus.hard_wrapped
    assert not manifest_from(tmp_path, PLAY).corpus.hard_wrapped
    # This recipe makes spaces of line breaks.
    assert not manifest_from(tmp_path, PROSE, "alice-clean").corpus.hard_wrapped


def test_prompts_come_from_the_preprocessed_training_text(tmp_path: Path) -> None:
    speakers = ("JULIET:\n", "ROMEO:\n")
    assert sorted(manifest_from(tmp_path, PLAY).prompts) == [*speakers]
    assert sorted(manifest_from(tmp_path, PLAY, "tiny").prompts) == [*map(str.lower, speakers)]
    text = book(tmp_path).read_text(encoding="utf-8")
    manifest = manifest_from(tmp_path, text)
    train = text[: manifest.corpus.train_characters]
    assert manifest.prompts == typical_beginnings(train, hard_wrapped=False) != ()


def test_prompts_of_a_long_text_come_from_all_parts_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "STUDIED_CHARACTERS", 3000)
    for number, name in enumerate(("ANNA", "BOB", "CARLA")):
        (tmp_path / f"{number}.txt").write_text(PLAY.replace("JULIET", name), encoding="utf-8")
    manifest = training_setup_of(read_corpus(tmp_path), "default", tmp_path).manifest
    assert set(manifest.prompts) == {"ROMEO:\n", "ANNA:\n", "BOB:\n", "CARLA:\n"}


def test_prompts_can_be_chosen_by_hand(tmp_path: Path) -> None:
    assert manifest_from(tmp_path, PROSE, prompts=["The 日本 notice ", "A\n"]).prompts == (
        "The notice ",
        "A\n",
    )
    assert manifest_from(tmp_path, PROSE, prompts=[]).prompts == ()
    with pytest.raises(VocabularyError, match=r"in the training text: 日, 本\. Choose a --prompt"):
        manifest_from(tmp_path, PROSE, prompts=["日本"])
    with pytest.raises(VocabularyError, match=r"A prompt is blank: ' '\. Choose a --prompt"):
        manifest_from(tmp_path, PROSE, prompts=[" "])
    with pytest.raises(TimelineError, match="at most 20 items"):
        manifest_from(tmp_path, PROSE, prompts=["a"] * 21)


def test_resume_accepts_other_prompts_and_a_run_that_did_not_store_the_wrapping(
    tmp_path: Path,
) -> None:
    earlier = manifest_of(training=TrainConfig(epochs=9))  # not finished
    (tmp_path / "timeline.json").write_bytes(earlier.to_json())
    corpus = dataclasses.replace(earlier.corpus, hard_wrapped=True)
    now = dataclasses.replace(earlier, snapshots=(), corpus=corpus, prompts=("a bad ",))
    assert earlier_run(tmp_path, now) == earlier


def test_resuming_a_finished_run_changes_these_and_nothing_else(
    trained: tuple[Path, Path], tmp_path: Path
) -> None:
    text, output = trained[0], shutil.copytree(trained[1], tmp_path / "old")
    manifest = Manifest.read(output)
    wrong = not manifest.corpus.hard_wrapped
    corpus = dataclasses.replace(manifest.corpus, hard_wrapped=wrong)
    old = dataclasses.replace(manifest, corpus=corpus, prompts=())
    (output / "timeline.json").write_bytes(old.to_json())
    arguments = ["--corpus", str(text), *QUICK, "--output", str(output), "--resume"]
    assert main(arguments) == 0
    assert Manifest.read(output) == manifest
    assert main([*arguments, "--prompt", "The object\n", "--prompt", "a "]) == 0
    by_hand = dataclasses.replace(manifest, prompts=("the object\n", "a "))
    assert Manifest.read(output) == by_hand
    Timeline.from_pretrained(output).verify()
