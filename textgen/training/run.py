"""From a corpus and a recipe to a timeline."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import keras

from textgen.errors import TimelineError, TrainingError
from textgen.generation.evaluation import evaluate
from textgen.manifest.schema import Manifest, Snapshot
from textgen.network.engine import Engine
from textgen.network.model import build_model
from textgen.text.corpus import Corpus
from textgen.timeline.generator import TextGenerator
from textgen.timeline.timeline import Timeline
from textgen.training.allocator import freed_memory_kept
from textgen.training.checkpoint import Checkpoint
from textgen.training.hardware import data_parallel
from textgen.training.output import (
    check_output_free,
    checkpoint_directory,
    output_lock,
    remove_partial_files,
)
from textgen.training.progress import ProgressBar
from textgen.training.recipes import Recipe
from textgen.training.resume import earlier_run, precision_of
from textgen.training.setup import RunOptions, TrainingSetup, prepare
from textgen.training.trainer import build_trainer, set_dropout
from textgen.training.windows import Windows, snapshot_steps, steps_per_epoch
from textgen.training.writer import TimelineWriter

SAMPLE_TEMPERATURES = (0.2, 0.5, 1.0, 1.2)


def train(
    corpus: Corpus,
    recipe: Recipe,
    *,
    output: str | Path,
    name: str | None = None,
    seed_text: str | None = None,
    corpus_index: bool = True,
    init_from: Timeline | None = None,
    devices: int = 1,
    resume: bool = False,
    verbose: bool = True,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    on_snapshot: Callable[[Snapshot], None] | None = None,
) -> Timeline:
    """Train a model on a corpus and write its timeline.

    The timeline is whole on disk after every snapshot, so it can be read while training goes on and
    survives an interruption. Beside it, the directory `OUTPUT.checkpoint` holds what `resume` needs
    and is deleted at the end.

    Args:
        corpus: the text.
        recipe: how to prepare it, what to build and how to train it.
        output: the timeline's directory; new, empty, or with `resume` one of the same run.
        name: the timeline's; default the corpus's.
        seed_text: what every sample starts from; default a sentence's start in the held-out text.
        corpus_index: write an index of the corpus into the timeline, by which `Timeline.novelty`
            knows copies and `Timeline.real_words` words; see
            `textgen.text.corpus_index.CorpusIndex` for what it gives away. A corpus of more than
            `textgen.text.corpus_index.MAX_NGRAMS` characters gets none.
        init_from: begin with the best snapshot of this timeline instead of random weights. Its
            preparation, vocabulary and model take the place of the recipe's; characters that it
            does not know are left out.
        devices: GPUs to train on, each on its part of every batch; more than one with JAX only.
        resume: go on from the last checkpoint in `output`, on as many devices to the same weights
            as a run that was never interrupted; start from the beginning where `output` holds no
            timeline yet.
        verbose: show Keras' progress bar.
        callbacks: Keras callbacks; `fit` is called once for each stretch between two snapshots.
        on_snapshot: called with each new snapshot.

    Returns:
        The finished timeline.

    Raises:
        CorpusError: the text is too short.
        ConfigError: there are not so many devices, or a batch cannot be shared out to them.
        TimelineError: `output` holds something else, or a run with other settings.
        TrainingError: the loss is no longer a number, or worse than guessing; the timeline ends
            with the last good snapshot.
        OutputError: the disk refuses; the timeline is whole up to the last snapshot.
    """
    output = Path(output)
    if recipe.training.precision == "auto":
        recipe = recipe.override(precision=precision_of(output, resume=resume))
    on_devices = data_parallel(recipe.training.batch_size, devices)
    options = RunOptions(
        name=name,
        seed_text=seed_text,
        corpus_index=corpus_index,
        init_from=init_from,
        devices=devices,
    )
    setup = prepare(corpus, recipe, options, scratch=output.resolve().parent)
    with freed_memory_kept(), on_devices, output_lock(output):
        return _Run(setup, output, resume=resume).execute(
            callbacks=[*callbacks, *([ProgressBar(recipe.training.epochs)] if verbose else [])],
            on_snapshot=on_snapshot or (lambda _: None),
        )


class _Run:
    """One training run: its data and where it stands on disk."""

    def __init__(self, setup: TrainingSetup, output: Path, *, resume: bool) -> None:
        self._setup, self._output, self._checkpoint = setup, output, Checkpoint(output)
        self._training = training = setup.manifest.training
        self._per_epoch = steps_per_epoch(len(setup.train_ids), training)
        # Nothing is written yet.
        self._earlier = earlier_run(output, setup.manifest) if resume else None
        if self._earlier is None:
            check_output_free(output)
        remove_partial_files(output)

    def execute(
        self,
        *,
        callbacks: list[keras.callbacks.Callback],
        on_snapshot: Callable[[Snapshot], None],
    ) -> Timeline:
        keras.utils.set_random_seed(self._training.seed)
        model = build_model(self._setup.manifest.model)
        if self._setup.weights is not None:
            model.set_weights(self._setup.weights)
        trainer = build_trainer(model, self._training, self._per_epoch * self._training.epochs)
        manifest = self._restore(trainer)
        writer = TimelineWriter(
            self._output, manifest, self._setup.vocabulary, self._setup.corpus_index
        )
        steps = snapshot_steps(
            self._per_epoch,
            epochs=self._training.epochs,
            early_snapshots=self._training.early_snapshots,
            snapshot_every=self._training.snapshot_every,
        )
        start, seconds = 0, 0.0
        if manifest.snapshots:
            start, seconds = manifest.snapshots[-1].step, manifest.snapshots[-1].seconds
        else:
            self._record(writer, model, 0, None, 0.0, on_snapshot)
            self._checkpoint.save(trainer, 0)
        for since, until in pairwise(step for step in steps if step >= start):
            if writer.timeline.manifest.finished:  # out of patience, now or in the run resumed
                break
            began = time.perf_counter()
            loss = self._fit(trainer, since, until, callbacks)
            seconds += time.perf_counter() - began
            self._record(writer, model, until, loss, seconds, on_snapshot)
            self._checkpoint.save(trainer, until)
        writer.finish(f"USER/{writer.timeline.name}")
        self._checkpoint.delete()
        return writer.timeline

    def _restore(self, trainer: keras.Model) -> Manifest:
        """Bring the model to where an earlier run stopped and return the manifest up to there.

        Raises:
            TimelineError: the checkpoint is unreadable or of another run.
        """
        if self._earlier is None:
            self._checkpoint.delete()  # one left by a run whose timeline is gone
            return self._setup.manifest
        if self._earlier.finished:
            # Nothing is left to do but for the index, which may be asked for or unwanted by now.
            return dataclasses.replace(
                self._earlier, corpus_index=self._setup.manifest.corpus_index
            )
        step = self._checkpoint.restore(trainer)
        if step is None and len(self._earlier.snapshots) > 1:
            raise TimelineError(
                f"Cannot resume {self._output}: its checkpoint, "
                f"{checkpoint_directory(self._output)}, is missing. Put it back, or choose another "
                "--output to start anew."
            )
        # A snapshot listed after the last checkpoint is made again, to the same weights.
        kept = tuple(s for s in self._earlier.snapshots if step is not None and s.step <= step)
        if step is not None and (not kept or kept[-1].step != step):
            raise TimelineError(
                f"The checkpoint beside {self._output} is not this timeline's: it stands at step "
                f"{step:,}. Choose another --output to start anew."
            )
        return dataclasses.replace(self._setup.manifest, snapshots=kept)

    def _fit(
        self, model: keras.Model, since: int, until: int, callbacks: list[keras.callbacks.Callback]
    ) -> float:
        """Train from one step to another, epoch by epoch, and return the mean loss.

        Raises:
            TrainingError: the loss is no longer a number, or worse than guessing.
        """
        total, first, guessing = 0.0, since, math.log(self._setup.vocabulary.size)
        while first < until:
            last = min(until, (first // self._per_epoch + 1) * self._per_epoch)
            windows = Windows(self._setup.train_ids, self._training, start=first, stop=last)
            epoch = first // self._per_epoch
            late = epoch >= self._training.dropout_from
            set_dropout(model, self._setup.manifest.model.dropout if late else 0.0)
            history = model.fit(
                windows,
                initial_epoch=epoch,
                epochs=epoch + 1,
                verbose=0,
                shuffle=False,
                callbacks=[*callbacks, keras.callbacks.TerminateOnNaN()],
            )
            loss = float(history.history["loss"][-1])
            # The first steps may overshoot; who has read the whole text knows more than nothing.
            self._check(loss, last, limit=1.1 * guessing if last >= self._per_epoch else math.inf)
            total += loss * (last - first)
            first = last
        return total / (until - since)

    def _check(self, loss: float, step: int, *, limit: float = math.inf) -> None:
        if not math.isfinite(loss) or loss > limit:
            raise TrainingError(
                f"The training diverged: the loss became {loss:.4g} by step {step:,}. The timeline "
                f"{self._output} ends with the last good snapshot; start again with a lower "
                f"--learning-rate than {self._training.learning_rate:g}, or with --clip-norm 1."
            )

    def _record(
        self,
        writer: TimelineWriter,
        model: keras.Model,
        step: int,
        loss: float | None,
        seconds: float,
        on_snapshot: Callable[[Snapshot], None],
    ) -> None:
        """Save, measure and list the model as it is now."""
        engine = Engine.from_model(model, self._setup.manifest.model)
        held_out = evaluate(engine, self._setup.val_ids)
        self._check(held_out.nats_per_char, step)
        file, sha256, size = writer.save_weights(model, step)
        snapshot = Snapshot(
            step=step,
            epoch=round(step / self._per_epoch, 8),
            file=file,
            sha256=sha256,
            size=size,
            loss=loss,
            val_loss=held_out.nats_per_char,
            val_bits_per_char=held_out.bits_per_char,
            seconds=round(seconds, 3),
            samples=self._samples(TextGenerator(engine, self._setup.vocabulary)),
        )
        writer.add(snapshot)
        on_snapshot(snapshot)

    def _samples(self, generator: TextGenerator) -> dict[str, str]:
        settings = self._setup.manifest.sample_settings
        return {
            f"{temperature:g}": generator.generate(
                settings.seed_text,
                length=settings.length,
                temperature=temperature,
                seed=settings.seed,
            )
            for temperature in SAMPLE_TEMPERATURES
        }
