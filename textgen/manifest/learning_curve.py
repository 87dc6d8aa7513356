"""The picture of the learning curve."""

from __future__ import annotations

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from textgen.manifest.schema import Manifest


def draw_learning_curve(manifest: Manifest, path: Path) -> None:
    """Draw the loss of every snapshot over the epochs as a PNG, with the best one circled.

    The epoch axis is linear up to the first early snapshot and logarithmic after it, because the
    loss falls fastest at the start.

    Args:
        manifest: the timeline's manifest, with at least one snapshot.
        path: the file to write.
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
    axes.legend(frameon=False)
    # Without software and date, the same history always makes the same file.
    figure.savefig(path, format="png", metadata={"Software": None})
