"""Counting models beside the learning curve: which are worth showing, and which a snapshot beats.

A counting model is an n-gram model: it has counted how often each character follows each sequence
of characters in the training text. A manifest may have the validation losses of several.
"""

from __future__ import annotations

import math

from textgen.manifest.records import NgramResult, Snapshot
from textgen.manifest.schema import Manifest

LEAST_GAIN = 0.01  # of the loss; models that gain less are hard to tell apart


def guessing_bits(manifest: Manifest) -> float:
    """Return the loss of a random guess, in bits per character."""
    return math.log2(manifest.model.vocab_size)


def rungs(manifest: Manifest) -> list[NgramResult]:
    """Return the counting models that the learning curve is compared with, worst first.

    Each is at least 1% better than the one before it, and the first than a random guess.
    """
    found: list[NgramResult] = []
    bound = guessing_bits(manifest)
    for result in manifest.ngrams:
        if result.val_bits_per_char < (1 - LEAST_GAIN) * bound:
            found.append(result)
            bound = result.val_bits_per_char
    return found


def beats(snapshot: Snapshot, result: NgramResult) -> bool:
    """Return whether a snapshot predicts the validation text better than a counting model."""
    return snapshot.val_bits_per_char < result.val_bits_per_char


def rung_name(order: int) -> str:
    """Return the name of a counting model: "letter counts", "pairs", "3 letters"."""
    return {1: "letter counts", 2: "pairs"}.get(order, f"{order} letters")
