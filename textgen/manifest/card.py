"""The model card: the template `model_card.md`, filled in from a timeline's manifest."""

from __future__ import annotations

import hashlib
import math
import re
import string
import textwrap
from collections.abc import Sequence
from pathlib import Path

from textgen.errors import OutputError
from textgen.hub.licenses import LICENSE_LIST
from textgen.manifest import facts, markdown
from textgen.manifest.front_matter import front_matter
from textgen.manifest.paths import CORPUS_INDEX
from textgen.manifest.records import NgramResult, Snapshot
from textgen.manifest.rungs import beats, rungs
from textgen.manifest.schema import Manifest
from textgen.manifest.snippets import client_call, curl_call, keras_writing, literal

SHOWN_TEMPERATURE = "0.5"
SAMPLE_WIDTH = 88  # characters in a line; the Hub shows this many without scrolling
_TEMPLATE = "model_card.md"
_APP = "http://127.0.0.1:7860"  # the default address of app.py
_MARK = re.compile(
    r"\n<!-- written by textgen ([0-9a-f]{64}); edit this card and it is kept -->\n\Z"
)


def render(manifest: Manifest, repo_id: str) -> str:
    """Return a timeline's model card, the README.md of its model repository.

    Everything that comes from the manifest is escaped: it is data, never markup.

    Args:
        manifest: the timeline's manifest, with at least one snapshot.
        repo_id: the repository it is, or will be, published in; characters that no repository
            name may have are replaced.
    """
    repo_id = re.sub(r"[^\w./-]+", "-", repo_id, flags=re.ASCII)
    model, context = manifest.model, manifest.model.context
    validation_share = manifest.corpus.held_out_characters / manifest.corpus.characters
    fields = {
        "metadata": front_matter(manifest, repo_id),
        "name": markdown.inline(manifest.name),
        **_introduction(manifest),
        "seed_text": markdown.code(manifest.sample_settings.seed_text),
        "temperature": SHOWN_TEMPERATURE,
        "samples": "\n\n".join(_sample(manifest, snapshot) for snapshot in _story(manifest)),
        **_quality(manifest),
        "validation_percent": f"{100 * validation_share:.2g}%",
        "context": "all characters" if context is None else f"the last {context:,} characters",
        "repo_id": repo_id,
        **_in_code(manifest),
        "vocab_size": str(model.vocab_size),
        "limits": "\n".join(
            textwrap.fill(sentence, 98, initial_indent="- ", subsequent_indent="  ")
            for sentence in facts.limits(manifest)
        ),
        "index_privacy": _index_privacy(manifest),
        "details": "\n".join(
            f"| {name} | {value} |" for name, value in _details(manifest, repo_id)
        ),
        "license": _license(manifest.publication.license),
        "snapshots": "\n".join(_row(snapshot, manifest.best) for snapshot in manifest.snapshots),
    }
    body = string.Template(_template()).substitute(fields)
    digest = hashlib.sha256(body.encode()).hexdigest()
    return f"{body}\n<!-- written by textgen {digest}; edit this card and it is kept -->\n"


def is_edited(card: str) -> bool:
    """Return whether a person wrote or changed a card; such a card is never overwritten."""
    mark = _MARK.search(card)
    return mark is None or hashlib.sha256(card[: mark.start()].encode()).hexdigest() != mark[1]


