"""The flags of training: every setting of a recipe is one, with its own help."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from textgen.cli.arguments import add_encoding, add_setting
from textgen.errors import ConfigError
from textgen.text.corpus import BUILTIN_CORPORA
from textgen.training.recipes import RECIPES, SETTINGS, Recipe, get_recipe
from textgen.training.tracking import TRACKERS

DESCRIPTION = (
    "Train a character LSTM on a text. The result is a timeline: the model's\n"
    "weights at many points of training, with measurements and samples."
)
EPILOG = "recipes:\n" + "\n".join(f"  {one.name:19}{one.summary}" for one in RECIPES.values())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare all flags."""
    _add_text(parser)
    _add_run(parser)
    _add_publishing(parser.add_argument_group("publishing"))
    for part, settings in SETTINGS.items():
        group = parser.add_argument_group(f"{part} settings, in place of the recipe's")
        for name, setting in settings.items():
            usual = _usual(part, name)
            help = f"{setting.help} (default recipe: {usual})"
            add_setting(group, name, setting, default=None, help=help)


def recipe_of(arguments: argparse.Namespace) -> Recipe:
    """Return the recipe that was asked for, with the settings that were given in place of its own.

    Raises:
        ConfigError: there is no such recipe, or a setting is outside its range.
    """
    name = arguments.recipe
    if name is None:
        is_named = arguments.corpus in BUILTIN_CORPORA and arguments.corpus in RECIPES
        name = arguments.corpus if is_named else "default"
    return get_recipe(name).override(**_given(arguments))


def check_free_of_model(arguments: argparse.Namespace) -> None:
    """Raise ConfigError if a setting was given that `--init-from` decides."""
    for name in _given(arguments):
        if name not in SETTINGS["training"]:
            raise ConfigError(
                f"--{name.replace('_', '-')} cannot be chosen with --init-from, whose model is "
                "what it is. Leave one of them out."
            )


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the settings of a recipe that were given, by name."""
    return {
        name: value
        for settings in SETTINGS.values()
        for name in settings
        if (value := getattr(arguments, name)) is not None
    }


def _usual(part: str, name: str) -> str:
    """Return what the recipe "default" has for a setting."""
    recipe = RECIPES["default"]
    parts = {
        "preparation": recipe.preparation,
        "model": recipe.model_config(vocab_size=2),
        "training": recipe.training,
    }
    value = getattr(parts[part], name)
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _add_text(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--corpus",
        required=True,
        metavar="TEXT",
        help="what to learn from: a text file, a directory of .txt files, a URL, - for standard "
        f"input, or one of {', '.join(BUILTIN_CORPORA)} (downloaded once)",
    )
    add_encoding(parser)
    parser.add_argument(
        "--recipe",
        metavar="NAME",
        help="settings to start from, listed below (default: the one named like a built-in corpus, "
        "else 'default')",
    )
    parser.add_argument(
        "--seed-text",
        metavar="TEXT",
        help="what every sample starts from (default: a sentence's start in the held-out text)",
    )
    parser.add_argument(
        "--init-from",
        metavar="PATH_OR_REPO",
        help="go on from the best snapshot of this timeline, a directory or USER/REPO on the Hub: "
        "its characters, preparation and model take the place of the recipe's",
    )


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="the timeline's directory, new or empty (default: timelines/NAME)",
    )
    parser.add_argument("--name", help="the timeline's name (default: the corpus's)")
    parser.add_argument(
        "--devices",
        type=int,
        default=1,
        metavar="N",
        help="GPUs to share every batch out to; more than one with KERAS_BACKEND=jax only "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with an interrupted run of the same settings"
    )
    parser.add_argument(
        "--no-corpus-index",
        dest="corpus_index",
        action="store_false",
        help="leave out the index by which copies and words of the corpus are known; whoever has "
        "it can find out the rest from one line of the corpus, and whether any word is there, so "
        "leave it out where it is secret (over four million characters get none)",
    )
    parser.add_argument(
        "--track",
        action="append",
        default=[],
        choices=TRACKERS,
        help="also tell this program what is measured, where it is installed; may be repeated",
    )


def _add_publishing(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--push-to-hub",
        metavar="USER/REPO",
        help="publish the finished timeline on the Hugging Face Hub; log in with 'hf auth login'",
    )
    group.add_argument(
        "--push-every-snapshot",
        action="store_true",
        help="publish from the first snapshot on, each as it comes, in the background, in place of "
        "a timeline that is there: others can watch the model learn; what the Hub does not take at "
        "once is tried again",
    )
    group.add_argument(
        "--private",
        action="store_true",
        help="create the repository private; refuse one that is public",
    )
