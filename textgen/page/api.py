"""The app's API, version 1: endpoints over HTTP, which are also MCP tools.

Gradio publishes the names, types, defaults and docstrings of these functions: one line for each
argument, and the lines on the result joined by commas. The arguments of a request come from the
settings of `Request`, so that each is declared once. `api_v0` has the endpoints of release 0.1.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr

from textgen.checks import settings_of
from textgen.page.errors import show_errors
from textgen.page.queue import COMPARING_AT_ONCE, WRITING_AT_ONCE
from textgen.service.passages import snapshots as summaries
from textgen.service.request import Request
from textgen.service.service import Service
from textgen.service.surprise import MAX_OWN_TEXT

MODEL = "name of a model that the app shows"
EPOCH = "epoch of a snapshot, such as 0.33 or 12, or best or last"
SEED_TEXT = "the prompt; if empty, one of the model's own"
TEXT = f"the text; the first {MAX_OWN_TEXT:,} characters are used"


def register_endpoints(service: Service) -> None:
    """Add the endpoints to the current `gr.Blocks`."""
    # Each has its own queue, so that a full one never blocks the page.
    # Gradio names the MCP tools after the functions, so these have the names of the endpoints.
    gr.api(_generate(service), api_name="v1_generate", concurrency_limit=WRITING_AT_ONCE)
    gr.api(_compare(service), api_name="v1_compare", concurrency_limit=COMPARING_AT_ONCE)
    gr.api(_score(service), api_name="v1_score")
    gr.api(_snapshots(service), api_name="v1_snapshots")


def _generate(service: Service) -> Callable[..., Iterator[dict[str, Any]]]:
    def v1_generate(*values: Any) -> Iterator[dict[str, Any]]:
        """Continue a prompt with one snapshot of a model; streams the text as it grows.

        Returns:
            prompt (the prompt as it was used), notes (how it differs from seed_text)
            text (the new characters so far, without the prompt)
            known_words (share of its words that also occur in the training text, 0 to 1)
            known_words is null until the text is finished, and for a model without an index
        """
        with show_errors():
            for passage in service.write(request_of(arguments, values)):
                (written,) = passage["texts"].values()
                yield {"prompt": passage["prompt"], "notes": passage["notes"], **written}

    arguments = request_arguments(service)
    return declared(v1_generate, arguments, returns=dict[str, Any])


def _compare(service: Service) -> Callable[..., dict[str, Any]]:
    def v1_compare(*values: Any) -> dict[str, Any]:
        """Continue the same prompt with every snapshot of a model and the same random seed.

        Returns:
            prompt (the prompt as it was used), notes (how it differs from seed_text)
            snapshots (a list from untrained to last, each as v1_snapshots describes it)
            each snapshot also has text and known_words, as in v1_generate
        """
        with show_errors():
            request = request_of(arguments, values)
            *_, passage = service.compare(request)
            return {
                "prompt": passage["prompt"],
                "notes": passage["notes"],
                "snapshots": [
                    {**facts, **written}
                    for facts in snapshot_facts(service, request.model)
                    if (written := passage["texts"].get(str(facts["step"])))
                ],
            }

    arguments = request_arguments(service, epoch=False)
    return declared(v1_compare, arguments, returns=dict[str, Any])


def _score(service: Service) -> Callable[..., dict[str, Any]]:
    def v1_score(text: str, model: str, epoch: str) -> dict[str, Any]:
        """Measure how well a snapshot predicts a text, character by character, in bits.

        Returns:
            text (as it was used), notes (what was changed), bits_per_char (mean over the text)
            val_bits_per_char (the snapshot's mean over the validation text, for comparison)
            random_bits_per_char (the cost of random guessing), vocab_size
            bits (−log2 of the probability of each character, null for the first)
            alternatives (for each character the five most likely ones and their percentages)
            copied_run (the shortest run that counts as copied, in characters)
            copied (start and end of each run that also occurs in the training text)
            longest (the longest of these runs or null), copied_share (0 to 1)
            copied, longest and copied_share are null for a model without an index
        """
        with show_errors():
            seen = service.score(model, epoch, text)
            return {
                "text": seen["text"],
                "notes": " ".join(seen["notes"]),
                "bits_per_char": seen["bits_per_char"],
                "val_bits_per_char": seen["held_out_bits"],
                "random_bits_per_char": seen["random_bits"],
                "vocab_size": seen["symbols"],
                "bits": seen["bits"],
                "alternatives": seen["alternatives"],
                "copied_run": seen["run"],
                "copied": seen["copied"],
                "longest": seen["longest"],
                "copied_share": seen["copied_share"],
            }

    return declared(v1_score, score_arguments(service), returns=dict[str, Any])


def _snapshots(service: Service) -> Callable[..., list[dict[str, Any]]]:
    def v1_snapshots(model: str) -> list[dict[str, Any]]:
        """List the snapshots of a model, from untrained to last.

        Returns:
            for each snapshot epoch, step, val_bits_per_char (validation loss in bits per character)
            best (whether it has the lowest validation loss)
        """
        with show_errors():
            return snapshot_facts(service, model)

    return declared(v1_snapshots, model_argument(service), returns=list[dict[str, Any]])


def snapshot_facts(service: Service, model: str) -> list[dict[str, Any]]:
    """Return what `v1_snapshots` returns."""
    return [
        {
            "epoch": one["label"],
            "step": one["step"],
            "val_bits_per_char": one["bits"],
            "best": one["best"],
        }
        for one in summaries(service.catalog.timeline(model))
    ]


Arguments = dict[str, tuple[type, Any, str]]
"""The type, default and description of each argument."""


def model_argument(service: Service) -> Arguments:
    """Return the argument that chooses a model."""
    return {"model": (str, service.catalog.names[0], MODEL)}


def score_arguments(service: Service) -> Arguments:
    """Return the arguments for scoring a text with a snapshot."""
    text = (str, inspect.Parameter.empty, TEXT)
    return {"text": text, **model_argument(service), "epoch": (str, "best", EPOCH)}


def request_arguments(service: Service, *, epoch: bool = True) -> Arguments:
    """Return the arguments that make up a request, with or without the choice of a snapshot."""
    default = Request(model=service.catalog.names[0])
    arguments = model_argument(service)
    if epoch:
        arguments["epoch"] = (str, "best", EPOCH)
    arguments["seed_text"] = (str, default.seed_text, SEED_TEXT)
    for name, setting in settings_of(Request).items():
        said = f"{setting.help}; {setting.range}"
        arguments[name] = (setting.kind, getattr(default, name), said)
    return arguments


def request_of(arguments: Arguments, values: Sequence[Any]) -> Request:
    """Return the request that the values of some arguments make up."""
    return Request(**dict(zip(arguments, values, strict=True)))


def declared(
    function: Callable[..., Any], arguments: Arguments, *, returns: Any
) -> Callable[..., Any]:
    """Give a function with positional arguments their names, types, defaults and descriptions."""
    summary, head, results = inspect.cleandoc(str(function.__doc__)).partition("\n\nReturns:\n")
    said = "".join(f"    {name}: {words}.\n" for name, (_, _, words) in arguments.items())
    function.__doc__ = f"{summary}\n\nArgs:\n{said}\n{head.strip()}\n{results}"
    function.__annotations__ = {name: kind for name, (kind, _, _) in arguments.items()}
    function.__annotations__["return"] = returns
    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=kind
            )
            for name, (kind, default, _) in arguments.items()
        ],
        return_annotation=returns,
    )
    return function