def _story(manifest: Manifest) -> Sequence[Snapshot]:
    """Return the first, an early and the best snapshot, without repeating any."""
    until_best = [
        snapshot for snapshot in manifest.snapshots if snapshot.step <= manifest.best.step
    ]
    chosen = {0, len(until_best) // 3, len(until_best) - 1}
    return [until_best[index] for index in sorted(chosen)]


def _introduction(manifest: Manifest) -> dict[str, str]:
    """Return the fields of the card's first paragraph."""
    origin, corpus = manifest.init_from, markdown.inline(manifest.corpus.name)
    trained = f"trained on one text, {corpus}"
    if origin is not None:
        trained = f"fine-tuned from {markdown.inline(origin.name)} on one text, {corpus}"
    demo = manifest.publication.demo
    progress = f" **Training is not finished: {facts.how_far(manifest)}.**"
    return {
        "parameters": f"{manifest.model.parameters:,}",
        "trained": trained,
        "snapshot_count": _count(len(manifest.snapshots), "snapshot"),
        "before": _before(manifest),
        "progress": "" if manifest.finished else progress,
        "demo": f"\n\n[Try it in your browser]({markdown.address(demo)})." if demo else "",
    }


def _quality(manifest: Manifest) -> dict[str, str]:
    """Return the validation loss of the best snapshot, and numbers to compare it with."""
    best = manifest.best
    return {
        "best_epoch": best.label,
        "val_nats": f"{best.val_loss:.3f}",
        "val_bits": f"{best.val_bits_per_char:.3f}",
        "probability": f"{math.exp(-best.val_loss):.0%}",  # the geometric mean
        "counting": _counting(manifest),
        "random_nats": f"{math.log(manifest.model.vocab_size):.3f}",
        "random_bits": f"{math.log2(manifest.model.vocab_size):.3f}",
    }


def _counting(manifest: Manifest) -> str:
    """Return sentences on which counting models the best snapshot beats; empty without any."""
    if not manifest.ngrams:
        return ""

    def named(result: NgramResult) -> str:
        loss = f"{result.val_loss:.3f} nats, or {result.val_bits_per_char:.3f} bits, per character"
        return f"the {result.order}-gram ({loss})"

    best = min(manifest.ngrams, key=lambda result: result.val_bits_per_char)
    beaten = [result for result in rungs(manifest) if beats(manifest.best, result)]
    if beats(manifest.best, best):
        said = f"beats all of them, even the best, {named(best)}"
    elif beaten:
        said = f"beats {named(beaten[-1])}, but not the best of them, {named(best)}"
    else:
        said = f"does not beat the best of them, {named(best)}"
    words = (
        "For comparison, interpolated Kneser–Ney n-gram models, which count sequences of n "
        f"characters, were measured on the same validation text. The best snapshot {said}."
    )
    return f"\n\n{textwrap.fill(words, 99, break_on_hyphens=False)}"


def _in_code(manifest: Manifest) -> dict[str, str]:
    """Return the parts of the card's code that depend on the model."""
    early, prompt = _story(manifest)[-2:][0], manifest.sample_settings.seed_text[:60]
    return {
        "prompt": literal(prompt),
        "keras_writing": keras_writing(
            manifest.model, prompt, length=100, temperature=float(SHOWN_TEMPERATURE), seed=1
        ),
        "client_call": client_call(_APP, {"epoch": early.label, "seed_text": prompt, "seed": 1}),
        "curl_call": curl_call(_APP, {"epoch": early.label, "seed": 1}),
        "early_file": early.file,
        "early_epoch": early.label,
    }


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _before(manifest: Manifest) -> str:
    return "before training" if manifest.init_from is None else "before fine-tuning"


def _sample(manifest: Manifest, snapshot: Snapshot) -> str:
    lines = snapshot.samples.get(SHOWN_TEMPERATURE, "").split("\n")
    text = "\n".join(textwrap.fill(line, SAMPLE_WIDTH, break_on_hyphens=False) for line in lines)
    when = _before(manifest) if snapshot.step == 0 else f"epoch {snapshot.label}"
    return f"**{when}** (validation loss {snapshot.val_loss:.3f})\n\n{markdown.block(text)}"


def _row(snapshot: Snapshot, best: Snapshot) -> str:
    loss = "" if snapshot.loss is None else f"{snapshot.loss:.4f}"
    cells = [
        snapshot.label,
        f"{snapshot.step:,}",
        loss,
        f"{snapshot.val_loss:.4f}",
        f"{snapshot.val_bits_per_char:.3f}",
    ]
    if snapshot is best:
        cells = [f"**{cell}**" if cell else "" for cell in cells]
    return f"| {' | '.join(cells)} | [{snapshot.file}]({snapshot.file}) |"


def _details(manifest: Manifest, repo_id: str) -> list[tuple[str, str]]:
    """Return the rows of the card's table of training details."""
    corpus, index = manifest.corpus, manifest.corpus_index
    described = [
        (name, markdown.inline(words)) for name, words in facts.described(manifest).items()
    ]
    name, source = markdown.inline(corpus.name), markdown.inline(corpus.source)
    rows = [("training text", f"{name}, {source}; SHA-256 `{corpus.sha256}`")]
    if manifest.publication.language is not None:
        rows.append(("language", f"`{markdown.code(manifest.publication.language)}`"))
    rows += [
        ("dataset", f"[{markdown.inline(one)}](https://huggingface.co/datasets/{one})")
        for one in manifest.publication.datasets
    ]
    rows += described
    if index is not None:
        known = (
            ""
            if index.words is None
            else ", and the share of known words (words that also occur there)"
        )
        rows.append(
            (
                "copy check",
                f"`python -m textgen novelty {repo_id} FILE` reports how much of a file is copied "
                f"from the training text{known}, using [{CORPUS_INDEX}]({CORPUS_INDEX})",
            )
        )
    return rows


def _index_privacy(manifest: Manifest) -> str:
    """Return the paragraph on what the corpus index reveals; empty without an index."""
    index = manifest.corpus_index
    if index is None:
        return ""
    with_words = reveals_words = ""
    if index.words is not None:
        with_words = " and every word"
        reveals_words = (
            " The index also reveals whether a given word, such as a name, occurs in the text."
        )
    words = (
        f"The corpus index, [{CORPUS_INDEX}]({CORPUS_INDEX}), does not contain the training text "
        f"itself. It contains hashes of every sequence of {index.ngram_size} characters"
        f"{with_words} in the text. Anyone with the index and one line of the text can recover "
        f"what follows.{reveals_words} For a private text, train with `--no-corpus-index`, which "
        "leaves the index out."
    )
    return f"\n{textwrap.fill(words, 99, break_on_hyphens=False)}\n"


def _license(license: str | None) -> str:
    """Return the paragraph on the license of the weights."""
    if license is None:
        said = (
            "The trainer has not stated a license for the weights, so nothing here permits you to "
            "share or change them. Ask the trainer."
        )
    elif license == "other":
        said = (
            f"The weights have a license that is not on [the Hub's list]({LICENSE_LIST}). If this "
            "repository has no file with its text, ask the trainer."
        )
    else:
        said = (
            f"The weights are published under the license `{license}`, an identifier from [the "
            f"Hub's list]({LICENSE_LIST})."
        )
    return textwrap.fill(said, 99, break_on_hyphens=False, break_long_words=False)


def _template() -> str:
    # In an installed package it is beside this file, in a clone at the top.
    for directory in (Path(__file__).parent, Path(__file__).parents[2]):
        path = directory / _TEMPLATE
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise OutputError(f"The model card template {_TEMPLATE} is missing; reinstall textgen.")
