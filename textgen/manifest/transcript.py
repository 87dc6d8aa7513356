"""What a timeline tells people in files of its own, made from its manifest."""

from __future__ import annotations

from textgen.manifest import markdown
from textgen.manifest.schema import Manifest


def history(manifest: Manifest) -> str:
    """Return what was measured at every snapshot as a table of comma-separated values."""
    columns = ("step", "epoch", "loss", "val_loss", "val_bits_per_char", "seconds")
    rows = [[getattr(snapshot, name) for name in columns] for snapshot in manifest.snapshots]
    lines = [",".join("" if value is None else str(value) for value in row) for row in rows]
    return "\n".join([",".join(columns), *lines]) + "\n"


def transcript(manifest: Manifest) -> str:
    """Return the samples of every snapshot as a Markdown document."""
    settings = manifest.sample_settings
    seed_text = markdown.code(settings.seed_text)
    parts = [
        f"# What {markdown.inline(manifest.name)} wrote as it learned",
        f"Every text continues the same opening, `{seed_text}`, with the same random numbers "
        f"(seed {settings.seed}); only the learning differs. Epochs count readings "
        "of the text; losses are held-out nats per character, lower is better.",
    ]
    for snapshot in manifest.snapshots:
        parts.append(f"## Epoch {snapshot.label} (loss {snapshot.val_loss:.4f})")
        for temperature, text in snapshot.samples.items():
            parts.append(f"Temperature {markdown.inline(temperature)}:")
            parts.append(markdown.block(text))
    return "\n\n".join(parts) + "\n"
