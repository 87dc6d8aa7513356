"""The model card: the template `model_card.md` filled in from a timeline's manifest."""

from __future__ import annotations

import hashlib
import re
import string
import textwrap
from collections.abc import Sequence
from pathlib import Path

from textgen.errors import OutputError
from textgen.hub.client import card_metadata
from textgen.manifest import facts, markdown
from textgen.manifest.paths import CORPUS_INDEX
from textgen.manifest.schema import Manifest, Snapshot
from textgen.manifest.snippets import client_call, curl_call, keras_writing, literal

SHOWN_TEMPERATURE = "0.5"
SAMPLE_WIDTH = 88  # characters in a line: what the Hub's page shows without scrolling
_TEMPLATE = "model_card.md"
_PAGE = "http://127.0.0.1:7860"  # where app.py opens it
_MARK = re.compile(
    r"\n<!-- written by textgen ([0-9a-f]{64}); edit this card and it is kept -->\n\Z"
)


def render(manifest: Manifest, repo_id: str) -> str:
    """Return a timeline's model card, ready to be a model repository's README.md.

    Everything that comes from the manifest is escaped: it is data, never markup.

    Args:
        manifest: of the timeline.
        repo_id: where it is, or is to be, published; what no repository's name may hold is
            replaced.
    """
    repo_id = re.sub(r"[^\w./-]+", "-", repo_id, flags=re.ASCII)
    origin, context = manifest.init_from, manifest.model.context
    reached = facts.how_far(manifest)
    held_out = manifest.corpus.held_out_characters / manifest.corpus.characters
    fields = {
        "metadata": _metadata(manifest, repo_id),
        "name": markdown.inline(manifest.name),
        "snapshot_count": _count(len(manifest.snapshots), "snapshot"),
        "beginning": f"what {markdown.inline(origin.name)} had learned"
        if origin
        else "untrained noise",
        "progress": "" if manifest.finished else f" **Still being trained: {reached}.**",
        "seed_text": markdown.code(manifest.sample_settings.seed_text),
        "shown_temperature": SHOWN_TEMPERATURE,
        "samples": "\n\n".join(_sample(manifest, snapshot) for snapshot in _story(manifest)),
        "repo_id": repo_id,
        **_in_code(manifest),
        "facts": "\n".join(f"| {name} | {value} |" for name, value in _facts(manifest, repo_id)),
        "held_out_percent": f"{100 * held_out:.2g}%",
        "limited": "" if context is None else f", of the last {context:,}",
        "snapshots": "\n".join(_row(snapshot, manifest.best) for snapshot in manifest.snapshots),
        "vocab_size": str(manifest.model.vocab_size),
        "limits": textwrap.fill(" ".join(facts.limits(manifest)), 99),
    }
    body = string.Template(_template()).substitute(fields)
    digest = hashlib.sha256(body.encode()).hexdigest()
    return f"{body}\n<!-- written by textgen {digest}; edit this card and it is kept -->\n"


def is_edited(card: str) -> bool:
    """Return whether a card was written, or changed, by somebody: such a card is kept."""
    mark = _MARK.search(card)
    return mark is None or hashlib.sha256(card[: mark.start()].encode()).hexdigest() != mark[1]


def _story(manifest: Manifest) -> Sequence[Snapshot]:
    """Return an early, a middle and the best snapshot, as far as they differ."""
    until_best = [
        snapshot for snapshot in manifest.snapshots if snapshot.step <= manifest.best.step
    ]
    chosen = {0, len(until_best) // 3, len(until_best) - 1}
    return [until_best[index] for index in sorted(chosen)]


def _in_code(manifest: Manifest) -> dict[str, str]:
    """Return what differs from model to model in the card's code."""
    early, prompt = _story(manifest)[-2:][0], manifest.sample_settings.seed_text[:60]
    return {
        "opening": literal(prompt),
        "keras_writing": keras_writing(
            manifest.model, prompt, length=100, temperature=float(SHOWN_TEMPERATURE), seed=1
        ),
        "client_call": client_call(_PAGE, {"epoch": early.label, "seed_text": prompt, "seed": 1}),
        "curl_call": curl_call(_PAGE, {"epoch": early.label, "seed": 1}),
        "early_file": early.file,
        "early_epoch": early.label,
    }


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _sample(manifest: Manifest, snapshot: Snapshot) -> str:
    lines = snapshot.samples.get(SHOWN_TEMPERATURE, "").split("\n")
    text = "\n".join(textwrap.fill(line, SAMPLE_WIDTH, break_on_hyphens=False) for line in lines)
    start = "untrained" if manifest.init_from is None else "before it read this text"
    readings = start if snapshot.step == 0 else f"epoch {snapshot.label}"
    return f"**{readings}** ({snapshot.val_loss:.3f} nats per character)\n\n{markdown.block(text)}"


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


def _facts(manifest: Manifest, repo_id: str) -> list[tuple[str, str]]:
    corpus, index = manifest.corpus, manifest.corpus_index
    described = [
        (name, markdown.inline(words)) for name, words in facts.described(manifest).items()
    ]
    name, source = markdown.inline(corpus.name), markdown.inline(corpus.source)
    rows = [("text", f"{name}, {source}; SHA-256 `{corpus.sha256}`"), *described]
    if index is not None:
        words = "" if index.words is None else ", and which share of its words that text has"
        each = "" if index.words is None else " and every word"
        rows.append(
            (
                "copies",
                f"`python -m textgen novelty {repo_id} FILE` tells how much of a file stands in "
                f"the text trained on{words}, by [hashes of every {index.ngram_size} characters"
                f"{each} of it]({CORPUS_INDEX})",
            )
        )
    return rows


def _metadata(manifest: Manifest, repo_id: str) -> str:
    dataset = {"dataset_type": "text", "dataset_name": f"{manifest.corpus.name} (held-out part)"}
    measured = {
        "task_type": "text-generation",
        "task_name": "Character-level language modelling",
        "source_name": "timeline.json, measured by textgen after each snapshot",
        "source_url": f"https://huggingface.co/{repo_id}/blob/main/timeline.json",
        **dataset,
    }
    return card_metadata(
        library_name="keras",
        pipeline_tag="text-generation",
        license="mit",
        tags=["textgen", "char-lstm", "lstm", "character-level", "text-generation"],
        model_name=manifest.name,
        results=[
            {
                "metric_type": "loss",
                "metric_name": "Held-out loss (nats per character)",
                "metric_value": round(manifest.best.val_loss, 4),
                **measured,
            },
            {
                "metric_type": "bits_per_character",
                "metric_name": "Bits per character",
                "metric_value": round(manifest.best.val_bits_per_char, 4),
                **measured,
            },
        ],
    )


def _template() -> str:
    # Beside this file in an installed package, at the top of a clone.
    for directory in (Path(__file__).parent, Path(__file__).parents[2]):
        path = directory / _TEMPLATE
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise OutputError(f"The model card's template {_TEMPLATE} is missing; install textgen again.")
