"""The flags of training; every setting of a recipe has one."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textgen.checks import Setting
from textgen.cli.arguments import add_encoding, add_setting
from textgen.cli.parser import MainFlag, Parser, checked
from textgen.errors import ConfigError
from textgen.manifest.records import Publication
from textgen.network.weights import DTYPES
from textgen.text.corpus import BUILTIN_CORPORA
from textgen.training import publication
from textgen.training.recipes import RECIPES, SETTINGS, Recipe, get_recipe
from textgen.training.tracking import TRACKERS

DESCRIPTION = (
    "Train a character-level LSTM on a text. The result is a timeline: a directory with\n"
    "the model's weights at many points of training, its losses and its samples."
)
EXAMPLES = """\
examples:
  %(prog)s --corpus my-book.txt
  %(prog)s --corpus my-book.txt --epochs 20 --lstm-units 512 --push-to-hub USER/my-book
  %(prog)s --corpus nietzsche --recipe nietzsche-small

"""
_RECIPES = "\n".join(f"  {one.name:19}{one.summary}" for one in RECIPES.values())
EPILOG = f"{EXAMPLES}recipes:\n{_RECIPES}"


MAIN_FLAG = MainFlag(
    "--corpus",
    required="The training text is missing",
    example="my-book.txt",
    several="takes one file or directory; put several files into one directory",
)

_GROUPS = {"preparation": "preprocessing", "model": "model", "training": "training"}


def add_arguments(parser: Parser) -> None:
    """Declare all flags."""
    parser.main_flag = MAIN_FLAG
    _add_text(parser)
    _add_run(parser)
    _add_reports(parser)
    _add_publishing(parser.add_argument_group("publishing"))
    _add_card(parser.add_argument_group("model card"))
    for part, settings in SETTINGS.items():
        group = parser.add_argument_group(f"{_GROUPS[part]} settings (override the recipe's)")
        for name, setting in settings.items():
            help = f"{setting.help} (recipe 'default': {_usual(part, name)})"
            add_setting(group, name, setting, default=None, help=help)


def recipe_of(arguments: argparse.Namespace) -> Recipe:
    """Return the requested recipe, with the given settings in place of its own.

    Raises:
        ConfigError: the recipe does not exist, or a setting is outside its range.
    """
    name = arguments.recipe
    if name is None:
        is_named = arguments.corpus in BUILTIN_CORPORA and arguments.corpus in RECIPES
        name = arguments.corpus if is_named else "default"
    return get_recipe(name).override(**_given(arguments))


def needs_advice(arguments: argparse.Namespace) -> bool:
    """Return whether a new model is trained on the user's own text, without a chosen recipe."""
    chosen = arguments.recipe is not None or arguments.corpus in BUILTIN_CORPORA
    return not (chosen or arguments.init_from or arguments.resume)


def check_free_of_model(arguments: argparse.Namespace) -> None:
    """Raise ConfigError if a flag contradicts the model that `--init-from` names."""
    for name in _given(arguments):
        if name not in SETTINGS["training"]:
            raise ConfigError(
                f"--{name.replace('_', '-')} cannot be combined with --init-from, which keeps "
                "that model's shape and preprocessing. Leave out one of them."
            )


def publication_of(arguments: argparse.Namespace) -> Publication:
    """Return what the flags state for the model card."""
    return Publication(
        license=arguments.license,
        language=arguments.language,
        datasets=tuple(dict.fromkeys(arguments.dataset)),
        demo=arguments.demo,
    )


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the recipe settings given as flags, by name."""
    return {
        name: value
        for settings in SETTINGS.values()
        for name in settings
        if (value := getattr(arguments, name)) is not None
    }


def _usual(part: str, name: str) -> str:
    """Return a setting's value in the recipe "default", for the help text."""
    recipe = RECIPES["default"]
    parts = {
        "preparation": recipe.preparation,
        "model": recipe.model_config(vocab_size=2),
        "training": recipe.training,
    }
    value = getattr(parts[part], name)
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    if value is None or isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _add_text(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--corpus",
        metavar="TEXT",
        help="the training text: a text file, a directory of .txt files, a URL, - for standard "
        f"input, or one of {', '.join(BUILTIN_CORPORA)} (downloaded once)",
    )
    add_encoding(parser)
    parser.add_argument(
        "--recipe",
        metavar="NAME",
        help="settings to start from, listed below (default: the recipe named like the corpus, or "
        "else 'default')",
    )
    parser.add_argument(
        "--seed-text",
        metavar="TEXT",
        help="the prompt of every sample (default: the start of a sentence in the validation text)",
    )
    parser.add_argument(
        "--prompt",
        dest="prompts",
        action="append",
        metavar="TEXT",
        help="a ready-made prompt for the app; repeat it for more, up to 20 (default: up to four "
        "typical beginnings of lines or sentences from the training text)",
    )
    parser.add_argument(
        "--init-from",
        metavar="PATH_OR_REPO",
        help="fine-tune the best snapshot of this timeline, a directory or USER/REPO on the Hub; "
        "its vocabulary, preprocessing and model replace the recipe's",
    )


