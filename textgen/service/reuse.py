"""What the page tells somebody who wants to use its model elsewhere: code to run, facts, limits.

Everything here is plain data. What a user typed and what a timeline says of itself is put into
code as a literal, so that it can neither end the literal nor be read as anything else.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from textgen.manifest import facts as manifest_facts
from textgen.manifest.schema import Snapshot
from textgen.manifest.snippets import client_call, curl_call, keras_writing, literal
from textgen.service.request import OFF
from textgen.service.resolve import ResolvedRequest
from textgen.service.wire import Reuse, Snippet
from textgen.timeline.timeline import Timeline

_WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?(/[\w~!$&()*+,;=:@%./?#-]*)?", re.ASCII)


def about(resolved: ResolvedRequest, *, address: str) -> Reuse:
    """Return all that the page tells of using its model elsewhere.

    Args:
        resolved: what the page shows.
        address: of the page, "http://127.0.0.1:7860".
    """
    timeline = resolved.timeline
    return {
        "facts": facts(timeline, resolved.snapshot),
        "links": links(timeline),
        "limits": manifest_facts.limits(timeline.manifest),
        "snippets": snippets(resolved, address=address),
    }


def facts(timeline: Timeline, snapshot: Snapshot) -> list[list[str]]:
    """Return what is known of a model and of the chosen snapshot, as names and plain words."""
    manifest = timeline.manifest
    described = manifest_facts.described(manifest)
    rows = [
        ("what it read", manifest.corpus.name),
        ("where that is from", manifest.corpus.source),
        ("preparation", described["preparation"]),
        ("characters", f"{described['split']}; held out are those it is only measured on"),
        ("knows", f"{manifest.model.vocab_size} different characters"),
        ("network", f"{described['network']}: from the character read to the chances of the next"),
        ("weights", f"{described['weights']}: the numbers that training sets"),
        ("went on from", described.get("goes on from", "")),
        ("how far", f"{manifest_facts.how_far(manifest)}; an epoch is one reading of the text"),
        ("how long", described["time"]),
        ("with", described["software"]),
        ("best snapshot", _measured(timeline.best)),
        ("chosen snapshot", _measured(snapshot)),
        ("files", "Keras' weights (HDF5) and JSON: nothing that runs when it is read"),
    ]
    return [[name, words] for name, words in rows if words]


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


def snippets(resolved: ResolvedRequest, *, address: str) -> list[Snippet]:
    """Return code that writes what the page shows, elsewhere; see `about`."""
    arguments = _api_arguments(resolved)
    return [
        {
            "title": "Python with textgen",
            "language": "python",
            "code": _textgen(resolved),
        },
        {
            "title": "Python with Keras alone",
            "language": "python",
            "code": _keras(resolved),
        },
        {
            "title": "Python, asking this page",
            "language": "python",
            "code": client_call(address, arguments),
        },
        {
            "title": "Terminal, asking this page",
            "language": "bash",
            "code": curl_call(address, arguments),
        },
    ]


def _measured(snapshot: Snapshot) -> str:
    return (
        f"epoch {snapshot.label}: {snapshot.val_bits_per_char:.3f} bits per character on the text "
        "held out, lower is better"
    )


def _filters(resolved: ResolvedRequest) -> dict[str, float]:
    """Return the filters in use, by name."""
    request = resolved.request
    return {name: getattr(request, name) for name in OFF if getattr(request, name) != OFF[name]}


def _source(timeline: Timeline) -> str:
    """Return what names the timeline to others: never where a server keeps it."""
    name = timeline.directory.resolve().name
    return literal(timeline.source.repo_id or f"path/to/{name}")


def _pinned(timeline: Timeline) -> str:
    revision = timeline.source.revision
    return "" if revision is None else f", revision={literal(revision)}"


def _textgen(resolved: ResolvedRequest) -> str:
    timeline, snapshot, request = resolved.timeline, resolved.snapshot, resolved.request
    by_epoch = timeline.manifest.find(epoch=snapshot.label) is snapshot
    which = f"epoch={snapshot.label}" if by_epoch else f"step={snapshot.step}"
    settings = {
        "length": request.length,
        "temperature": request.temperature,
        **_filters(resolved),
        "seed": request.seed,
    }
    return (
        "# Installed by `pip install -e .` in a copy of this page's repository.\n"
        "from textgen import TextGenerator\n\n"
        f"generator = TextGenerator.from_pretrained({_source(timeline)}, {which}"
        f"{_pinned(timeline)})\n"
        f"opening = {literal(resolved.prompt)}\n"
        "text = generator.generate(\n"
        "    opening,\n"
        + "".join(f"    {name}={value},\n" for name, value in settings.items())
        + ")\nprint(opening + text)"
    )


def _keras(resolved: ResolvedRequest) -> str:
    timeline, snapshot, request = resolved.timeline, resolved.snapshot, resolved.request
    source, file = _source(timeline), literal(snapshot.file)
    fetches, directory = "", f"directory = Path({source})\n"
    if timeline.source.repo_id is not None:
        fetches = "from huggingface_hub import snapshot_download\n"
        directory = (
            f'files = ["*.json", "model.weights.h5", {file}]\n'
            f"directory = Path(snapshot_download({source}, allow_patterns=files"
            f"{_pinned(timeline)}))\n"
        )
    filters = ", ".join(_filters(resolved))
    left_out = f"# The page's {filters} is left out here.\n" if filters else ""
    writing = keras_writing(
        timeline.config,
        resolved.prompt,
        length=request.length,
        temperature=request.temperature,
        seed=request.seed,
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


def _api_arguments(resolved: ResolvedRequest) -> dict[str, str | float]:
    """Return the arguments of `/generate`."""
    request = resolved.request
    return {
        "model": request.model,
        "epoch": resolved.snapshot.label,
        "seed_text": resolved.prompt,
        "length": request.length,
        "temperature": request.temperature,
        **_filters(resolved),
        "seed": request.seed,
    }
