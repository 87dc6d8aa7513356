"""What the page tells somebody who wants to use its model elsewhere: code to run, facts, limits.

Everything here is plain data. What a visitor typed and what a timeline says of itself is put into
code as a literal, so that it can neither end the literal nor be read as anything else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from textgen.checks import whole_number
from textgen.errors import SettingsError
from textgen.generation.sampling import Sampling
from textgen.manifest import facts as said
from textgen.manifest.schema import Snapshot
from textgen.manifest.snippets import client_call, curl_call, keras_writing, literal
from textgen.service import passages as views
from textgen.timeline.generator import MAX_LENGTH, MAX_SEED
from textgen.timeline.timeline import Timeline

NO_FILTER: Mapping[str, float] = {"top_k": 0, "top_p": 1, "min_p": 0, "no_repeat_ngram_size": 0}
"""The settings that need not be named, and the values by which `/generate` leaves them out."""
_WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?(/[\w~!$&()*+,;=:@%./?#-]*)?", re.ASCII)


@dataclass(frozen=True)
class _Settings:
    """A visitor's settings, checked, for one timeline."""

    model: str | None  # the page's name for it
    prompt: str  # as the model reads it
    length: int
    temperature: float
    filters: dict[str, float]  # those in use
    seed: int


def about(
    timeline: Timeline, snapshot: Snapshot, settings: Mapping[str, Any], *, address: str
) -> dict[str, Any]:
    """Return all that the page's "Use it yourself" shows, as plain data.

    The arguments are those of `snippets`.

    Returns:
        `facts`, pairs of name and words; `links`, pairs of words and address; `limits`, sentences;
        `snippets`.

    Raises:
        SettingsError: as `snippets`.
    """
    return {
        "facts": [list(fact) for fact in facts(timeline, snapshot)],
        "links": links(timeline),
        "limits": said.limits(timeline.manifest),
        "snippets": snippets(timeline, snapshot, settings, address=address),
    }