def _directory(text: str) -> Path:
    if not text:
        raise argparse.ArgumentError(None, "--output is empty")
    return Path(text)


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output",
        type=_directory,
        metavar="DIR",
        help="the timeline's directory, new or empty (default: timelines/NAME)",
    )
    parser.add_argument("--name", help="the timeline's name (default: the corpus's name)")
    parser.add_argument(
        "--devices",
        type=checked(Setting(kind=int, at_least=1)),
        default=1,
        metavar="N",
        help="GPUs to train on, each with a share of every batch; more than one needs "
        "KERAS_BACKEND=jax (default: %(default)s)",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="continue an interrupted run: repeat its command with this flag added",
    )
    parser.add_argument(
        "--weights-dtype",
        choices=DTYPES,
        help="number format of the saved snapshots; float16 halves their size, and the losses stay "
        "the same to four digits (default: float16)",
    )
    parser.add_argument(
        "--no-corpus-index",
        dest="corpus_index",
        action="store_false",
        help="write no index for finding copied text and known words; use this for a private text, "
        "because anyone with the index and one line of the text can recover what follows (texts of "
        "more than four million characters get no index)",
    )


def _add_reports(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--track",
        action="append",
        default=[],
        choices=TRACKERS,
        help="also log the measurements to this tool, if it is installed; repeat it for both",
    )
    printed = parser.add_mutually_exclusive_group()
    printed.add_argument(
        "--samples", action="store_true", help="print all samples of every snapshot in full"
    )
    printed.add_argument(
        "--quiet", action="store_true", help="print only the result, warnings and errors"
    )


def _add_publishing(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--push-to-hub",
        metavar="USER/REPO",
        help="publish the finished timeline on the Hugging Face Hub; log in first with "
        "'hf auth login'",
    )
    group.add_argument(
        "--push-every-snapshot",
        action="store_true",
        help="publish each snapshot as soon as it is saved, so that others can watch the model "
        "learn; replaces a timeline that the repository holds; uploads run in the background and "
        "are retried",
    )
    group.add_argument(
        "--private",
        action="store_true",
        help="create the repository as private; stop if it exists and is public",
    )


def _add_card(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--license",
        type=_stated(publication.license_id),
        metavar="ID",
        help="license of the weights, an identifier of the Hub such as cc0-1.0, cc-by-4.0, mit, "
        "apache-2.0 or other (default: none is stated)",
    )
    group.add_argument(
        "--language",
        type=_stated(publication.language_code),
        metavar="CODE",
        help="language of the training text, an ISO 639 code such as en (default: "
        f"{publication.BUILTIN_LANGUAGE} for the built-in texts, otherwise none is stated)",
    )
    group.add_argument(
        "--dataset",
        action="append",
        default=[],
        type=_stated(publication.dataset_id),
        metavar="USER/REPO",
        help="a dataset on the Hub that contains the training text; repeat it for several",
    )
    group.add_argument(
        "--demo",
        type=_stated(publication.web_address),
        metavar="URL",
        help="a web page on which people can try the model",
    )


def _stated(check: Callable[[str], str]) -> Callable[[str], str]:
    """Return a check of a statement for argparse, which puts the flag before its error."""

    def value_of(text: str) -> str:
        try:
            return check(text)
        except ConfigError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return value_of
