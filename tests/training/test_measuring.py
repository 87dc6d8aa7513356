"""What training measures: the stored weights, and counting models on the same text."""

import math
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from tests.support.trainings import book, quick_recipe
from textgen import Timeline, read_corpus
from textgen.generation.evaluation import evaluate
from textgen.network.weights import read_weights
from textgen.text.ngrams import NgramModel
from textgen.training import baselines
from textgen.training.baselines import measure_ngrams
from textgen.training.data import split_text
from textgen.training.run import train as train_timeline

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def timelines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Timeline]:
    """The same run with its snapshots stored in both types."""
    home = tmp_path_factory.mktemp("stored")
    corpus, recipe = read_corpus(book(home, 30_000)), quick_recipe().override(epochs=2)
    return {
        dtype: train_timeline(
            corpus, recipe, output=home / dtype, weights_dtype=dtype, verbose=False
        )
        for dtype in ("float32", "float16")
    }


def test_float16_snapshots_have_half_the_size_and_nearly_the_same_losses(
    timelines: dict[str, Timeline],
) -> None:
    for whole, half in zip(
        timelines["float32"].snapshots, timelines["float16"].snapshots, strict=True
    ):
        assert half.size < 0.6 * whole.size
        assert half.val_loss == pytest.approx(whole.val_loss, abs=1e-3)
        assert half.val_loss != whole.val_loss
        assert half.loss == whole.loss  # training does not depend on what is stored


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_everything_is_measured_on_what_is_stored(
    timelines: dict[str, Timeline], dtype: str
) -> None:
    timeline = timelines[dtype]
    timeline.verify()
    corpus = read_corpus(timeline.directory.parent / "reference.txt")
    training, validation = timeline.split(corpus)
    ids = timeline.vocabulary.encode(training[-1] + validation)
    for snapshot in timeline.snapshots:
        generator = timeline.generator(step=snapshot.step)
        loss = evaluate(generator.engine, ids).nats_per_char
        assert loss == pytest.approx(snapshot.val_loss, rel=1e-9)
        settings = timeline.manifest.sample_settings
        text = generator.generate(
            settings.seed_text, length=settings.length, temperature=0.5, seed=settings.seed
        )
        assert text == snapshot.samples["0.5"]
        assert [*snapshot.bits_by_context] == ["1", "2", "4", "8", "16", "32", "64", "128", "256"]
        assert snapshot.bits_by_context["256"] == pytest.approx(
            snapshot.val_bits_per_char, abs=0.05
        )


KERAS_ALONE = """
import sys, keras
model = keras.saving.load_model(sys.argv[1])
assert {weight.dtype for weight in model.weights} == {"float32"}
before = [keras.ops.convert_to_numpy(weight) for weight in model.weights]
model.load_weights(sys.argv[2])
after = [keras.ops.convert_to_numpy(weight) for weight in model.weights]
assert all((one == other).all() for one, other in zip(before, after, strict=True))
"""


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "numpy"])
def test_keras_alone_opens_float16_snapshots(timelines: dict[str, Timeline], backend: str) -> None:
    timeline = timelines["float16"]
    best = timeline.directory / timeline.best.file
    with h5py.File(best) as file:
        assert file["layers/lstm/cell/vars/1"].dtype == np.float16
    subprocess.run(
        [sys.executable, "-c", KERAS_ALONE, str(timeline.directory), str(best)],
        env={**os.environ, "KERAS_BACKEND": backend},
        check=True,
    )
    model = keras.saving.load_model(timeline.directory)
    for stored, read in zip(
        read_weights(best, timeline.config).arrays, model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(stored, read)


def test_counting_models_are_measured_on_the_same_split(timelines: dict[str, Timeline]) -> None:
    timeline = timelines["float16"]
    corpus = read_corpus(timeline.directory.parent / "reference.txt")
    training, validation = timeline.split(corpus)
    encode = timeline.vocabulary.encode
    model = NgramModel(encode(training), timeline.vocabulary.size)
    found = timeline.manifest.ngrams
    assert len(found) >= baselines.USUAL_ORDER
    losses = islice(model.losses(encode(training[-1] + validation)), len(found))
    for order, (result, loss) in enumerate(zip(found, losses, strict=True), start=1):
        assert result.order == order
        assert result.characters == len(training)
        assert result.val_loss == pytest.approx(loss, rel=1e-12)
        assert result.val_bits_per_char == pytest.approx(loss / math.log(2))
        assert len(result.sample) == timeline.manifest.sample_settings.length
    assert [one.seconds for one in found] == sorted(one.seconds for one in found)
    # The samples learn words, too: most words of the longest order occur in the training text.
    known = [timeline.known_words(one.sample) or 0 for one in found]
    assert known[5] > 0.8 > known[1]


def test_of_a_long_text_only_the_end_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baselines, "MAX_COUNTED", 5_000)
    recipe = quick_recipe()
    split = split_text(read_corpus(book(tmp_path)), recipe.preparation, recipe.training, None)
    train_ids = split.vocabulary.encode("".join(split.training_pieces()))
    val_ids = split.vocabulary.encode(split.validation)
    settings = Timeline.from_pretrained("pretrained/nietzsche").manifest.sample_settings
    found, alone = (
        measure_ngrams(ids, val_ids, split.vocabulary, settings)
        for ids in (train_ids, train_ids[-5_000:])
    )
    assert {one.characters for one in found} == {5_000}
    assert [one.val_loss for one in found] == [one.val_loss for one in alone]


def test_a_text_shorter_than_the_orders_is_measured(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("abcab cabca", encoding="utf-8")
    recipe = quick_recipe().override(seq_length=3, val_fraction=0.3)
    timeline = train_timeline(
        read_corpus(tmp_path / "text.txt"), recipe, output=tmp_path / "out", verbose=False
    )
    assert 1 <= len(timeline.manifest.ngrams) <= 8
    assert all(set(s.bits_by_context) <= {"1", "2", "4"} for s in timeline.snapshots)
