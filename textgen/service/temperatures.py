"""The same prompt at several temperatures: what each writes, and the chances it draws from."""

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
        generator: the snapshot that writes.
        prompt: at least one character, prepared (`TextGenerator.prepare` brings any text there).
        write: temperature → the continuation that the page shows at it.

    Raises:
        VocabularyError: a character of the prompt is not in the vocabulary.
    """
    logits = generator.next_logits(prompt)
    # A temperature never changes the order; of equals the first goes first, as the sampler has it.
    likeliest = np.argsort(-logits, kind="stable")[:SHOWN_CHARACTERS]
    temperatures: list[TemperatureText] = []
    for temperature in TEMPERATURES:
        chances = 100 * probabilities(logits, Sampling(temperature=temperature))
        temperatures.append(
            {
                "temperature": temperature,
                "text": write(temperature),
                "percent": [round(chance, 1) for chance in chances[likeliest].tolist()],
                "others": round(float(np.delete(chances, likeliest).sum()), 1),
            }
        )
    characters = [generator.vocabulary.characters[index] for index in likeliest]
    return {"prompt": prompt, "characters": characters, "temperatures": temperatures}
