"""Counting models, against hand-worked examples, a direct implementation and known results."""

from __future__ import annotations

import math
from itertools import islice

import numpy as np
import pytest

from textgen.text.ngrams import NgramModel


def losses(train: list[int], text: list[int], vocab_size: int, orders: int) -> list[float]:
    model = NgramModel(np.array(train), vocab_size)
    return list(islice(model.losses(np.array(text)), orders))


def test_a_hand_worked_example() -> None:
    # "abaca": a 3, b 1, c 1; ab 1, ba 1, ac 1, ca 1.
    train, a, b, c = [0, 1, 0, 2, 0], 0, 1, 2
    model = NgramModel(np.array(train), vocab_size=4)
    assert len(list(islice(model.losses(np.array([a, b])), 2))) == 2

    # Order 1: two characters occur once, none twice, so the discount is 2 / (2 + 0) = 1. What it
    # takes from a, b and c, 3 of 5, is shared equally by all four characters.
    first = model.probabilities(np.array([]), order=1)
    assert first == pytest.approx([2 / 5 + 3 / 20, 3 / 20, 3 / 20, 3 / 20])

    # Order 2 mixes with order 1 counted in predecessors: a follows b and c, b and c follow a only.
    # One each for b and c, two for a: discount 2 / (2 + 2 · 1) = 1/2 of 4.
    lower = np.array([1.5 / 4, 0.5 / 4, 0.5 / 4, 0]) + 1.5 / 4 / 4
    # After a: b and c, once each. All four pairs occur once: discount 4 / (4 + 0) = 1.
    assert model.probabilities(np.array([a]), order=2) == pytest.approx(lower)
    assert model.probabilities(np.array([c]), order=2) == pytest.approx(lower)
    # The fourth character never occurs, so nothing is known after it but order 1.
    assert model.probabilities(np.array([3]), order=2) == pytest.approx(lower)

    assert losses(train, [a, b], 4, 2) == pytest.approx([-math.log(3 / 20), -math.log(lower[b])])


def direct_loss(train: str, text: str, vocab_size: int, order: int) -> float:
    """Return the loss by the formula, with dictionaries and no shared work."""

    def counts(n: int) -> dict[str, int]:
        found = [train[i : i + n] for i in range(len(train) - n + 1)]
        if n == order:
            return {gram: found.count(gram) for gram in set(found)}
        longer = {train[i : i + n + 1] for i in range(len(train) - n)}
        return {gram: sum(one[1:] == gram for one in longer) for gram in set(found)}

    tables = {n: counts(n) for n in range(1, order + 1)}

    def probability(context: str, character: str, n: int) -> float:
        if n == 0:
            return 1 / vocab_size
        lower = probability(context[1:], character, n - 1)
        table = tables[n]
        total = sum(c for gram, c in table.items() if gram[:-1] == context)
        if not total:
            return lower
        values = list(table.values())
        once, twice = values.count(1), values.count(2)
        discount = once / (once + 2 * twice) if once else 0.5
        kept = {gram: max(c - discount, 0) for gram, c in table.items() if gram[:-1] == context}
        left = 1 - sum(kept.values()) / total
        return kept.get(context + character, 0) / total + left * lower

    def nats(i: int) -> float:
        n = min(order, i + 1)  # at the start of the text there are fewer characters before
        return -math.log(probability(text[i - n + 1 : i], text[i], n))

    return sum(nats(i) for i in range(1, len(text))) / (len(text) - 1)


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
def test_it_agrees_with_the_formula_written_out(order: int) -> None:
    rng = np.random.default_rng(5)
    ids = (rng.random(400) ** 2 * 5).astype(int)  # some characters are rarer
    text = (rng.random(60) ** 2 * 6).astype(int)  # one that never occurred
    as_text = "".join(map(str, ids)), "".join(map(str, text))
    assert losses([*ids], [*text], 6, order)[-1] == pytest.approx(
        direct_loss(*as_text, vocab_size=6, order=order), abs=1e-12
    )


@pytest.mark.parametrize("order", [1, 2, 4, 7])
def test_probabilities_are_those_that_losses_are_made_of(order: int) -> None:
    rng = np.random.default_rng(order)
    model = NgramModel(rng.integers(0, 7, 900), vocab_size=8)
    text = rng.integers(0, 8, 80)
    loss = list(islice(model.losses(text), order))[-1]
    each = [model.probabilities(text[:i], order) for i in range(1, len(text))]
    assert [p.sum() for p in each] == pytest.approx([1] * len(each))
    nats = [-math.log(p[target]) for p, target in zip(each, text[1:], strict=True)]
    assert sum(nats) / len(nats) == pytest.approx(loss)


def test_the_orders_end_with_the_training_text() -> None:
    assert len(losses([0, 1, 0], [0, 1], 2, 10)) == 3
    assert losses([0], [0, 0], 1, 10) == [pytest.approx(0)]


def test_more_characters_help_as_far_as_the_text_repeats_itself() -> None:
    rng = np.random.default_rng(0)
    rule = rng.integers(0, 9, size=(9, 9, 9))  # three characters decide the next
    text = [1, 2, 3]
    while len(text) < 30_000:
        text.append(int(rule[tuple(text[-3:])]) if rng.random() < 0.9 else int(rng.integers(9)))
    found = losses(text[:27_000], text[27_000:], 9, 6)
    assert found.index(min(found)) == 3  # order 4: three characters and the next
    assert found[0] > 2 * found[3]
