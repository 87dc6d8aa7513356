"""Trains a model on a corpus, by a recipe, and writes its timeline."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import keras

from textgen.errors import TimelineError, TrainingError
from textgen.manifest.records import Publication, Snapshot
from textgen.manifest.schema import Manifest, WeightsDtype
from textgen.network.model import build_model, dropout_rates
from textgen.text.corpus import Corpus
from textgen.timeline.timeline import Timeline
from textgen.training.allocator import freed_memory_kept
from textgen.training.baselines import measure_ngrams
from textgen.training.checkpoint import Checkpoint
from textgen.training.hardware import data_parallel
from textgen.training.measuring import stored_model
from textgen.training.output import (
    check_output_free,
    checkpoint_directory,
    output_lock,
    remove_partial_files,
)
from textgen.training.progress import ProgressLine
from textgen.training.recipes import Recipe
from textgen.training.resume import earlier_run, settled, updated
from textgen.training.schedule import snapshot_steps, steps_per_epoch
from textgen.training.setup import RunOptions, TrainingSetup, prepare
from textgen.training.trainer import build_trainer, reset_states, set_dropout
from textgen.training.windows import Windows
from textgen.training.writer import TimelineWriter


def train(
    corpus: Corpus,
    recipe: Recipe,
    *,
    output: str | Path,
    name: str | None = None,
    seed_text: str | None = None,
    prompts: Sequence[str] | None = None,
    corpus_index: bool = True,
    weights_dtype: WeightsDtype | None = None,
    init_from: Timeline | None = None,
    devices: int = 1,
    publication: Publication | None = None,
    resume: bool = False,
    verbose: bool = True,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    on_snapshot: Callable[[Snapshot], None] | None = None,
) -> Timeline:
    """Train a model on a corpus and write its timeline.

    After every snapshot the timeline on disk is complete and valid. So it can be read during
    training, and it survives an interruption. Beside it, the directory `OUTPUT.checkpoint` contains
    what `resume` needs; it is deleted at the end.

    Args:
        corpus: the text.
        recipe: the settings of preprocessing, model and training.
        output: the timeline's directory: new or empty, or with `resume` that of the earlier run.
        name: the timeline's name; default: the corpus's name.
        seed_text: the prompt of every sample; default: the start of a sentence in the validation
            (held-out) text.
        prompts: up to 20 ready-made prompts for the app; default: up to four typical beginnings of
            lines or sentences from the training text.
        corpus_index: whether to write an index of the training text into the timeline, which
            `Timeline.novelty` needs to find copies and `Timeline.known_words` to find known words.
            See `textgen.text.corpus_index.CorpusIndex` for what it reveals about the text. A
            training text of more than `textgen.text.corpus_index.MAX_NGRAMS` characters gets none.
        weights_dtype: of the numbers in the snapshots, "float16" or "float32"; default: as in the
            run to resume, else "float16". Everything is measured on what is stored. The training
            itself, and a resumed one, uses float32.
        init_from: fine-tune the best snapshot of this timeline instead of starting from random
            weights. Its preprocessing, vocabulary and model replace the recipe's. Characters that
            are not in its vocabulary are removed from the corpus.
        devices: GPUs to train on, each on its part of every batch; more than 1 needs JAX.
        publication: what to state on the model card, such as the license; default: nothing.
        resume: continue an interrupted run from its last checkpoint. On the same number of devices
            the resulting weights are the same as without the interruption. If `output` contains no
            timeline yet, start from the beginning.
        verbose: whether to show the progress on one line of the terminal.
        callbacks: Keras callbacks; `fit` is called several times, at least once per epoch.
        on_snapshot: called with each new snapshot.

    Returns:
        The finished timeline.

    Raises:
        CorpusError: the text is too short, or there is nothing to learn in it.
        ConfigError: Keras finds fewer devices, the batch cannot be split evenly across them, the
            vocabulary is too large, or the recipe cannot train the model in `init_from`.
        VocabularyError: none of a prompt's characters are in the vocabulary.
        TimelineError: `output` contains something else or a run with other settings, or another run
            is writing to it.
        TrainingError: the loss is no longer a finite number, or worse than guessing; the timeline
            ends with the last good snapshot.
        OutputError: the disk is full or not writable; the timeline is valid up to the last
            snapshot.

    Example:
        >>> corpus = read_corpus("nietzsche")  # doctest: +SKIP
        >>> train(corpus, get_recipe("tiny"), output="timelines/tiny").best.epoch  # doctest: +SKIP
        4.0
    """
    output = Path(output)
    options = RunOptions(
        name=name,
        seed_text=seed_text,
        prompts=prompts,
        corpus_index=corpus_index,
        weights_dtype=weights_dtype,
        init_from=init_from,
        devices=devices,
        publication=publication,
    )
    recipe, options = settled(recipe, options, output, resume=resume)
    on_devices = data_parallel(recipe.training.batch_size, devices)
    setup = prepare(corpus, recipe, options, scratch=output.resolve().parent)
    with freed_memory_kept(), on_devices, output_lock(output):
        return _Run(setup, output, resume=resume, verbose=verbose).execute(
            callbacks=list(callbacks), on_snapshot=on_snapshot or (lambda _: None)
        )


class _Run:
    """One training run, with its data and its files."""

    def __init__(self, setup: TrainingSetup, output: Path, *, resume: bool, verbose: bool) -> None:
        self._setup, self._output, self._checkpoint = setup, output, Checkpoint(output)
        self._verbose = verbose
        self._training = training = setup.manifest.training
        self._per_epoch = steps_per_epoch(len(setup.train_ids), training)
        # Nothing has been written so far.
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
            if writer.timeline.manifest.finished:  # by early stopping, now or in the earlier run
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
        """Restore the state of an earlier run, if any, and return the manifest up to there.

        Raises:
            TimelineError: the checkpoint is missing, damaged or belongs to another run.
        """
        setup = self._setup
        if self._earlier is None:
            self._checkpoint.delete()  # one left by a run whose timeline was deleted
            ngrams = measure_ngrams(
                setup.train_ids, setup.val_ids, setup.vocabulary, setup.manifest.sample_settings
            )
            return dataclasses.replace(setup.manifest, ngrams=ngrams)
        if self._earlier.finished:
            return updated(self._earlier, setup.manifest)
        step = self._checkpoint.restore(trainer)
        if step is None and len(self._earlier.snapshots) > 1:
            raise TimelineError(
                f"Cannot resume {self._output}: its checkpoint, "
                f"{checkpoint_directory(self._output)}, is missing. Restore it, or choose another "
                "--output to start over."
            )
        # A snapshot newer than the checkpoint is trained again, with the same result.
        kept = tuple(s for s in self._earlier.snapshots if step is not None and s.step <= step)
        if step is not None and (not kept or kept[-1].step != step):
            raise TimelineError(
                f"Cannot resume {self._output}: the checkpoint beside it is at step {step:,} of "
                "another run. Choose another --output to start over."
            )
        return dataclasses.replace(setup.manifest, snapshots=kept, ngrams=self._earlier.ngrams)

    def _fit(
        self, model: keras.Model, since: int, until: int, callbacks: list[keras.callbacks.Callback]
    ) -> float:
        """Train from one step to another and return the mean loss, in nats per character.

        `fit` is called once for each epoch, or part of an epoch, in between.

        Raises:
            TrainingError: the loss is no longer a finite number, or worse than guessing.
        """
        total, first, guessing = 0.0, since, math.log(self._setup.vocabulary.size)
        while first < until:
            last = min(until, (first // self._per_epoch + 1) * self._per_epoch)
            windows = Windows(self._setup.train_ids, self._training, start=first, stop=last)
            epoch = first // self._per_epoch
            if first % self._per_epoch == 0:
                reset_states(model)
            late = epoch >= self._training.dropout_from
            rates = dropout_rates(self._setup.manifest.model) if late else {}
            set_dropout(model, rates, self._training.weight_drop if late else 0.0)
            history = model.fit(
                windows,
                initial_epoch=epoch,
                epochs=epoch + 1,
                verbose=0,
                shuffle=False,
                callbacks=[
                    *callbacks,
                    *([self._progress(first)] if self._verbose else []),
                    keras.callbacks.TerminateOnNaN(),
                ],
            )
            loss = float(history.history["loss"][-1])
            # The first steps may overshoot; after an epoch the loss must be better than guessing.
            self._check(loss, last, limit=1.1 * guessing if last >= self._per_epoch else math.inf)
            total += loss * (last - first)
            first = last
        return total / (until - since)

    def _progress(self, step: int) -> ProgressLine:
        return ProgressLine(step, self._per_epoch, self._training.epochs)

    def _check(self, loss: float, step: int, *, limit: float = math.inf) -> None:
        if not math.isfinite(loss) or loss > limit:
            clipped = 0 < self._training.clip_norm <= 1
            raise TrainingError(
                f"Training diverged: the loss was {loss:.4g} at step {step:,}. The timeline "
                f"{self._output} ends with the last good snapshot. Train again with a "
                f"--learning-rate below {self._training.learning_rate:g}"
                f"{'' if clipped else ' or with --clip-norm 1,'} and another --output."
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
        """Save and evaluate the model as it is now, and add it to the timeline."""
        stored = stored_model(model, self._setup)
        self._check(stored.loss, step)
        file, sha256, size = writer.save_weights(model, step)
        snapshot = Snapshot(
            step=step,
            epoch=round(step / self._per_epoch, 8),
            file=file,
            sha256=sha256,
            size=size,
            loss=loss,
            seconds=round(seconds, 3),
            **stored.measurements(),
        )
        writer.add(snapshot)
        on_snapshot(snapshot)
