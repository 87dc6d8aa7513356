"""Preparing a corpus of any length for training."""

import dataclasses
import os
import threading
from pathlib import Path

import numpy as np
import pytest

import textgen.training.data
from tests.support.timelines import training_setup_of
from textgen import Corpus, get_recipe, read_corpus, train
from textgen.errors import CorpusError
from textgen.training.setup import TrainingSetup

pytestmark = pytest.mark.slow

LINES = "The CAT sat on the mat — naïve ΟΔΥΣΣΕΥΣ, 猫！\r\n"
END = "zebra crossing Ω\n"


def prepared(directory: Path, text: str, recipe: str = "tiny") -> TrainingSetup:
    path = directory / "text.txt"
    path.write_bytes(text.encode())
    return training_setup_of(read_corpus(path), recipe, directory)


@pytest.mark.parametrize("recipe", ["tiny", "alice-clean", "default"])
@pytest.mark.parametrize("limit", [50_000_000, 1000])
def test_a_text_read_in_pieces_equals_the_text_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recipe: str, limit: int
) -> None:
    monkeypatch.setattr(textgen.training.data, "MAX_IN_MEMORY", limit)
    text = LINES * 40_000 + END
    data = prepared(tmp_path, text, recipe)
    settings = get_recipe(recipe)
    whole = settings.preparation.apply(text)
    cut = data.manifest.corpus.train_characters
    assert cut == len(whole) - int(len(whole) * settings.training.val_fraction)
    assert data.vocabulary.characters == tuple(sorted(set(whole[:cut])))
    assert np.array_equal(data.train_ids, data.vocabulary.encode(whole[:cut]))
    assert data.train_ids.dtype == np.uint8
    known, unseen = data.vocabulary.normalize(whole[cut:])
    assert sum(unseen.values()) == data.manifest.corpus.unseen_characters > 0
    assert np.array_equal(data.val_ids, data.vocabulary.encode(whole[cut - 1] + known))
    assert isinstance(data.train_ids, np.memmap) == (limit == 1000)
    assert [path.name for path in tmp_path.iterdir()] == ["text.txt"], (
        "a temporary file was left behind"
    )


def test_characters_outside_an_existing_vocabulary_are_removed_and_counted(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    first = tmp_path / "first" / "text.txt"
    first.write_text("the cat sat on the mat\n" * 200, encoding="utf-8")
    recipe = get_recipe("tiny").override(epochs=1, early_snapshots=0)
    origin = train(read_corpus(first), recipe, output=tmp_path / "origin", verbose=False)
    corpus = Corpus.from_text("The cat: sat ON the mat!\n" * 100_000, name="Other text")
    data = training_setup_of(corpus, "tiny", tmp_path, init_from=origin)
    facts = data.manifest.corpus
    assert (facts.characters, facts.unseen_characters) == (2_300_000, 200_000)
    assert facts.train_characters + facts.held_out_characters == 2_300_000
    assert data.vocabulary.decode(data.train_ids[:23]) == "the cat sat on the mat\n"
    assert (facts.name, facts.source) == ("other-text", "Other text")


@pytest.mark.parametrize("text", ["a" * 5000, "a" * 5000 + "b" * 100, "aA" * 5000])
def test_a_text_of_one_character_is_refused_before_anything_is_written(
    tmp_path: Path, text: str
) -> None:
    corpus = Corpus.from_text(text, name="alarm")
    with pytest.raises(CorpusError, match=r"one distinct character, 'a', .* Give a text of words"):
        train(corpus, get_recipe("tiny"), output=tmp_path / "out", verbose=False)
    assert not (tmp_path / "out").exists()


def test_a_corpus_that_changes_during_reading_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("the cat sat on the mat\n" * 200, encoding="utf-8")
    corpus = read_corpus(path)
    path.write_text("the cat\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="changed while it was being read"):
        training_setup_of(corpus, "tiny", tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_can_be_a_corpus(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"one\r\ntwo\n" * 10,))
    writer.start()
    corpus = read_corpus(pipe)
    writer.join()
    assert corpus.text == "one\ntwo\n" * 10 == corpus.text


def test_a_deleted_file_is_a_corpus_error(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("text " * 100, encoding="utf-8")
    corpus = read_corpus(path)
    path.unlink()
    with pytest.raises(CorpusError, match=r"Cannot read .*text\.txt: No such file"):
        _ = corpus.text


def test_a_corpus_has_the_length_of_its_text(tmp_path: Path) -> None:
    for number, text in enumerate(("one\r\ntwo", "", "\ufeffdéjà\n")):
        (tmp_path / f"{number}.txt").write_text(text, encoding="utf-8", newline="")
    corpus = read_corpus(tmp_path)
    assert corpus.text == "one\ntwo\n\n\n\ndéjà\n"
    assert corpus.characters == len(corpus.text)
    assert dataclasses.replace(corpus) == corpus
