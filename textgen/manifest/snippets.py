"""Code for users to run: writing with a model in Keras alone, or by calling the app.

Every text is put into the code as a literal, so no text can end the literal and become code.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from textgen.config import ModelConfig


def literal(text: str) -> str:
    """Return a text as a Python string literal, in double quotes if possible.

    Example:
        >>> print(literal("it's"), literal('"it"'))
        "it's" '"it"'
    """
    quoted = repr(f"'{text}")  # repr uses double quotes here, unless the text contains some
    return f'"{quoted[2:]}' if quoted.startswith('"') else repr(text)


def keras_writing(
    config: ModelConfig, prompt: str, *, length: int, temperature: float, seed: int
) -> str:
    """Return Python code that continues a prompt and prints prompt and continuation.

    The code expects a Keras `model`, its list of `characters`, and NumPy as `np`. It uses one
    random number per character, as `textgen.generation.sampling.make_sampler` does, so it prints
    exactly what `TextGenerator` writes.

    Args:
        config: the model's.
        prompt: at least one character, all of them in the model's vocabulary.
        length: number of new characters.
        temperature: at least 0; 0 is greedy.
        seed: the random seed.
    """
    if config.context is None:  # the shape never changes, so Keras compiles only once
        logits = "model.predict_on_batch(ids)[0, position - 1]"
    else:
        window = f"ids[:, max(0, position - {config.context}) : position]"
        logits = f"model.predict_on_batch({window})[0, -1]"
    start = (
        f"prompt_ids = [characters.index(character) for character in {literal(prompt)}]\n"
        f"ids = np.array([prompt_ids + [0] * {length}])\n"
    )
    end = 'print("".join(characters[id] for id in ids[0]))'
    if temperature == 0:
        return (
            f"{start}"
            "for position in range(len(prompt_ids), ids.shape[1]):\n"
            f"    logits = {logits}\n"
            "    # temperature 0 (greedy): always take the most likely character\n"
            "    ids[0, position] = logits.argmax()\n"
            f"{end}"
        )
    return (
        f"{start}"
        f"rng = np.random.default_rng({seed})\n"
        f"uniforms = rng.random({length})  # one random number per character\n"
        "for position, uniform in enumerate(uniforms, start=len(prompt_ids)):\n"
        f"    logits = {logits}.astype(float)\n"
        f"    cumulative = np.exp((logits - logits.max()) / {temperature}).cumsum()\n"
        "    ids[0, position] = np.count_nonzero(cumulative <= uniform * cumulative[-1])\n"
        f"{end}"
    )


def client_call(address: str, arguments: Mapping[str, str | float]) -> str:
    """Return Python code that calls the app's `/v1_generate` with the `gradio_client` package.

    Args:
        address: the app's URL.
        arguments: name → value, the arguments of `/v1_generate`.
    """
    named = "".join(
        f"    {name}={literal(value) if isinstance(value, str) else value},\n"
        for name, value in arguments.items()
    )
    return (
        "from gradio_client import Client\n\n"
        f"app = Client({literal(address.rstrip('/'))})\n"
        f'answer = app.predict(\n{named}    api_name="/v1_generate",\n)\n'
        'print(answer["prompt"] + answer["text"])'
    )


def curl_call(address: str, arguments: Mapping[str, str | float]) -> str:
    """Return a shell command that calls `/v1_generate` and prints the stream; see `client_call`."""
    # Printable ASCII only: json.dumps escapes every other character except delete.
    data = json.dumps(arguments).replace("\x7f", "\\u007f")
    url = f"{address.rstrip('/')}/gradio_api/call/v2/v1_generate"
    return (
        f"curl -s {shlex.quote(url)} \\\n"
        f'    -H "Content-Type: application/json" -d {shlex.quote(data)} |\n'
        "    cut -d '\"' -f 4 |\n"
        f"    xargs -I EVENT curl -sN {shlex.quote(f'{url}/EVENT')}"
    )
