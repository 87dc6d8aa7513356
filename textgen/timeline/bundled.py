"""The timelines that come with a clone of the repository."""

from __future__ import annotations

from pathlib import Path

from textgen.manifest.paths import MANIFEST

BUNDLED = Path(__file__).resolve().parents[2] / "pretrained"
ORDER = ("shakespeare", "nietzsche", "alice")
"""The order in which the app shows them; it opens with the first. Others follow by name."""


def bundled_timelines() -> list[Path]:
    """Return the directories of the bundled timelines, in the order in which the app shows them.

    There are none in an installed package.
    """
    found = {manifest.parent.name: manifest.parent for manifest in BUNDLED.glob(f"*/{MANIFEST}")}
    known = [name for name in ORDER if name in found]
    return [found[name] for name in (*known, *sorted(found.keys() - {*known}))]
