"""Validation loss over seconds of training: this project's recipes and the classic one.

    python benchmarks/training.py --corpus nietzsche --output runs

Trains `nietzsche-classic` as published, then each recipe to compare, one after another on one
machine. Prints how much sooner each recipe reaches the classic recipe's best validation loss
(held-out), and draws all losses into OUTPUT/training.png.

The classic recipe is measured at the end of each epoch. It is best at about its eighth epoch and
overfits after that. The other recipes may be as good within their first epoch. Until they are,
their validation loss is measured every few steps, and the clock stops meanwhile.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parent.parent))

import keras
from matplotlib.figure import Figure

from textgen import Snapshot, get_recipe, read_corpus, train
from textgen.generation.evaluation import evaluate
from textgen.network.engine import Engine
from textgen.text.corpus import Corpus
from textgen.training.recipes import Recipe
from textgen.training.setup import RunOptions, prepare

CLASSIC = "nietzsche-classic"
PROBE_STEPS = 5


def main() -> int:
    """Train, print the table and draw the chart."""
    parser = argparse.ArgumentParser(description="Measure how fast recipes learn.")
    parser.add_argument("--corpus", required=True, help="nietzsche, or a file with this text")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("runs"),
        help="a new directory for the timelines and the chart (default: %(default)s)",
    )
    parser.add_argument(
        "--classic-epochs",
        type=int,
        default=9,
        help="epochs of the classic recipe (default: %(default)s)",
    )
    parser.add_argument(
        "--recipes",
        nargs="+",
        default=["nietzsche-small", "nietzsche"],
        help="recipes to compare with the classic one (default: %(default)s)",
    )
    arguments = parser.parse_args()
    corpus = read_corpus(arguments.corpus)
    classic = get_recipe(CLASSIC).override(epochs=arguments.classic_epochs)
    courses = {CLASSIC: course(classic, corpus, arguments.output)}
    goal = min(courses[CLASSIC], key=lambda snapshot: snapshot.val_loss)
    probes = {name: Probe(name, corpus, goal.val_loss) for name in arguments.recipes}
    for name, probe in probes.items():
        recipe = get_recipe(name).override(snapshot_every=1)
        courses[name] = course(recipe, corpus, arguments.output, probe)
    print(
        f"\nThe classic recipe's best validation loss: {goal.val_loss:.4f} nats per character, "
        f"after {goal.seconds:.0f} s\n"
    )
    print(f"{'':20}{'reached after':>14}{'sooner':>9}{'best':>9}{'after':>9}")
    for name, snapshots in courses.items():
        best = min(snapshots, key=lambda snapshot: snapshot.val_loss)
        seconds = probes[name].reached if name in probes else goal.seconds
        reached = "never" if seconds is None else f"{seconds:.1f} s"
        sooner = "" if seconds is None else f"{goal.seconds / seconds:.1f}×"
        print(f"{name:20}{reached:>14}{sooner:>9}{best.val_loss:>9.4f}{best.seconds:>7.0f} s")
    draw(courses, arguments.output / "training.png")
    return 0


class Probe(keras.callbacks.Callback):
    """Finds out when a validation loss is reached; its clock stops while it measures.

    Args:
        name: the recipe's name.
        corpus: the training corpus.
        goal: the loss to reach, in nats per character.
    """

    def __init__(self, name: str, corpus: Corpus, goal: float) -> None:
        super().__init__()
        setup = prepare(corpus, get_recipe(name), RunOptions(corpus_index=False), scratch=Path())
        self._config, self._val_ids = setup.manifest.model, setup.val_ids
        self._goal, self._seconds, self._steps, self._since = goal, 0.0, 0, 0.0
        self.reached: float | None = None  # seconds of training until the goal
        self.spent = 0.0  # seconds spent measuring

    def on_train_begin(self, *_: Any) -> None:
        """Start the clock."""
        self._since = time.perf_counter()

    def on_train_end(self, *_: Any) -> None:
        """Stop the clock."""
        self._seconds += time.perf_counter() - self._since

    def on_train_batch_end(self, *_: Any, **__: Any) -> None:
        """Measure the loss every few steps until the goal is reached."""
        self._steps += 1
        if self.reached is None and not self._steps % PROBE_STEPS:
            now = time.perf_counter()
            elapsed = self._seconds + now - self._since
            loss = evaluate(Engine.from_model(self.model, self._config), self._val_ids)
            if loss.nats_per_char <= self._goal:
                self.reached = elapsed
            self._since += time.perf_counter() - now
            self.spent += time.perf_counter() - now


def course(
    recipe: Recipe, corpus: Corpus, output: Path, probe: Probe | None = None
) -> tuple[Snapshot, ...]:
    """Train a recipe; return its snapshots, their seconds without the time the probe spent."""
    print(f"Training {recipe.name} …", flush=True)
    snapshots: list[Snapshot] = []

    def report(snapshot: Snapshot) -> None:
        seconds = snapshot.seconds - (probe.spent if probe else 0.0)
        snapshots.append(dataclasses.replace(snapshot, seconds=seconds))
        print(f"  epoch {snapshot.label}: {snapshot.val_loss:.4f}, {seconds:.0f} s", flush=True)

    train(
        corpus,
        recipe,
        output=output / recipe.name,
        verbose=False,
        callbacks=[probe] if probe else [],
        on_snapshot=report,
    )
    return tuple(snapshots)


def draw(courses: dict[str, tuple[Snapshot, ...]], path: Path) -> None:
    """Draw validation loss over seconds, one line per recipe."""
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot(
        xscale="log", xlabel="seconds of training", ylabel="validation loss, nats per character"
    )
    for name, snapshots in courses.items():
        trained = snapshots[1:]
        axes.plot([s.seconds for s in trained], [s.val_loss for s in trained], ".-", label=name)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=150)
    print(f"\n{path}")


if __name__ == "__main__":
    sys.exit(main())
