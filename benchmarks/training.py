"""The classic recipe beside this project's own: held-out loss over seconds of training.

    python benchmarks/training.py --corpus nietzsche --output runs

Trains `nietzsche-classic` as published, for as many epochs as are asked for, and each recipe to be
compared, one after another in one run on one machine; prints how much sooner each reaches the
classic's best held-out loss, and draws the courses into OUTPUT/training.png. The classic's best, at
about its eighth epoch, after which it overfits, is looked for at the end of each. The others may be
as good within their first: until they are, their held-out loss is measured every few steps, while
the clock stands still.
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
from textgen.training.data import prepare
from textgen.training.recipes import Recipe

CLASSIC = "nietzsche-classic"
PROBE_STEPS = 5


def main() -> int:
    """Train, print the table, draw the picture."""
    parser = argparse.ArgumentParser(description="Measure how fast recipes learn.")
    parser.add_argument("--corpus", required=True, help="nietzsche, or the file it is in")
    parser.add_argument(
        "--output", type=Path, default=Path("runs"), help="new; default: %(default)s"
    )
    parser.add_argument("--classic-epochs", type=int, default=9, help="default: %(default)s")
    parser.add_argument(
        "--recipes",
        nargs="+",
        default=["nietzsche-small", "nietzsche"],
        help="to compare with the classic (default: %(default)s)",
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
    print(f"\nThe classic's best: {goal.val_loss:.4f} nats/char after {goal.seconds:.0f} s\n")
    print(f"{'':20}{'there after':>12}{'sooner':>9}{'best':>9}{'after':>9}")
    for name, snapshots in courses.items():
        best = min(snapshots, key=lambda snapshot: snapshot.val_loss)
        there = probes[name].there if name in probes else goal.seconds
        reached = "never" if there is None else f"{there:.1f} s"
        sooner = "" if there is None else f"{goal.seconds / there:.1f}×"
        print(f"{name:20}{reached:>12}{sooner:>9}{best.val_loss:>9.4f}{best.seconds:>7.0f} s")
    draw(courses, arguments.output / "training.png")
    return 0


class Probe(keras.callbacks.Callback):
    """Finds out when a held-out loss is reached, by a clock that stands still while it looks.

    Args:
        name: of the recipe.
        corpus: what it learns.
        goal: the loss, in nats per character.
    """

    def __init__(self, name: str, corpus: Corpus, goal: float) -> None:
        super().__init__()
        recipe, software = get_recipe(name), {"textgen": "benchmark"}
        data = prepare(
            corpus,
            recipe,
            name=None,
            seed_text=None,
            indexed=False,
            init_from=None,
            software=software,
            device="",
            scratch=Path(),
        )
        self._config, self._held_out = data.manifest.model, data.held_out_ids
        self._goal, self._seconds, self._steps, self._since = goal, 0.0, 0, 0.0
        self.there: float | None = None
        self.spent = 0.0  # seconds looking

    def on_train_begin(self, *_: Any) -> None:
        """Let the clock run."""
        self._since = time.perf_counter()

    def on_train_end(self, *_: Any) -> None:
        """Stop the clock."""
        self._seconds += time.perf_counter() - self._since

    def on_train_batch_end(self, *_: Any, **__: Any) -> None:
        """Look, now and then, until the goal is reached."""
        self._steps += 1
        if self.there is None and not self._steps % PROBE_STEPS:
            now = time.perf_counter()
            elapsed = self._seconds + now - self._since
            loss = evaluate(Engine.from_model(self.model, self._config), self._held_out)
            if loss.nats_per_char <= self._goal:
                self.there = elapsed
            self._since += time.perf_counter() - now
            self.spent += time.perf_counter() - now


def course(
    recipe: Recipe, corpus: Corpus, output: Path, probe: Probe | None = None
) -> tuple[Snapshot, ...]:
    """Return the snapshots of a recipe's run, their seconds without those of the probe."""
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
    """Draw held-out loss over seconds, one line for each recipe."""
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot(
        xscale="log", xlabel="seconds of training", ylabel="held-out nats per character"
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
