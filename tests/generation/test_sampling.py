"""Choosing the next character, with probabilities worked out by hand."""

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest

from tests.support import naive
from textgen.errors import SettingsError, TextGenError
from textgen.generation.sampling import (
    Sampling,
    make_sampler,
    probabilities,
)

MIN_TEMPERATURE, MAX_TEMPERATURE = 0.01, 10.0
# Logits are logarithms up to a constant: these are of probabilities 1/8, 1/2, 1/8 and 1/4.
LOGITS = np.log(np.array([1, 4, 1, 2], np.float32)) + np.float32(3)
ALMOST_1 = math.nextafter(1.0, 0.0)


def sample(logits: np.ndarray, uniform: float, sampling: Sampling) -> int:
    """Return the id that one uniform number draws in a stream without a text."""
    return make_sampler(sampling, len(logits))(logits, uniform)


@pytest.mark.parametrize(
    ("settings", "shares"),
    [
        ({"temperature": 1.0}, (1, 4, 1, 2)),
        ({"temperature": 1}, (1, 4, 1, 2)),
        ({"temperature": 0.5}, (1, 16, 1, 4)),  # squares
        ({"temperature": 2.0}, (1, 2, 1, math.sqrt(2))),  # roots
        ({"temperature": 0}, (0, 1, 0, 0)),
        ({"temperature": 0, "top_k": 3, "top_p": 0.9}, (0, 1, 0, 0)),
        ({"temperature": 0.01}, (0, 1, 0, 0)),  # 2 ** -100 is negligible
        ({"temperature": 1.0, "top_k": 0, "top_p": 1, "min_p": 0}, (1, 4, 1, 2)),
        ({"temperature": 1.0, "top_k": 1}, (0, 1, 0, 0)),
        ({"temperature": 1.0, "top_k": 2}, (0, 4, 0, 2)),
        ({"temperature": 1.0, "top_k": 3}, (1, 4, 0, 2)),  # of equal ones, the first is kept
        ({"temperature": 1.0, "top_k": 99}, (1, 4, 1, 2)),
        ({"temperature": 0.5, "top_k": 2}, (0, 16, 0, 4)),
        ({"temperature": 1.0, "top_p": 1e-9}, (0, 1, 0, 0)),
        ({"temperature": 1.0, "top_p": 0.49}, (0, 1, 0, 0)),
        ({"temperature": 1.0, "top_p": 0.51}, (0, 4, 0, 2)),
        ({"temperature": 1.0, "top_p": 0.74}, (0, 4, 0, 2)),
        ({"temperature": 1.0, "top_p": 0.76}, (1, 4, 0, 2)),
        ({"temperature": 1.0, "top_p": 0.88}, (1, 4, 1, 2)),
        ({"temperature": 1.0, "top_p": 1}, (1, 4, 1, 2)),
        ({"temperature": 0.5, "top_p": 0.72}, (0, 1, 0, 0)),  # 16 of 22 is 0.727
        ({"temperature": 0.5, "top_p": 0.74}, (0, 16, 0, 4)),
        ({"temperature": 1.0, "top_k": 3, "top_p": 0.74}, (0, 4, 0, 2)),
        ({"temperature": 1.0, "top_k": 1, "top_p": 0.74}, (0, 1, 0, 0)),
        # top_p adds up probabilities of all characters, not only of those top_k keeps.
        ({"temperature": 1.0, "top_k": 2, "top_p": 0.6}, (0, 4, 0, 2)),
        ({"temperature": 1.0, "min_p": 0}, (1, 4, 1, 2)),
        ({"temperature": 1.0, "min_p": 0.24}, (1, 4, 1, 2)),
        ({"temperature": 1.0, "min_p": 0.26}, (0, 4, 0, 2)),
        ({"temperature": 1.0, "min_p": 0.51}, (0, 4, 0, 0)),
        ({"temperature": 1.0, "min_p": 1}, (0, 4, 0, 0)),
        ({"temperature": 0.5, "min_p": 0.1}, (0, 16, 0, 4)),  # of 16, 4, 1, 1
        ({"temperature": 0, "min_p": 0.1}, (0, 1, 0, 0)),
        ({"temperature": 1.0, "top_k": 3, "top_p": 0.99, "min_p": 0.26}, (0, 4, 0, 2)),
        ({"temperature": 1.0, "top_k": 3, "min_p": 0.1}, (1, 4, 0, 2)),
        ({"temperature": 1.0, "no_repeat_ngram_size": 2}, (1, 4, 1, 2)),  # without a text
    ],
    ids=str,
)
def test_probabilities(settings: dict[str, Any], shares: tuple[float, ...]) -> None:
    result = probabilities(LOGITS, Sampling(**settings))
    assert result.dtype == np.float64
    np.testing.assert_allclose(result, np.array(shares) / sum(shares), rtol=1e-6, atol=1e-15)


