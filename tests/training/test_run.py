"""Training: what recipes do, and what happens if something goes wrong."""

import functools
import json
import re
from pathlib import Path

import keras
import pytest

from tests.support.trainings import book, quick_recipe
from textgen import Timeline, get_recipe, read_corpus
from textgen.errors import ConfigError, TrainingError
from textgen.manifest.records import Snapshot
from textgen.training.hardware import best_precision
from textgen.training.run import train as train_timeline

pytestmark = pytest.mark.slow


def test_dropout_is_off_before_its_first_epoch(tmp_path: Path) -> None:
    def weights(dropout: float, dropout_from: int) -> list[str]:
        recipe = quick_recipe().override(epochs=2, dropout=dropout, dropout_from=dropout_from)
        output = tmp_path / f"{dropout}-{dropout_from}"
        train_timeline(read_corpus(text), recipe, output=output, verbose=False)
        timeline = Timeline.from_pretrained(output)
        saved = json.loads((output / "config.json").read_bytes())["config"]["layers"]
        rates = [layer["config"]["rate"] for layer in saved if layer["class_name"] == "Dropout"]
        assert rates == [dropout, dropout]
        return [snapshot.sha256 for snapshot in timeline.snapshots]

    text = book(tmp_path, 8_000)
    low, high, at_once = weights(0.2, 1), weights(0.6, 1), weights(0.2, 0)
    assert [a == b for a, b in zip(low, high, strict=True)] == [True, True, True, False]
    assert [a == b for a, b in zip(low, at_once, strict=True)] == [True, False, False, False]


def test_precision_auto_is_the_machines_best_and_is_recorded(tmp_path: Path) -> None:
    recipe = quick_recipe().override(precision="auto")
    timeline = train_timeline(
        read_corpus(book(tmp_path, 8_000)), recipe, output=tmp_path / "out", verbose=False
    )
    assert timeline.manifest.training.precision == best_precision()


