"""`history.csv` and `transcript.md`: a timeline's losses and samples, for people to read."""

from __future__ import annotations

from textgen.manifest import markdown
from textgen.manifest.schema import Manifest


def history(manifest: Manifest) -> str:
    """Return the losses and training time of every snapshot as CSV (comma-separated values)."""
    columns = ("step", "epoch", "loss", "val_loss", "val_bits_per_char", "seconds")
    rows = [[getattr(snapshot, name) for name in columns] for snapshot in manifest.snapshots]
    lines = [",".join("" if value is None else str(value) for value in row) for row in rows]
    return "\n".join([",".join(columns), *lines]) + "\n"


def transcript(manifest: Manifest) -> str:
    """Return the samples of every snapshot as a Markdown document."""
    settings = manifest.sample_settings
    seed_text = markdown.code(settings.seed_text)
    parts = [
        f"# What {markdown.inline(manifest.name)} wrote at each snapshot",
        f"Every text continues the same prompt, `{seed_text}`, with the same random seed "
        f"({settings.seed}), so only what the model had learned differs. An epoch is one pass over "
        "the training text. The loss is the validation loss in nats per character; lower is "
        "better.",
    ]
    for snapshot in manifest.snapshots:
        parts.append(f"## Epoch {snapshot.label} (validation loss {snapshot.val_loss:.4f})")
        for temperature, text in snapshot.samples.items():
            parts.append(f"Temperature {markdown.inline(temperature)}:")
            parts.append(markdown.block(text))
    return "\n\n".join(parts) + "\n"