def test_of_many_equal_characters_the_first_are_kept() -> None:
    result = probabilities(np.tile([0.0, 1.0], 500), Sampling(temperature=1.0, top_k=4))
    assert np.flatnonzero(result).tolist() == [1, 3, 5, 7]


def test_probabilities_leave_the_logits_as_they_are() -> None:
    before = LOGITS.copy()
    probabilities(LOGITS, Sampling(temperature=0.5, top_k=2, top_p=0.9))
    sample(LOGITS, 0.5, Sampling(temperature=2.0))
    np.testing.assert_array_equal(LOGITS, before)


@pytest.mark.parametrize(
    ("uniform", "index"),
    [(0.0, 0), (0.12, 0), (0.13, 1), (0.62, 1), (0.63, 2), (0.74, 2), (0.76, 3), (ALMOST_1, 3)],
)
def test_a_draw_falls_where_the_cumulative_distribution_says(uniform: float, index: int) -> None:
    assert sample(LOGITS, uniform, Sampling(temperature=1.0)) == index


def test_evenly_spread_draws_give_each_character_its_share() -> None:
    uniforms = (np.arange(1000) + 0.5) / 1000
    counts = Counter(sample(LOGITS, uniform, Sampling(temperature=1.0)) for uniform in uniforms)
    assert counts == {0: 125, 1: 500, 2: 125, 3: 250}


@pytest.mark.parametrize(
    "settings",
    [
        {"temperature": 0.3},
        {"temperature": 1.0},
        {"temperature": 3.0},
        {"temperature": 2.0, "top_k": 4},
        {"temperature": 2.0, "top_p": 0.8},
        {"temperature": 2.0, "min_p": 0.2},
    ],
    ids=str,
)
def test_random_draws_follow_the_softmax(settings: dict[str, Any]) -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, 8).astype(np.float32)
    # The softmax of the kept characters, computed independently of the code under test.
    expected_shares = np.exp(logits.astype(np.float64) / settings["temperature"])
    expected_shares /= expected_shares.sum()
    order = np.argsort(-expected_shares)
    before = np.cumsum(expected_shares[order]) - expected_shares[order]
    out = np.zeros(8, bool)
    out[order[settings.get("top_k", 8) :]] = True
    out[order[before >= settings.get("top_p", 1.0)]] = True
    out[expected_shares < settings.get("min_p", 0.0) * expected_shares.max()] = True
    expected_shares[out] = 0
    expected = 20_000 * expected_shares / expected_shares.sum()
    drawn = [sample(logits, uniform, Sampling(**settings)) for uniform in random.random(20_000)]
    observed = np.bincount(drawn, minlength=8)
    assert not observed[out].any()
    often = expected >= 5  # the usual condition of the test; the rest is one class
    observed = np.append(observed[often], observed[~often].sum())
    expected = np.append(expected[often], max(expected[~often].sum(), 1e-9))
    chi_square = ((observed - expected) ** 2 / expected).sum()
    assert chi_square < 26.1  # the 99.9th percentile with 8 degrees of freedom


