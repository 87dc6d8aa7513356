"""Checks that a resumed run has the text and the settings that it began with."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from textgen.checks import shown
from textgen.errors import TimelineError
from textgen.manifest.paths import CORPUS_INDEX
from textgen.manifest.records import Origin
from textgen.manifest.schema import Manifest, WeightsDtype
from textgen.text.corpus import Corpus
from textgen.training.output import checkpoint_directory, has_timeline, is_finished, train_further
from textgen.training.recipes import SETTINGS, Recipe
from textgen.training.setup import RunOptions, planned

_MAY_DIFFER = (
    "snapshots",
    "software",
    "device",
    "root_files",
    "corpus_index",
    "ngrams",
    "prompts",
    "publication",
)


def settled(
    recipe: Recipe, options: RunOptions, output: Path, *, resume: bool
) -> tuple[Recipe, RunOptions]:
    """Return recipe and options with a value for everything that is chosen automatically.

    That is the precision "auto" and the type of the stored weights. Both are the earlier run's when
    resuming, else the best for this machine and float16.

    Raises:
        TimelineError: `output` contains a manifest that cannot be read.
        OutputError: `output` cannot be read.
    """
    earlier = Manifest.read(output) if resume and has_timeline(output) else None
    if options.weights_dtype is None:
        dtype: WeightsDtype = "float16" if earlier is None else earlier.weights_dtype
        options = dataclasses.replace(options, weights_dtype=dtype)
    if recipe.training.precision == "auto":
        if earlier is not None:
            precision = earlier.training.precision
        else:
            from textgen.training.hardware import best_precision  # imports Keras

            precision = best_precision()
        recipe = recipe.override(precision=precision)
    return recipe, options


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
    if found := _difference(earlier, manifest):
        problem, remedy = found
        if earlier.finished:
            remedy = f"The run is finished. {train_further(output)}"
        raise TimelineError(f"Cannot resume {output}: {problem} {remedy}")
    return earlier


def is_done(output: Path, corpus: Corpus, recipe: Recipe, options: RunOptions) -> bool:
    """Return whether resuming a run would change nothing: it is finished and `updated`.

    This needs no Keras.

    Raises:
        TextGenError: the run is finished and had another text or other settings, or `prepare` would
            refuse the text or the options.
    """
    if not is_finished(output):
        return False
    recipe, options = settled(recipe, options, output, resume=True)
    manifest = planned(corpus, recipe, options)
    earlier = earlier_run(output, manifest)
    return (
        earlier is not None
        and not checkpoint_directory(output).exists()  # its deletion is the last step of a run
        and earlier == updated(earlier, manifest)
        and (output / CORPUS_INDEX).is_file() is (manifest.corpus_index is not None)
    )


def updated(earlier: Manifest, manifest: Manifest) -> Manifest:
    """Return the manifest of a finished run with the parts that resuming it can still change.

    Args:
        earlier: the manifest of the finished run.
        manifest: describes the resumed run.
    """
    hard_wrapped = manifest.corpus.hard_wrapped
    return dataclasses.replace(
        earlier,
        corpus=dataclasses.replace(earlier.corpus, hard_wrapped=hard_wrapped),
        corpus_index=manifest.corpus_index,
        prompts=manifest.prompts,
        publication=manifest.publication,
    )


def _difference(earlier: Manifest, manifest: Manifest) -> tuple[str, str] | None:
    """Return the first difference between two runs with its remedy, None if they are the same."""
    if earlier.corpus.sha256 != manifest.corpus.sha256:
        return (
            f"the text has changed since the run began ({earlier.corpus.characters:,} characters "
            f"then, {manifest.corpus.characters:,} now).",
            "Restore the original text, or choose another --output to start over.",
        )
    before, now = _settings(earlier), _settings(manifest)
    for name in {**now, **before}:
        then, given = before.get(name), now.get(name)
        if then != given:
            absent = ("not given", "none") if name == "--init-from" else ("off", "off")
            return (
                f"{name} was {_shown(then, absent[0])}, received {_shown(given, absent[1])}.",
                "Repeat the first command with --resume added, or choose another --output to start "
                "over.",
            )
    return None


def _settings(manifest: Manifest) -> dict[str, object]:
    """Return what must be equal in order to resume: first the flags, then what follows from them.

    The order decides what an error names. A changed flag changes derived values too: another recipe
    changes many settings, and another `--val-fraction` the length of the training text.
    """
    if manifest.init_from is not None:  # the same snapshot, wherever it was opened from
        origin = dataclasses.replace(manifest.init_from, repo_id=None)
        manifest = dataclasses.replace(manifest, init_from=origin)
    flags: dict[str, object] = {"--recipe": manifest.recipe, "--init-from": manifest.init_from}
    for part, settings in SETTINGS.items():
        values = getattr(manifest, part)
        flags |= {f"--{name.replace('_', '-')}": getattr(values, name) for name in settings}
    flags |= {
        "--corpus": manifest.corpus.source,
        "--name": manifest.name,
        "--seed-text": manifest.sample_settings.seed_text,
        "--weights-dtype": manifest.weights_dtype,
    }
    derived: dict[str, object] = {}
    for name, value in dataclasses.asdict(manifest).items():
        if name not in _MAY_DIFFER:
            parts = value if isinstance(value, dict) else {"": value}
            derived |= {f"{name}.{key}".rstrip("."): item for key, item in parts.items()}
    del derived["corpus.hard_wrapped"]  # it follows from the text; release 0.1 did not store it
    return {**flags, **derived}


def _shown(value: object, off: str) -> str:
    """Return a setting's value the way a user would type it; `off` for None."""
    if value is None:
        return off
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    if isinstance(value, Origin):
        return f"{shown(value.name)} at step {value.step} (SHA-256 {value.sha256[:8]}…)"
    return shown(value)
