"""What is measured of a model at a snapshot: its losses and its samples."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from textgen.generation.evaluation import bits_by_context, surprises
from textgen.network.engine import Engine
from textgen.network.weights import rounded, weights_from_arrays
from textgen.timeline.generator import TextGenerator
from textgen.training.setup import TrainingSetup

SAMPLE_TEMPERATURES = (0.2, 0.5, 1.0, 1.2)


@dataclass(frozen=True, eq=False)
class StoredModel:
    """A model as its snapshot stores it, with rounded weights.

    Attributes:
        setup: the run's.
        engine: the model.
        nats: −ln p of each validation character, float64 `(m,)`.
    """

    setup: TrainingSetup
    engine: Engine
    nats: NDArray[np.float64]

    @property
    def loss(self) -> float:
        """The validation loss, in nats per character."""
        return float(self.nats.mean())

    def measurements(self) -> dict[str, Any]:
        """Return the measured fields of a `Snapshot`."""
        by_context = bits_by_context(self.engine, self.setup.val_ids, self.nats)
        return {
            "val_loss": self.loss,
            "val_bits_per_char": self.loss / math.log(2),
            "samples": self._samples(),
            "bits_by_context": {str(n): round(bits, 5) for n, bits in by_context.items()},
        }

    def _samples(self) -> dict[str, str]:
        generator = TextGenerator(self.engine, self.setup.vocabulary)
        settings = self.setup.manifest.sample_settings
        return {
            f"{temperature:g}": generator.generate(
                settings.seed_text,
                length=settings.length,
                temperature=temperature,
                seed=settings.seed,
            )
            for temperature in SAMPLE_TEMPERATURES
        }


def stored_model(model: keras.Model, setup: TrainingSetup) -> StoredModel:
    """Score the validation text with a Keras model, rounded as it will be stored."""
    config, dtype = setup.manifest.model, setup.manifest.weights_dtype
    weights = weights_from_arrays(rounded(model.get_weights(), dtype), config)
    engine = Engine(config, weights)
    return StoredModel(setup, engine, surprises(engine, setup.val_ids))
