"""The same prompt at several temperatures: the texts, and the probabilities they draw from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from textgen.generation.sampling import Sampling, probabilities
from textgen.service.wire import Temperatures, TemperatureText
from textgen.timeline.generator import TextGenerator

TEMPERATURES = (0.0, 0.2, 0.5, 1.0, 1.2)
SHOWN_CHARACTERS = 8


def compare_temperatures(
    generator: TextGenerator, prompt: str, write: Callable[[float], str]
) -> Temperatures:
    """Return one prompt continued at every temperature.

    Args:
        generator: the generator of the snapshot.
        prompt: at least one character, as `TextGenerator.prepare` returns it.
        write: a function from a temperature to the continuation at it.

    Raises:
        VocabularyError: the prompt has a character that is not in the vocabulary.
    """
    logits = generator.next_logits(prompt)
    # The same order at every temperature; ties in vocabulary order, like the sampler.
    ranked = np.argsort(-logits, kind="stable")[:SHOWN_CHARACTERS]
    temperatures: list[TemperatureText] = []
    for temperature in TEMPERATURES:
        percent = 100 * probabilities(logits, Sampling(temperature=temperature))
        temperatures.append(
            {
                "temperature": temperature,
                "text": write(temperature),
                "percent": [round(share, 1) for share in percent[ranked].tolist()],
                "others": round(float(np.delete(percent, ranked).sum()), 1),
            }
        )
    characters = [generator.vocabulary.characters[index] for index in ranked]
    return {"prompt": prompt, "characters": characters, "temperatures": temperatures}
