"""How far back a snapshot looks: its loss when it is shown only the last characters."""

from __future__ import annotations

from textgen.manifest.records import Snapshot

FEW = 8  # characters, roughly a word
LEAST_GAIN = 0.01  # of the loss; less does not count as help


def context_losses(snapshot: Snapshot) -> list[tuple[int, float]]:
    """Return pairs of a number of earlier characters and the loss with them, in bits, in order."""
    return sorted((int(shown), bits) for shown, bits in snapshot.bits_by_context.items())


def how_far_back(snapshot: Snapshot) -> str:
    """Return in words how far back a snapshot looks; empty if that was not measured."""
    losses = context_losses(snapshot)
    if not losses:
        return ""
    most, last = losses[-1]
    enough = _enough(losses)
    shown, bits = next(((n, bits) for n, bits in losses if n == FEW < enough), losses[0])
    few = f"Shown only {shown:,} earlier character{'' if shown == 1 else 's'}, it needs {bits:.2f}"
    if len(losses) == 1:
        return f"{few} bits per character."
    if _flat(losses):
        return (
            f"It needs {last:.2f} bits per character however many earlier characters it is shown "
            "(the difference is less than 1%)."
        )
    said = f"{few} bits per character; with {most:,}, {last:.2f}."
    if enough < most:
        return f"{said} Beyond {enough:,}, more context no longer helps it (less than 1%)."
    before, its_bits = losses[-2]
    return f"{said} From {before:,} to {most:,} it still gains {1 - last / its_bits:.0%}."


def _enough(losses: list[tuple[int, float]]) -> int:
    """Return the smallest number of characters after which more of them gain less than 1%."""
    return next(
        shown
        for place, (shown, bits) in enumerate(losses)
        if all(later >= (1 - LEAST_GAIN) * bits for _, later in losses[place + 1 :])
    )


def _flat(losses: list[tuple[int, float]]) -> bool:
    bits = [each for _, each in losses]
    return min(bits) >= (1 - LEAST_GAIN) * max(bits)
