"""The endpoints of release 0.1, kept for existing clients; new ones should use those of `api`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from textgen.page.api import (
    declared,
    model_argument,
    request_arguments,
    request_of,
    score_arguments,
    snapshot_facts,
)
from textgen.page.errors import show_errors
from textgen.page.queue import COMPARING_AT_ONCE, WRITING_AT_ONCE
from textgen.service.service import Service

# Only the page needs these fields of a score.
FOR_THE_PAGE = ("typed", "prompt_length")


def register_old_endpoints(service: Service) -> None:
    """Add the endpoints to the current `gr.Blocks`."""
    gr.api(_generate(service), api_name="generate", concurrency_limit=WRITING_AT_ONCE)
    gr.api(_compare(service), api_name="compare", concurrency_limit=COMPARING_AT_ONCE)
    gr.api(_score(service), api_name="score")
    gr.api(_snapshots(service), api_name="snapshots")


def _generate(service: Service) -> Callable[..., Iterator[str]]:
    def generate(*values: Any) -> Iterator[str]:
        """Deprecated, use v1_generate. Continues a prompt; streams the prompt and the text so far.

        Returns:
            the prompt followed by the text so far
        """
        with show_errors():
            for passage in service.write(request_of(arguments, values)):
                (written,) = passage["texts"].values()
                yield passage["prompt"] + written["text"]

    arguments = request_arguments(service)
    return declared(generate, arguments, returns=str)


def _compare(service: Service) -> Callable[..., list[dict[str, Any]]]:
    def compare(*values: Any) -> list[dict[str, Any]]:
        """Deprecated, use v1_compare. Continues the same prompt with every snapshot of a model.

        Returns:
            for each snapshot epoch, step, bits_per_char (validation loss), best, seed_text
            text (the new characters), real_words (v1_generate calls it known_words)
        """
        with show_errors():
            request = request_of(arguments, values)
            *_, passage = service.compare(request)
            return [
                {
                    **facts,
                    "seed_text": passage["prompt"],
                    "text": written["text"],
                    "real_words": written["known_words"],
                }
                for facts in _facts(service, request.model)
                if (written := passage["texts"].get(str(facts["step"])))
            ]

    arguments = request_arguments(service, epoch=False)
    return declared(compare, arguments, returns=list[dict[str, Any]])


def _score(service: Service) -> Callable[..., dict[str, Any]]:
    def score(text: str, model: str, epoch: str) -> dict[str, Any]:
        """Deprecated, use v1_score. Measures how well a snapshot predicts a text.

        Returns:
            the fields of v1_score, some under other names
        """
        with show_errors():
            seen = service.score(model, epoch, text)
            return {name: value for name, value in seen.items() if name not in FOR_THE_PAGE}

    return declared(score, score_arguments(service), returns=dict[str, Any])


def _snapshots(service: Service) -> Callable[..., list[dict[str, Any]]]:
    def snapshots(model: str) -> list[dict[str, Any]]:
        """Deprecated, use v1_snapshots. Lists the snapshots of a model.

        Returns:
            for each snapshot epoch, step, bits_per_char (validation loss), best
        """
        with show_errors():
            return _facts(service, model)

    return declared(snapshots, model_argument(service), returns=list[dict[str, Any]])


def _facts(service: Service, model: str) -> list[dict[str, Any]]:
    return [
        {"bits_per_char" if name == "val_bits_per_char" else name: value for name, value in one}
        for one in (facts.items() for facts in snapshot_facts(service, model))
    ]
