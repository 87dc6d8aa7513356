"""The content of the tab "Use this model": code to run, facts, links and limits.

Everything here is plain data. Text from users and timelines is put into code as a literal, so it
can neither end the literal nor be read as code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote, urlsplit

from textgen.generation.sampling import Sampling
from textgen.manifest import facts as manifest_facts
from textgen.manifest.paths import ARCHITECTURE, VOCABULARY
from textgen.manifest.records import Snapshot
from textgen.manifest.snippets import client_call, curl_call, keras_writing, literal
from textgen.service.resolve import ResolvedRequest
from textgen.service.wire import Reuse, Snippet
from textgen.timeline.timeline import Timeline

_WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?(/[\w~!$&()*+,;=:@%./?#-]*)?", re.ASCII)


def about(resolved: ResolvedRequest, *, address: str) -> Reuse:
    """Return everything a user needs to use the model outside the app.

    Args:
        resolved: the request that the app shows, with its timeline, snapshot and prompt.
        address: the app's URL, such as "http://127.0.0.1:7860".
    """
    timeline = resolved.timeline
    return {
        "facts": facts(timeline, resolved.snapshot),
        "links": links(timeline),
        "limits": manifest_facts.limits(timeline.manifest),
        "snippets": snippets(resolved, address=address),
    }


def facts(timeline: Timeline, snapshot: Snapshot) -> list[list[str]]:
    """Return facts about a model and the chosen snapshot, each as name and plain text."""
    manifest = timeline.manifest
    described, trained_for = manifest_facts.described(manifest), manifest_facts.how_far(manifest)
    rows = [
        ("training text", manifest.corpus.name),
        ("source", manifest.corpus.source),
        ("preprocessing", described["preprocessing"]),
        ("split", f"{described['split']}; training did not use the validation part"),
        ("vocabulary", f"{manifest.model.vocab_size} different characters"),
        ("network", f"{described['network']}; it predicts the next character"),
        ("parameters", f"{described['parameters']} numbers, set by training"),
        ("fine-tuned from", described.get("fine-tuned from", "")),
        ("trained for", f"{trained_for} (an epoch is one pass over the training text)"),
        ("training time", described["training time"]),
        ("software", described["software"]),
        ("license of the weights", manifest.publication.license or "not stated by the trainer"),
        ("best snapshot", _quality(timeline.best)),
        ("chosen snapshot", _quality(snapshot)),
        ("file formats", "Keras weights (HDF5) and JSON; loading them runs no code"),
    ]
    return [[name, words] for name, words in rows if words]


def links(timeline: Timeline) -> list[list[str]]:
    """Return links to the model and its training text, each as words and web address."""
    hub, source = timeline.source, timeline.manifest.corpus.source
    found = []
    if hub.repo_id is not None:
        at = "" if hub.revision is None else f"/tree/{quote(hub.revision, safe='')}"
        found.append(
            ["The model on the Hugging Face Hub", f"https://huggingface.co/{hub.repo_id}{at}"]
        )
    if _WEB_ADDRESS.fullmatch(source):
        found.append([f"The training text, at {urlsplit(source).hostname}", source])
    return found


def snippets(resolved: ResolvedRequest, *, address: str) -> list[Snippet]:
    """Return code that writes the same text outside the app; see `about`."""
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
            "title": "Python, calling this app",
            "language": "python",
            "code": client_call(address, arguments),
        },
        {
            "title": "Terminal, calling this app",
            "language": "bash",
            "code": curl_call(address, arguments),
        },
    ]


def _quality(snapshot: Snapshot) -> str:
    return (
        f"epoch {snapshot.label}: validation loss {snapshot.val_bits_per_char:.3f} bits per "
        "character (lower is better)"
    )


def _filters(resolved: ResolvedRequest) -> dict[str, float]:
    """Return the sampling filters that are on, as name → value."""
    used, off = (
        asdict(resolved.request.sampling),
        Sampling(temperature=resolved.request.temperature),
    )
    return {name: value for name, value in used.items() if value != getattr(off, name)}


def _location(timeline: Timeline) -> tuple[str, str]:
    """Return where to load the timeline from, as a literal, and a comment to follow it.

    The literal is the timeline's repository, or its path if it lies below the current directory, or
    only its directory's name, with a comment to replace it. It is never a path of the server.
    """
    if timeline.source.repo_id is not None:
        return literal(timeline.source.repo_id), ""
    directory, current = timeline.directory.resolve(), Path.cwd().resolve()
    # Below the root directory, a relative path would reveal as much as an absolute one.
    if current in directory.parents and current != current.parent:
        return literal(directory.relative_to(current).as_posix()), ""
    return literal(directory.name), "  # replace with the path to your copy of this timeline"


def _revision(timeline: Timeline) -> dict[str, str]:
    """Return the argument that names the timeline's revision, if one was asked for."""
    revision = timeline.source.revision
    return {} if revision is None else {"revision": literal(revision)}


