"""Advice on the recipe for a text, by its length; its times are those of measured runs."""

import re

import pytest

from tests.support.paths import ROOT
from textgen.training.advice import FITS, SHORT, Fit, advice
from textgen.training.recipes import RECIPES

RESULTS = (ROOT / "benchmarks" / "RESULTS.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("fit", FITS, ids=lambda fit: fit.recipe)
def test_the_measured_runs_are_those_of_the_benchmarks(fit: Fit) -> None:
    assert f"{fit.measured_characters:,} training" in " ".join(RESULTS.split())
    rows = [line for line in RESULTS.splitlines() if re.match(rf"\|.*`{fit.recipe}`", line)]
    assert any(f"{fit.measured_seconds:,} " in row.replace("~", "") for row in rows)


@pytest.mark.parametrize("fit", FITS, ids=lambda fit: fit.recipe)
def test_the_time_is_in_proportion_to_the_training_text(fit: Fit) -> None:
    # The rest of the text is for validation.
    whole = round(fit.measured_characters / (1 - RECIPES[fit.recipe].training.val_fraction))
    assert fit.time(whole) == f"{round(fit.measured_seconds / 60)} minutes"


def test_short_times_are_in_minutes_and_long_ones_in_hours() -> None:
    fit = Fit(recipe="default", up_to=None, measured_characters=900_000, measured_seconds=3600)
    for characters, time in (
        (1_000, "1 minute"),
        (40_000, "2 minutes"),
        (1_950_000, "117 minutes"),
        (2_000_000, "2 hours"),
    ):
        assert fit.time(characters) == time


@pytest.mark.parametrize("characters", [200, SHORT - 1])
def test_for_a_short_text_fine_tuning_is_advised(characters: int) -> None:
    said = advice(characters)
    assert said.startswith("A text of fewer than about 50,000 characters is too short to learn")
    assert "--init-from pretrained/nietzsche" in said
    assert (ROOT / "pretrained" / "nietzsche" / "timeline.json").is_file()


@pytest.mark.parametrize(
    ("characters", "recipe"),
    [
        (SHORT, "alice"),
        (300_000, "alice"),
        (300_001, "nietzsche"),
        (800_000, "nietzsche"),
        (800_001, "shakespeare"),
        (10**9, "shakespeare"),
    ],
)
def test_for_a_longer_text_a_recipe_is_advised(characters: int, recipe: str) -> None:
    said = advice(characters)
    (fit,) = [fit for fit in FITS if fit.recipe == recipe]
    assert said.startswith(
        f"The recipe {recipe} suits a text of this length: with --recipe {recipe},"
    )
    assert f"about {fit.time(characters)} on two CPU cores." in said
    assert ("--no-lowercase" in said) is RECIPES[recipe].preparation.lowercase
    assert ("Fewer --epochs" in said) is (characters == 10**9)
    assert "\n" not in said