def facts(timeline: Timeline, snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return what is known of a model and of the chosen snapshot, as names and plain words."""
    manifest = timeline.manifest
    told = said.described(manifest)
    rows = [
        ("what it read", manifest.corpus.name),
        ("where that is from", manifest.corpus.source),
        ("preparation", told["preparation"]),
        ("characters", f"{told['split']}; held out are those it is only measured on"),
        ("knows", f"{manifest.model.vocab_size} different characters"),
        ("network", f"{told['network']}: from the character read to the chances of the next"),
        ("weights", f"{told['weights']}: the numbers that training sets"),
        ("went on from", told.get("goes on from", "")),
        ("how far", f"{said.how_far(manifest)}; an epoch is one reading of the text"),
        ("how long", told["time"]),
        ("with", told["software"]),
        ("best snapshot", _measured(timeline.best)),
        ("chosen snapshot", _measured(snapshot)),
        ("files", "Keras' weights (HDF5) and JSON: nothing that runs when it is read"),
    ]
    return [(name, words) for name, words in rows if words]


def links(timeline: Timeline) -> list[list[str]]:
    """Return where the model and its text are, as words and address, as far as that is a link."""
    hub, source = timeline.source, timeline.manifest.corpus.source
    found = []
    if hub.repo_id is not None:
        at = "" if hub.revision is None else f"/tree/{quote(hub.revision, safe='')}"
        found.append(
            ["The model on the Hugging Face Hub", f"https://huggingface.co/{hub.repo_id}{at}"]
        )
    if _WEB_ADDRESS.fullmatch(source):
        found.append([f"The text it read, at {urlsplit(source).hostname}", source])
    return found


def snippets(
    timeline: Timeline, snapshot: Snapshot, settings: Mapping[str, Any], *, address: str
) -> list[dict[str, str]]:
    """Return code that writes what the page shows, elsewhere.

    Args:
        timeline: of the model.
        snapshot: of it, that writes.
        settings: by the names of `/generate`: `seed_text` as the page reads it (at most its last
            `MAX_SEED_TEXT` characters), `length`, `temperature` and `seed`; those of `NO_FILTER`
            and `model`, the page's name for it, may be missing.
        address: of the page, "http://127.0.0.1:7860".

    Returns:
        For each way `title`, `language` ("python" or "bash") and `code`.

    Raises:
        SettingsError: a setting is outside its range.
    """
    checked_settings = _checked(timeline, settings)
    called = _called(snapshot, checked_settings)
    ways = (
        ("Python with textgen", "python", _textgen(timeline, snapshot, checked_settings)),
        ("Python with Keras alone", "python", _keras(timeline, snapshot, checked_settings)),
        ("Python, asking this page", "python", client_call(address, called)),
        ("Terminal, asking this page", "bash", curl_call(address, called)),
    )
    return [{"title": title, "language": language, "code": code} for title, language, code in ways]


def _measured(snapshot: Snapshot) -> str:
    return (
        f"epoch {snapshot.label}: {snapshot.val_bits_per_char:.3f} bits per character on the text "
        "held out, lower is better"
    )


def _checked(timeline: Timeline, settings: Mapping[str, Any]) -> _Settings:
    typed, model = settings["seed_text"], settings.get("model")
    if not isinstance(typed, str) or not isinstance(model, str | None):
        raise SettingsError("seed_text and model must be strings.")
    prompt, _ = timeline.vocabulary.normalize(typed)
    filters = {
        name: value
        for name, none in NO_FILTER.items()
        if (value := settings.get(name, none)) not in (none, None)
    }
    sampling = Sampling(temperature=settings["temperature"], **filters)
    return _Settings(
        model=model,
        prompt=prompt if prompt.strip() else views.prompts(timeline)[0],
        length=whole_number("length", settings["length"], 1, MAX_LENGTH),
        temperature=sampling.temperature,
        filters={name: getattr(sampling, name) for name in filters},
        seed=whole_number("seed", settings["seed"], 0, MAX_SEED),
    )


def _source(timeline: Timeline) -> str:
    """Return what names the timeline to others: never where a server keeps it."""
    name = timeline.directory.resolve().name
    return literal(timeline.source.repo_id or f"path/to/{name}")


def _pinned(timeline: Timeline) -> str:
    revision = timeline.source.revision
    return "" if revision is None else f", revision={literal(revision)}"


def _textgen(timeline: Timeline, snapshot: Snapshot, checked_settings: _Settings) -> str:
    by_epoch = timeline.manifest.find(epoch=snapshot.label) is snapshot
    which = f"epoch={snapshot.label}" if by_epoch else f"step={snapshot.step}"
    lines = [
        f"length={checked_settings.length}",
        f"temperature={checked_settings.temperature}",
        *(f"{name}={value}" for name, value in checked_settings.filters.items()),
        f"seed={checked_settings.seed}",
    ]
    return (
        "# Installed by `pip install -e .` in a copy of this page's repository.\n"
        "from textgen import TextGenerator\n\n"
        f"generator = TextGenerator.from_pretrained({_source(timeline)}, {which}"
        f"{_pinned(timeline)})\n"
        f"opening = {literal(checked_settings.prompt)}\n"
        "text = generator.generate(\n"
        "    opening,\n" + "".join(f"    {line},\n" for line in lines) + ")\n"
        "print(opening + text)"
    )


def _keras(timeline: Timeline, snapshot: Snapshot, checked_settings: _Settings) -> str:
    source, file = _source(timeline), literal(snapshot.file)
    fetches, directory = "", f"directory = Path({source})\n"
    if timeline.source.repo_id is not None:
        fetches = "from huggingface_hub import snapshot_download\n"
        directory = (
            f'files = ["*.json", "model.weights.h5", {file}]\n'
            f"directory = Path(snapshot_download({source}, allow_patterns=files"
            f"{_pinned(timeline)}))\n"
        )
    left_out = (
        f"# The page's {', '.join(checked_settings.filters)} is left out here.\n"
        if checked_settings.filters
        else ""
    )
    writing = keras_writing(
        timeline.config,
        checked_settings.prompt,
        length=checked_settings.length,
        temperature=checked_settings.temperature,
        seed=checked_settings.seed,
    )
    return (
        "import json\nfrom pathlib import Path\n\nimport keras\nimport numpy as np\n"
        f"{fetches}\n"
        f"{directory}"
        'characters = json.loads((directory / "vocabulary.json").read_text("utf-8"))'
        '["characters"]\n'
        "model = keras.saving.load_model(directory)\n"
        f"model.load_weights(directory / {file})  # epoch {snapshot.label}\n\n"
        f"{left_out}{writing}"
    )


def _called(snapshot: Snapshot, checked_settings: _Settings) -> dict[str, str | float]:
    """Return the arguments of `/generate`."""
    return {
        **({} if checked_settings.model is None else {"model": checked_settings.model}),
        "epoch": snapshot.label,
        "seed_text": checked_settings.prompt,
        "length": checked_settings.length,
        "temperature": checked_settings.temperature,
        **checked_settings.filters,
        "seed": checked_settings.seed,
    }