def _textgen(resolved: ResolvedRequest) -> str:
    timeline, snapshot, request = resolved.timeline, resolved.snapshot, resolved.request
    by_epoch = timeline.manifest.find(epoch=snapshot.label) is snapshot
    which = {"epoch": snapshot.label} if by_epoch else {"step": snapshot.step}
    location, comment = _location(timeline)
    settings = {
        "length": request.length,
        "temperature": request.temperature,
        **_filters(resolved),
        "seed": request.seed,
    }
    return (
        "# Install textgen with `pip install -e .` in a clone of this app's repository.\n"
        "from textgen import TextGenerator\n\n"
        "generator = TextGenerator.from_pretrained(\n"
        f"    {location},{comment}\n"
        f"{_arguments({**which, **_revision(timeline)})}"
        ")\n"
        f"prompt = {literal(resolved.prompt)}\n"
        "text = generator.generate(\n"
        "    prompt,\n"
        f"{_arguments(settings)}"
        ")\nprint(prompt + text)"
    )


def _arguments(arguments: Mapping[str, object]) -> str:
    """Return keyword arguments as Python code, one per line."""
    return "".join(f"    {name}={value},\n" for name, value in arguments.items())


def _keras(resolved: ResolvedRequest) -> str:
    timeline, snapshot, request = resolved.timeline, resolved.snapshot, resolved.request
    location, comment = _location(timeline)
    on_hub = timeline.source.repo_id is not None
    revision = "".join(f", {name}={value}" for name, value in _revision(timeline).items())

    def path_of(file: str) -> str:
        if on_hub:
            return f"Path(hf_hub_download({location}, {literal(file)}{revision}))"
        return f"directory / {literal(file)}"

    imports = "from huggingface_hub import hf_hub_download\n" if on_hub else ""
    directory = "" if on_hub else f"directory = Path({location}){comment}\n"
    filters = ", ".join(_filters(resolved))
    remark = (
        f"# This code does not apply these settings of the app: {filters}.\n" if filters else ""
    )
    writing = keras_writing(
        timeline.config,
        resolved.prompt,
        length=request.length,
        temperature=request.temperature,
        seed=request.seed,
    )
    return (
        "import json\nfrom pathlib import Path\n\nimport keras\nimport numpy as np\n"
        f"{imports}\n"
        f"{directory}"
        f"vocabulary = {path_of(VOCABULARY)}\n"
        f"config = {path_of(ARCHITECTURE)}\n"
        f"weights = {path_of(snapshot.file)}  # epoch {snapshot.label}\n"
        'characters = json.loads(vocabulary.read_text("utf-8"))["characters"]\n'
        'model = keras.models.model_from_json(config.read_text("utf-8"))\n'
        "model.load_weights(weights)\n\n"
        f"{remark}{writing}"
    )


def _api_arguments(resolved: ResolvedRequest) -> dict[str, str | float]:
    """Return the arguments of `/v1_generate` that write the same text."""
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
