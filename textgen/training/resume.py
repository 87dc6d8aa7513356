"""Checks that a resumed run has the text and the settings that it began with."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from textgen.checks import shown
from textgen.errors import TimelineError
from textgen.manifest.schema import Manifest, Origin
from textgen.training.hardware import best_precision
from textgen.training.output import has_timeline
from textgen.training.recipes import SETTINGS

_MAY_DIFFER = ("snapshots", "software", "device", "root_files", "corpus_index")


def precision_of(output: Path, *, resume: bool) -> str:
    """Return the precision for "auto": the earlier run's when resuming, else this machine's best.

    Raises:
        TimelineError: `output` contains a manifest that cannot be read.
        OutputError: `output` cannot be read.
    """
    if resume and has_timeline(output):
        return Manifest.read(output).training.precision
    return best_precision()


def earlier_run(output: Path, manifest: Manifest) -> Manifest | None:
    """Return the manifest of the run to resume, or None if `output` contains no timeline.

    Args:
        output: the timeline's directory.
        manifest: describes the resumed run.

    Raises:
        TimelineError: the run in `output` had another text or other settings.
        OutputError: `output` cannot be read.
    """
    if not has_timeline(output):
        return None
    earlier = Manifest.read(output)
    if problem := _difference(earlier, manifest):
        raise TimelineError(f"Cannot resume {output}: {problem}")
    return earlier


def _difference(earlier: Manifest, manifest: Manifest) -> str | None:
    """Return the first difference between two runs with its remedy, None if they are the same."""
    if earlier.corpus.sha256 != manifest.corpus.sha256:
        return (
            f"the text has changed since the run began ({earlier.corpus.characters:,} characters "
            f"then, {manifest.corpus.characters:,} now). Restore the original text, or choose "
            "another --output to start over."
        )
    before, now = _settings(earlier), _settings(manifest)
    for name in {**now, **before}:
        then, given = before.get(name), now.get(name)
        if then != given:
            return (
                f"{name} was {_shown(then)}, received {_shown(given)}. Repeat the first "
                "command with --resume added, or choose another --output to start over."
            )
    return None


def _settings(manifest: Manifest) -> dict[str, object]:
    """Return what must be equal in order to resume: first the flags, then what follows from them.

    The order decides what an error names. A changed flag changes derived values too: another recipe
    changes many settings, and another `--val-fraction` the length of the training text.
    """
    flags: dict[str, object] = {"--recipe": manifest.recipe, "--init-from": manifest.init_from}
    for part, settings in SETTINGS.items():
        values = getattr(manifest, part)
        flags |= {f"--{name.replace('_', '-')}": getattr(values, name) for name in settings}
    flags |= {
        "--corpus": manifest.corpus.source,
        "--name": manifest.name,
        "--seed-text": manifest.sample_settings.seed_text,
    }
    derived: dict[str, object] = {}
    for name, value in dataclasses.asdict(manifest).items():
        if name not in _MAY_DIFFER:
            parts = value if isinstance(value, dict) else {"": value}
            derived |= {f"{name}.{key}".rstrip("."): item for key, item in parts.items()}
    return {**flags, **derived}


def _shown(value: object) -> str:
    """Return a setting's value the way a user would type it."""
    if value is None:
        return "off"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    if isinstance(value, Origin):
        return f"{shown(value.name)} at step {value.step} (SHA-256 {value.sha256[:8]}…)"
    return shown(value)