def test_a_loss_of_nan_stops_at_the_last_good_snapshot(tmp_path: Path) -> None:
    class Poison(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_end(self, batch: int, logs: object = None) -> None:
            if batch == 2:
                variable = self.model.trainable_variables[0]
                variable.assign(variable * float("nan"))

    seen: list[Snapshot] = []
    with pytest.raises(TrainingError, match="--learning-rate"):
        train_timeline(
            read_corpus(book(tmp_path, 8_000)),
            quick_recipe(),
            output=tmp_path / "out",
            callbacks=[Poison()],
            on_snapshot=seen.append,
        )
    timeline = Timeline.from_pretrained(tmp_path / "out")
    timeline.verify()
    assert len(timeline.snapshots) == len(seen) >= 1


@pytest.mark.parametrize(
    ("clip_norm", "remedy"),
    [
        (0.0, "a --learning-rate below 1 or with --clip-norm 1, and another --output."),
        (5.0, "a --learning-rate below 1 or with --clip-norm 1, and another --output."),
        (1.0, "a --learning-rate below 1 and another --output."),
    ],
)
def test_diverging_training_stops_at_the_last_good_snapshot(
    tmp_path: Path, clip_norm: float, remedy: str
) -> None:
    recipe = quick_recipe().override(
        optimizer="rmsprop", schedule="constant", learning_rate=1.0, clip_norm=clip_norm, epochs=3
    )
    with pytest.raises(TrainingError, match=rf"diverged: .* Train again with {re.escape(remedy)}$"):
        train_timeline(
            read_corpus(book(tmp_path, 8_000)), recipe, output=tmp_path / "out", verbose=False
        )
    Timeline.from_pretrained(tmp_path / "out").verify()


def test_early_stopping(tmp_path: Path) -> None:
    recipe = quick_recipe().override(
        epochs=90, patience=2, learning_rate=0.03, schedule="constant", seq_length=20
    )
    corpus = read_corpus(book(tmp_path, 8_000))
    run = functools.partial(train_timeline, corpus, recipe, verbose=False)
    timeline = run(output=tmp_path / "out")
    assert timeline.manifest.finished
    assert timeline.snapshots[-3] is timeline.best
    assert timeline.snapshots[-1].epoch < 90
    seen: list[Snapshot] = []
    run(output=tmp_path / "out", resume=True, on_snapshot=seen.append)
    assert not seen


def test_a_run_fine_tunes_another_timeline(trained: tuple[Path, Path], tmp_path: Path) -> None:
    origin = Timeline.from_pretrained(trained[1])
    text = tmp_path / "other.txt"
    text.write_text(trained[0].read_text(encoding="utf-8")[::-1] + "é", encoding="utf-8")
    timeline = train_timeline(
        read_corpus(text),
        quick_recipe().override(lstm_units=(3,)),
        output=tmp_path / "out",
        init_from=origin,
        verbose=False,
    )
    timeline.verify()
    first, source = timeline.manifest.snapshots[0], timeline.manifest.init_from
    assert source is not None
    assert (source.name, source.step) == (origin.name, origin.best.step)
    assert source.sha256 == first.sha256 == origin.best.sha256
    assert timeline.config == origin.config
    assert timeline.vocabulary == origin.vocabulary
    assert timeline.manifest.corpus.unseen_characters >= 1
    assert timeline.best.val_loss < first.val_loss
    validation = timeline.split(read_corpus(text).text)[1]
    assert len(validation) == timeline.manifest.corpus.held_out_characters


def test_a_recipe_refuses_to_fine_tune_a_model_it_cannot_train(
    trained: tuple[Path, Path], tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=r"context must equal seq_length, 60, received None"):
        train_timeline(
            read_corpus(trained[0]),
            get_recipe("nietzsche-classic"),
            output=tmp_path / "out",
            init_from=Timeline.from_pretrained(trained[1]),
        )
    assert not (tmp_path / "out").exists()


def test_a_published_recipe_writes_a_timeline_like_any_other(tmp_path: Path) -> None:
    recipe = get_recipe("nietzsche-classic").override(
        epochs=1, early_snapshots=0, seq_length=12, context=12, lstm_units=(16,), batch_size=32
    )
    corpus = read_corpus(book(tmp_path, 8_000))
    timeline = train_timeline(corpus, recipe, output=tmp_path / "out", verbose=False)
    timeline.verify()
    assert timeline.best.val_loss < timeline.snapshots[0].val_loss - 0.5
    generator = timeline.generator()
    text = "forgotten " + corpus.text[-40:].lower()
    # It was trained on windows, so it sees only a window when it writes.
    assert generator.generate(text, seed=1) == generator.generate(text[-12:], seed=1)


def test_a_prompt_is_recorded_after_preprocessing(tmp_path: Path) -> None:
    timeline = train_timeline(
        read_corpus(book(tmp_path, 8_000)),
        quick_recipe(),
        output=tmp_path / "out",
        seed_text="The Ж",
        verbose=False,
    )
    assert timeline.manifest.sample_settings.seed_text == "the "


@pytest.mark.parametrize(
    "text",
    [
        "Все счастливые семьи похожи друг на друга, каждая несчастлива по-своему.\n" * 60,
        "千里之行，始於足下。合抱之木，生於毫末；九層之臺，起於累土。\n" * 120,
        "def f(x):\n\treturn {'a': x ** 2}  # 🙂👍🏽 café\n" * 80,
    ],
    ids=["cyrillic", "chinese", "code-and-emoji"],
)
def test_texts_in_any_script_can_be_trained_on(tmp_path: Path, text: str) -> None:
    path = tmp_path / "text.txt"
    path.write_text(text, encoding="utf-8")
    timeline = train_timeline(
        read_corpus(path), quick_recipe(), output=tmp_path / "out", verbose=False
    )
    assert set(timeline.generator().generate(text[:20], length=50, seed=1)) <= set(text.lower())
