"""What is prepared before the first step of training."""

import dataclasses
import hashlib
from pathlib import Path

import pytest

from tests.support.letters import CORPUS, INDEX
from tests.support.timelines import training_setup_of, write_timeline
from textgen import Corpus, read_corpus
from textgen.errors import ConfigError
from textgen.manifest.records import IndexFacts, Origin, Publication
from textgen.training import setup
from textgen.training.setup import TrainingSetup

pytestmark = pytest.mark.slow


def prepared_from(directory: Path, text: str, *, with_index: bool = True) -> TrainingSetup:
    """Prepare a text for training, with a validation fraction of a tenth."""
    (directory / "text.txt").write_text(text, encoding="utf-8")
    corpus = read_corpus(directory / "text.txt")
    return training_setup_of(corpus, "tiny", directory, corpus_index=with_index)


def test_the_index_covers_the_preprocessed_training_text(tmp_path: Path) -> None:
    data = prepared_from(tmp_path, CORPUS.upper())
    assert data.corpus_index == INDEX
    assert data.manifest.corpus_index == IndexFacts(
        ngram_size=19, ngrams=882, words=101, sha256=hashlib.sha256(INDEX).hexdigest()
    )


def test_the_index_can_be_left_out(tmp_path: Path) -> None:
    data = prepared_from(tmp_path, CORPUS, with_index=False)
    assert (data.corpus_index, data.manifest.corpus_index) == (None, None)


@pytest.mark.parametrize(("limit", "with_index"), [(900, True), (899, False)])
def test_a_corpus_too_long_for_an_index_has_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, limit: int, with_index: bool
) -> None:
    monkeypatch.setattr(setup, "MAX_NGRAMS", limit)
    data = prepared_from(tmp_path, CORPUS)
    assert (data.corpus_index is not None) is with_index
    assert (data.manifest.corpus_index is not None) is with_index


@pytest.mark.parametrize("repo_id", [None, "tester/letters"])
def test_the_origin_is_named_with_its_repository(tmp_path: Path, repo_id: str | None) -> None:
    start = write_timeline(tmp_path / "letters")
    opened = dataclasses.replace(start, source=dataclasses.replace(start.source, repo_id=repo_id))
    corpus = Corpus.from_text(CORPUS, name="letters")
    data = training_setup_of(corpus, "tiny", tmp_path, init_from=opened)
    best = start.best
    assert data.manifest.init_from == Origin(
        name="letters", step=best.step, sha256=best.sha256, repo_id=repo_id
    )


def test_a_wrong_statement_for_the_card_is_refused_before_training(tmp_path: Path) -> None:
    corpus = Corpus.from_text(CORPUS, name="letters")
    with pytest.raises(ConfigError, match=r"publication\.license must be"):
        training_setup_of(corpus, "tiny", tmp_path, publication=Publication(license="free"))