def test_greedy_picks_the_first_of_the_most_likely_characters() -> None:
    logits = np.array([0, 7, 7, -1], np.float32)
    for uniform in (0.0, 0.5, ALMOST_1):
        assert sample(logits, uniform, Sampling(temperature=0)) == 1
    assert probabilities(logits, Sampling(temperature=0)).tolist() == [0, 1, 0, 0]


@pytest.mark.parametrize("uniform", [0.0, 5e-324, 0.5, ALMOST_1])
@pytest.mark.parametrize(
    "settings",
    [{}, {"top_k": 1}, {"top_k": 2}, {"top_p": 0.3}, {"min_p": 0.5}, {"top_k": 5, "top_p": 0.9}],
    ids=str,
)
def test_no_draw_picks_a_character_of_probability_zero(
    settings: dict[str, Any], uniform: float
) -> None:
    random = np.random.default_rng(0)
    for temperature in (MIN_TEMPERATURE, 0.5, MAX_TEMPERATURE):
        sampling = Sampling(temperature=temperature, **settings)
        for _ in range(50):
            logits = random.normal(0, 5, 7).astype(np.float32)
            assert probabilities(logits, sampling)[sample(logits, uniform, sampling)] > 0


def test_a_single_character_is_always_taken() -> None:
    for uniform in (0.0, ALMOST_1):
        assert sample(np.array([-5], np.float32), uniform, Sampling(top_k=1, top_p=0.1)) == 0


@pytest.mark.parametrize("temperature", [MIN_TEMPERATURE, 1.0, MAX_TEMPERATURE])
def test_logits_of_any_size_are_safe(temperature: float) -> None:
    largest = np.finfo(np.float32).max
    logits = np.array([-largest, 0, largest, largest], np.float32)
    sampling = Sampling(temperature=temperature, top_p=0.99)
    np.testing.assert_array_equal(probabilities(logits, sampling), [0, 0, 0.5, 0.5])
    assert sample(logits, 0.0, sampling) == 2
    assert sample(logits, ALMOST_1, sampling) == 3


def test_adding_the_same_to_all_logits_changes_nothing() -> None:
    logits = np.array([1, 2, 3], np.float32)
    sampling = Sampling(temperature=0.5)
    np.testing.assert_array_equal(
        probabilities(logits + 4096, sampling), probabilities(logits, sampling)
    )


huge = pytest.param(10**400, id="huge")


@pytest.mark.parametrize(
    "temperature",
    [-0.1, 0.009, 10.001, math.nan, math.inf, -math.inf, True, "0.5", None, [1], 1j, huge],
)
def test_a_temperature_outside_its_range_is_refused(temperature: Any) -> None:
    with pytest.raises(SettingsError, match=r"^temperature must be 0 .* 0\.01 to 10, received"):
        Sampling(temperature=temperature)


@pytest.mark.parametrize("top_k", [-1, 1.0, 2.5, True, "3", math.nan, [1]])
def test_a_top_k_outside_its_range_is_refused(top_k: Any) -> None:
    with pytest.raises(SettingsError, match=r"^top_k must be a whole number.*received"):
        Sampling(top_k=top_k)


