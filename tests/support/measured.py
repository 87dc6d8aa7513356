"""Timelines with measurements of counting models and of how far back the snapshots look."""

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path

from tests.support.timelines import HOSTILE, manifest_of, write_timeline
from textgen import Timeline
from textgen.manifest.records import NgramResult
from textgen.manifest.schema import Manifest

# Orders 3 and 5 are no rungs: one is worse than order 2, the other hardly better than order 4.
NGRAM_BITS = (3.0, 2.5, 2.51, 2.2, 2.19, 2.1)
LENGTHS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


def ngrams_of(bits: Sequence[float], sample: str = "a cab ") -> tuple[NgramResult, ...]:
    """Return results of n-gram models with these losses in bits, from order 1 on."""
    return tuple(
        NgramResult(
            order=order,
            characters=900,
            val_loss=one * math.log(2),
            val_bits_per_char=one,
            seconds=0.1,
            sample=f"{sample}{order}",
        )
        for order, one in enumerate(bits, start=1)
    )


def measured(manifest: Manifest | None = None) -> Manifest:
    """Return a manifest with all measurements; its untrained snapshot uses no context."""
    manifest = manifest or manifest_of()
    shots = tuple(
        dataclasses.replace(
            snapshot,
            bits_by_context={
                str(shown): snapshot.val_bits_per_char + (snapshot.step > 0) / shown
                for shown in LENGTHS
            },
        )
        for snapshot in manifest.snapshots
    )
    return dataclasses.replace(manifest, ngrams=ngrams_of(NGRAM_BITS), snapshots=shots)


def strange(manifest: Manifest | None = None) -> Manifest:
    """Return a manifest with measurements that only a broken or hostile program writes."""
    manifest = manifest or manifest_of()
    bits = (3.2, 3.1, 3.0, 2.9, 2.8, 2.7, 0.0, 0.0, 1e300, 5.0, 1.0, 1.0)
    contexts: tuple[dict[str, float], ...] = (
        {},
        {"7": 0.0},
        {str(10**power): 1e300 for power in range(6)},
        {str(shown): 2.0 for shown in range(999_980, 1_000_000)},
    )
    shots = tuple(
        dataclasses.replace(
            snapshot, val_loss=loss, val_bits_per_char=loss, bits_by_context=context
        )
        for snapshot, loss, context in zip(
            manifest.snapshots, (1e300, 0.0, 1e-300, 0.0), contexts, strict=True
        )
    )
    settings = dataclasses.replace(manifest.sample_settings, seed_text=HOSTILE)
    return dataclasses.replace(
        manifest,
        ngrams=ngrams_of(bits, sample=HOSTILE),
        snapshots=shots,
        sample_settings=settings,
    )


def write_strange_timeline(directory: Path) -> Timeline:
    """Write a timeline with the measurements of `strange`; textgen itself would not write it."""
    timeline = write_timeline(directory, dataclasses.replace(manifest_of(), name="strange"))
    (directory / "timeline.json").write_bytes(strange(timeline.manifest).to_json())
    return Timeline.from_pretrained(directory)
