"""The picture of the learning curve."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from textgen.manifest.rungs import rung_name, rungs
from textgen.manifest.schema import Manifest

LABELS = 20  # as many labels of counting models fit above each other


def draw_learning_curve(manifest: Manifest, path: Path) -> None:
    """Write the picture of `learning_curve` as a PNG.

    Args:
        manifest: the timeline's manifest, with at least one snapshot.
        path: the file to write.
    """
    # Without software and date, the same history always makes the same file.
    learning_curve(manifest).savefig(path, format="png", metadata={"Software": None})


def learning_curve(manifest: Manifest) -> Figure:
    """Draw the loss of every snapshot over the epochs, with the best one circled.

    The epoch axis is linear up to the first early snapshot and logarithmic after it, because the
    loss falls fastest at the start. Counting models are dashed lines, if the manifest has any.

    Args:
        manifest: the timeline's manifest, with at least one snapshot.
    """
    snapshots, best = manifest.snapshots, manifest.best
    figure = Figure(figsize=(8, 4), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    epochs = [snapshot.epoch for snapshot in snapshots]
    val_losses = [snapshot.val_loss for snapshot in snapshots]
    axes.plot(epochs, val_losses, "o-", color="#b4532a", label="validation", zorder=3)
    trained = [
        (snapshot.epoch, snapshot.loss) for snapshot in snapshots if snapshot.loss is not None
    ]
    if trained:
        axes.plot(
            *zip(*trained, strict=True), ".--", color="#8a8a8a", label="training, with dropout"
        )
    title = f"best validation loss: {best.val_loss:.3f} at epoch {best.label}"
    axes.plot(best.epoch, best.val_loss, "o", ms=14, mfc="none", color="#b4532a")
    axes.set_title(title, loc="left", fontsize=11)
    first = min((epoch for epoch in epochs if epoch > 0), default=1.0)
    axes.set_xscale("symlog", linthresh=first, linscale=0.4)
    axes.set_xticks(epochs, [snapshot.label for snapshot in snapshots], rotation=60, fontsize=8)
    axes.minorticks_off()
    axes.set_xlabel("epochs (passes over the training text)")
    axes.set_ylabel("loss (nats per character)")
    axes.grid(alpha=0.25)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    _draw_rungs(axes, manifest)
    axes.legend(edgecolor="none")
    return figure


def _draw_rungs(axes: Axes, manifest: Manifest) -> None:
    """Draw random guessing and the counting models as horizontal lines, named at the right."""
    compared = rungs(manifest)
    if not compared:
        return
    lines = {"guessing": math.log(manifest.model.vocab_size)}
    lines |= {rung_name(result.order): result.val_loss for result in compared}
    axes.hlines(
        list(lines.values()),
        xmin=0,
        xmax=1,
        transform=axes.get_yaxis_transform(),
        color="#8a8a8a",
        linewidth=0.7,
        linestyle=(0, (3, 4)),
        label="counting models",
        zorder=1,
    )
    low, high = axes.get_ylim()
    heights = _spread(list(lines.values()), gap=(high - low) / LABELS, low=low)
    for (name, loss), height in zip(lines.items(), heights, strict=True):
        axes.annotate(
            f"{name} {loss:.3f}",
            (1, loss),
            (1.02, height),
            xycoords=axes.get_yaxis_transform(),
            textcoords=axes.get_yaxis_transform(),
            fontsize=8,
            color="#555555",
            va="center",
            arrowprops={"arrowstyle": "-", "color": "#8a8a8a", "linewidth": 0.5, "shrinkA": 0},
            annotation_clip=False,
        )


def _spread(heights: Sequence[float], *, gap: float, low: float) -> list[float]:
    """Move falling heights apart until each is at least `gap` below the one before."""
    placed: list[float] = []
    for height in heights:
        placed.append(min(height, placed[-1] - gap) if placed else height)
    for place in reversed(range(len(placed))):
        placed[place] = max(placed[place], low)
        low = placed[place] + gap
    return placed
