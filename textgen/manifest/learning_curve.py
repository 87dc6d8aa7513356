"""The learning curve as a picture."""

from __future__ import annotations

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from textgen.manifest.schema import Manifest


def draw_learning_curve(manifest: Manifest, path: Path) -> None:
    """Draw the loss of every snapshot over the epochs as a PNG, the best one marked.

    The epochs' axis is even up to the first early snapshot and logarithmic after it, since most
    is learned in the first minutes.
    """
    snapshots, best = manifest.snapshots, manifest.best
    figure = Figure(figsize=(8, 4), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    epochs = [snapshot.epoch for snapshot in snapshots]
    held_out = [snapshot.val_loss for snapshot in snapshots]
    axes.plot(epochs, held_out, "o-", color="#b4532a", label="held-out text", zorder=3)
    trained = [
        (snapshot.epoch, snapshot.loss) for snapshot in snapshots if snapshot.loss is not None
    ]
    if trained:
        axes.plot(
            *zip(*trained, strict=True), ".--", color="#8a8a8a", label="training, with dropout"
        )
    axes.plot(best.epoch, best.val_loss, "o", ms=14, mfc="none", color="#b4532a")
    axes.set_title(f"best: {best.val_loss:.3f} at epoch {best.label}", loc="left", fontsize=11)
    first = min((epoch for epoch in epochs if epoch > 0), default=1.0)
    axes.set_xscale("symlog", linthresh=first, linscale=0.4)
    axes.set_xticks(epochs, [snapshot.label for snapshot in snapshots], rotation=60, fontsize=8)
    axes.minorticks_off()
    axes.set_xlabel("epochs: readings of the text")
    axes.set_ylabel("loss (nats per character)")
    axes.grid(alpha=0.25)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(frameon=False)
    # No software or date in the file: the same history is the same picture.
    figure.savefig(path, format="png", metadata={"Software": None})