@pytest.mark.parametrize("top_p", [0, 0.0, -0.1, 1.001, True, "0.5", math.nan, math.inf, [1], huge])
def test_a_top_p_outside_its_range_is_refused(top_p: Any) -> None:
    with pytest.raises(SettingsError, match=r"^top_p must be a number.*received") as caught:
        Sampling(top_p=top_p)
    assert isinstance(caught.value, TextGenError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("min_p", [-0.1, 1.001, True, "0.5", math.nan, math.inf, [1], huge])
def test_a_min_p_outside_its_range_is_refused(min_p: Any) -> None:
    with pytest.raises(SettingsError, match=r"^min_p must be a number from 0 to 1.*received"):
        Sampling(min_p=min_p)


def test_numbers_of_numpy_are_numbers() -> None:
    sampling = Sampling(
        temperature=np.float32(0.5),  # type: ignore[arg-type]
        top_k=np.int64(3),  # type: ignore[arg-type]
        top_p=np.float16(0.5),  # type: ignore[arg-type]
        min_p=np.float64(0.25),
        no_repeat_ngram_size=np.uint8(9),  # type: ignore[arg-type]
    )
    assert sampling == Sampling(
        temperature=0.5, top_k=3, top_p=0.5, min_p=0.25, no_repeat_ngram_size=9
    )
    assert {type(value) for value in vars(sampling).values()} == {int, float}


@pytest.mark.parametrize("name", ["top_k", "top_p", "min_p", "no_repeat_ngram_size"])
def test_none_and_the_off_value_are_the_default(name: str) -> None:
    off: dict[str, Any] = {name: 1 if name == "top_p" else 0}
    assert Sampling(**off) == Sampling(**{name: None}) == Sampling()  # type: ignore[arg-type]
    assert getattr(Sampling(), name) == off[name]
    assert not Sampling().filters


@pytest.mark.parametrize("size", [1, -1, 101, 10**400, 2.0, True, "3", math.nan])
def test_an_n_gram_size_outside_its_range_is_refused(size: Any) -> None:
    with pytest.raises(
        SettingsError, match=r"^no_repeat_ngram_size must be 0 \(off\) or .* 2 to 100, or None, rec"
    ):
        Sampling(no_repeat_ngram_size=size)


@pytest.mark.parametrize(
    ("text", "size", "best_first", "chosen"),
    [
        ("abca", 2, "bca", "c"),  # ab is in the text already
        ("abca", 3, "bca", "b"),  # cab is not
        ("abcab", 3, "cab", "a"),  # abc is
        ("ababa", 4, "bca", "c"),  # abab is, and overlaps itself
        ("", 2, "abc", "a"),
        ("a", 2, "abc", "a"),
        ("ab", 4, "abc", "a"),  # shorter than an n-gram
        ("aabaca", 2, "cba", "c"),  # aa, ab and ac are all there: none is ruled out
    ],
)
@pytest.mark.parametrize("temperature", [0, 0.01])
def test_an_n_gram_is_not_written_twice(
    text: str, size: int, best_first: str, chosen: str, temperature: float
) -> None:
    logits = np.array([-best_first.index(letter) for letter in "abc"], np.float32)
    sampling = Sampling(temperature=temperature, no_repeat_ngram_size=size)
    sample_next = make_sampler(sampling, 3, ["abc".index(letter) for letter in text])
    assert "abc"[sample_next(logits, 0.5)] == chosen


@pytest.mark.parametrize("temperature", [0, 0.2, 1.0])
def test_new_characters_count_as_text(temperature: float) -> None:
    sampling = Sampling(temperature=temperature, no_repeat_ngram_size=3)
    sample_next, written = make_sampler(sampling, 26), ""
    for uniform in np.random.default_rng(0).random(40):
        written += chr(ord("a") + sample_next(-np.arange(26, dtype=np.float32), uniform))
    trigrams = [written[start : start + 3] for start in range(38)]
    assert len(set(trigrams)) == len(trigrams)


@pytest.mark.parametrize("temperature", [0, 0.0, -0.0, MIN_TEMPERATURE, 1, MAX_TEMPERATURE])
def test_a_temperature_may_be_at_its_limits(temperature: float) -> None:
    assert Sampling(temperature=temperature).temperature == temperature


@pytest.mark.parametrize("seed", range(30))
def test_draws_agree_with_the_naive_definition(seed: int) -> None:
    random = np.random.default_rng(seed)
    settings: dict[str, Any] = {"temperature": random.choice([0, 0.1, 0.5, 1.0, 2.0])}
    for name, values in (("top_k", [1, 3, 20]), ("top_p", [0.3, 0.9]), ("min_p", [0.05, 0.5])):
        if random.random() < 0.5:
            settings[name] = random.choice(values).item()
    sampling = Sampling(**settings)
    sample_next = make_sampler(sampling, 12)
    for _ in range(200):
        logits = random.normal(0, 2, 12).round(1).astype(np.float32)  # with equals among them
        uniform = random.random()
        assert sample_next(logits, uniform) == naive.sample(logits.tolist(), uniform, sampling)
