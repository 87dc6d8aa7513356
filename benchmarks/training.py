"""The classic recipe beside this project's own: held-out loss over seconds of training.

    python benchmarks/training.py --corpus nietzsche --output runs

Trains `nietzsche-classic` as published, for as many epochs as are asked for, and each recipe to be
compared, one after another in one run on one machine; prints how much sooner each reaches the
classic's best held-out loss, and draws the courses into OUTPUT/training.png. Timelines that are in
OUTPUT already are not trained again. The classic's best comes at about its eighth epoch, after
which it overfits.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parent.parent))

from matplotlib.figure import Figure

from textgen import Snapshot, Timeline, get_recipe, read_corpus, train
from textgen.corpus import Corpus
from textgen.recipes import Recipe

CLASSIC = "nietzsche-classic"


def main() -> int:
    """Train what is missing, print the table, draw the picture."""
    parser = argparse.ArgumentParser(description="Measure how fast recipes learn.")
    parser.add_argument("--corpus", required=True, help="nietzsche, or the file it is in")
    parser.add_argument("--output", type=Path, default=Path("runs"), help="default: %(default)s")
    parser.add_argument("--classic-epochs", type=int, default=9, help="default: %(default)s")
    parser.add_argument(
        "--recipes",
        nargs="+",
        default=["nietzsche-small", "nietzsche"],
        help="to compare with the classic (default: %(default)s)",
    )
    arguments = parser.parse_args()
    corpus = read_corpus(arguments.corpus)
    recipes = [
        get_recipe(CLASSIC).override(epochs=arguments.classic_epochs),
        *(get_recipe(name).override(snapshot_every=1) for name in arguments.recipes),
    ]
    courses = {recipe.name: course(recipe, corpus, arguments.output) for recipe in recipes}
    goal = min(courses[CLASSIC], key=lambda snapshot: snapshot.val_loss)
    print(f"\nThe classic's best: {goal.val_loss:.4f} nats/char after {goal.seconds:.0f} s\n")
    print(f"{'':20}{'there after':>12}{'sooner':>9}{'best':>9}{'after':>9}")
    for name, snapshots in courses.items():
        best = min(snapshots, key=lambda snapshot: snapshot.val_loss)
        there = next((s.seconds for s in snapshots if s.val_loss <= goal.val_loss), None)
        reached = "never" if there is None else f"{there:.0f} s"
        sooner = "" if there is None else f"{goal.seconds / there:.1f}×"
        print(f"{name:20}{reached:>12}{sooner:>9}{best.val_loss:>9.4f}{best.seconds:>7.0f} s")
    draw(courses, arguments.output / "training.png")
    return 0


def course(recipe: Recipe, corpus: Corpus, output: Path) -> tuple[Snapshot, ...]:
    """Return the snapshots of a recipe's run."""
    directory = output / recipe.name
    if (directory / "timeline.json").is_file():
        timeline = Timeline.from_pretrained(directory)
        if timeline.manifest.finished:
            return timeline.snapshots
    print(f"Training {recipe.name} …", flush=True)

    def report(snapshot: Snapshot) -> None:
        print(f"  epoch {snapshot.label}: {snapshot.val_loss:.4f}, {snapshot.seconds:.0f} s")

    return train(
        corpus, recipe, output=directory, resume=True, verbose=False, on_snapshot=report
    ).snapshots


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
