"""Code for people to run: how to write with a model in Keras alone, and by asking a page.

What is put into code is put in as a literal, so that no text can end it and become code.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from textgen.config import ModelConfig


def literal(text: str) -> str:
    """Return a text as Python writes it, in double quotes where it can be.

    Example:
        >>> print(literal("it's"), literal('"it"'))
        "it's" '"it"'
    """
    quoted = repr(f"'{text}")  # in double quotes, unless the text has some
    return f'"{quoted[2:]}' if quoted.startswith('"') else repr(text)


def keras_writing(
    config: ModelConfig, prompt: str, *, length: int, temperature: float, seed: int
) -> str:
    """Return Python lines that continue an opening and print it all.

    They take a Keras `model`, its `characters`, and NumPy as `np`. One random number decides one
    character, by the rule of `textgen.generation.sampling.make_sampler`, so they print what
    `TextGenerator` writes.

    Args:
        config: of the model.
        prompt: at least one character, all of them the model's.
        length: new characters.
        temperature: 0 for always the likeliest character.
        seed: of the random numbers.
    """
    if config.context is None:  # one shape all along, so that Keras compiles it once
        logits = "model.predict_on_batch(ids)[0, place - 1]"
    else:
        logits = f"model.predict_on_batch(ids[:, max(0, place - {config.context}) : place])[0, -1]"
    begins = (
        f"opening = [characters.index(character) for character in {literal(prompt)}]\n"
        f"ids = np.array([opening + [0] * {length}])\n"
    )
    ends = 'print("".join(characters[id] for id in ids[0]))'
    if temperature == 0:
        return (
            f"{begins}"
            "for place in range(len(opening), ids.shape[1]):\n"
            f"    logits = {logits}\n"
            "    ids[0, place] = logits.argmax()  # temperature 0: always the likeliest\n"
            f"{ends}"
        )
    return (
        f"{begins}"
        f"dice = np.random.default_rng({seed}).random({length})  # one for each character\n"
        "for place, die in enumerate(dice, start=len(opening)):\n"
        f"    logits = {logits}.astype(float)\n"
        f"    chances = np.exp((logits - logits.max()) / {temperature}).cumsum()\n"
        "    ids[0, place] = np.count_nonzero(chances <= die * chances[-1])\n"
        f"{ends}"
    )


def client_call(address: str, arguments: Mapping[str, str | float]) -> str:
    """Return Python lines that ask a page, through Gradio's client.

    Args:
        address: of the page.
        arguments: of its `/generate`.
    """
    named = "".join(
        f"    {name}={literal(value) if isinstance(value, str) else value},\n"
        for name, value in arguments.items()
    )
    return (
        "from gradio_client import Client\n\n"
        f"page = Client({literal(address.rstrip('/'))})\n"
        f'text = page.predict(\n{named}    api_name="/generate",\n)\n'
        "print(text)"
    )


def curl_call(address: str, arguments: Mapping[str, str | float]) -> str:
    """Return a command that asks a page, and prints the text as it grows; see `client_call`."""
    # Only ASCII reaches the terminal, and no control character, not even delete.
    data = json.dumps(arguments).replace("\x7f", "\\u007f")
    url = f"{address.rstrip('/')}/gradio_api/call/v2/generate"
    return (
        f"curl -s {shlex.quote(url)} \\\n"
        f'    -H "Content-Type: application/json" -d {shlex.quote(data)} |\n'
        "    cut -d '\"' -f 4 |\n"
        f"    xargs -I EVENT curl -sN {shlex.quote(f'{url}/EVENT')}"
    )
