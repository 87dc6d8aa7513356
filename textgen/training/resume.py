"""Going on with a run that was interrupted: whether it is the same one."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from textgen.errors import TimelineError
from textgen.manifest.paths import MANIFEST
from textgen.manifest.schema import Manifest
from textgen.training.hardware import best_precision


def precision_of(output: Path, *, resume: bool) -> str:
    """Return what "auto" stands for: what an earlier run began with, else this machine's best."""
    if resume and (output / MANIFEST).is_file():
        return Manifest.read(output).training.precision
    return best_precision()


def earlier_run(output: Path, manifest: Manifest) -> Manifest | None:
    """Return the manifest of an interrupted run of the same settings, None where there is none.

    Raises:
        TimelineError: the directory holds a run of other settings.
    """
    if not (output / MANIFEST).is_file():
        return None
    earlier = Manifest.read(output)
    before, now = _settings(earlier), _settings(manifest)
    if changed := [name for name in (now | before) if before.get(name) != now.get(name)]:
        name = changed[0]
        raise TimelineError(
            f"Cannot resume {output}: it was started with {name} {before.get(name)!r}, received "
            f"{now.get(name)!r}. Repeat the first command with --resume added, or choose another "
            "--output."
        )
    return earlier


def _settings(manifest: Manifest) -> dict[str, object]:
    """Return what must be the same for a run to be resumed, by name."""
    settings: dict[str, object] = {}
    for name, value in dataclasses.asdict(manifest).items():
        if name in ("snapshots", "software", "device", "root_files", "corpus_index"):
            continue
        parts = value if isinstance(value, dict) else {"": value}
        settings |= {f"{name}.{key}".rstrip("."): item for key, item in parts.items()}
    return settings
