"""Advice on the recipe for a text, by its length. The times come from measured runs."""

from __future__ import annotations

from dataclasses import dataclass

from textgen.training.recipes import RECIPES
from textgen.training.schedule import train_size

SHORT = 50_000
"""Length of a text, in characters, below which fine-tuning is advised; see RESULTS.md."""


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A recipe for texts up to some length, and a run with it that was measured.

    Args:
        recipe: the recipe's name.
        up_to: the longest text, in characters; None for no limit.
        measured_characters: the length of the measured run's training text.
        measured_seconds: how long that run trained on two CPU cores; see benchmarks/RESULTS.md.
    """

    recipe: str
    up_to: int | None
    measured_characters: int
    measured_seconds: int

    def time(self, characters: int) -> str:
        """Return how long the recipe trains on a text of this length, such as "6 minutes".

        An epoch takes time in proportion to the training text.
        """
        training = RECIPES[self.recipe].training
        length = train_size(characters, training.val_fraction, seq_length=training.seq_length)
        seconds = self.measured_seconds * length / self.measured_characters
        minutes = max(1, round(seconds / 60))
        if minutes >= 120:
            return f"{round(minutes / 60):,} hours"
        return "1 minute" if minutes == 1 else f"{minutes} minutes"


FITS = (
    Fit(recipe="alice", up_to=300_000, measured_characters=129_908, measured_seconds=149),
    Fit(recipe="nietzsche", up_to=800_000, measured_characters=540_804, measured_seconds=409),
    Fit(recipe="shakespeare", up_to=None, measured_characters=1_003_855, measured_seconds=1_085),
)
"""The recipes for texts of at least `SHORT` characters, by length."""


def advice(characters: int) -> str:
    """Return advice for a user who has not chosen a recipe, as one or two sentences.

    Args:
        characters: the length of the corpus.

    Example:
        >>> advice(150_000).partition(":")[0]
        'The recipe alice suits a text of this length'
    """
    if characters < SHORT:
        return (
            f"A text of fewer than about {SHORT:,} characters is too short to learn many words "
            "from. Fine-tuning a trained model works better, for example with --init-from "
            "pretrained/nietzsche for a text in English."
        )
    fit = next(fit for fit in FITS if fit.up_to is None or characters <= fit.up_to)
    time = fit.time(characters)
    said = (
        f"The recipe {fit.recipe} suits a text of this length: with --recipe {fit.recipe}, "
        f"training takes about {time} on two CPU cores."
    )
    if RECIPES[fit.recipe].preparation.lowercase:
        said += " It converts the text to lowercase; --no-lowercase keeps the capitals."
    if time.endswith("hours"):
        said += " Fewer --epochs take less time in proportion."
    return said
