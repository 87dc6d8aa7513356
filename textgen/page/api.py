"""The page for machines: endpoints with stable names and types, over HTTP and as MCP tools.

Gradio reads the docstrings and tells them to both: of an argument one line, and of what is returned
the lines with commas between them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from textgen.generation.sampling import DEFAULT_TEMPERATURE
from textgen.page.events import show_errors
from textgen.service import passages as views
from textgen.service.request import DEFAULT_LENGTH, DEFAULT_SEED, Request
from textgen.service.service import WRITING_AT_ONCE, Service

# Of what is seen in a text, what only the page's drawing asks for.
FOR_THE_PAGE = ("typed", "read")


def register_endpoints(service: Service) -> None:
    """Add the endpoints to the current `gr.Blocks`; Gradio reads names, types and defaults off."""
    generate = _generate(service)
    gr.api(generate, api_name=generate.__name__, concurrency_limit=WRITING_AT_ONCE)
    for function in (_compare(service), _score(service), _snapshots(service)):
        gr.api(function, api_name=function.__name__)


def _generate(service: Service) -> Callable[..., Iterator[str]]:
    def generate(
        model: str = service.models[0],
        epoch: str = "best",
        seed_text: str = "",
        length: int = DEFAULT_LENGTH,
        temperature: float = DEFAULT_TEMPERATURE,
        top_k: int = 0,
        top_p: float = 1.0,
        min_p: float = 0.0,
        no_repeat_ngram_size: int = 0,
        seed: int = DEFAULT_SEED,
    ) -> Iterator[str]:
        """Continue a text with one snapshot; streams the opening and the text so far.

        Args:
            model: a name that the page offers.
            epoch: of the snapshot, as the page shows it, or best or last.
            seed_text: what the text starts from; empty for an opening of the model's own.
            length: new characters, 1 to 2000.
            temperature: 0 for always the likeliest character, else 0.01 to 10.
            top_k: draw among the k likeliest only; 0 for all.
            top_p: draw among the likeliest that reach this probability; 1 for all.
            min_p: draw among those at least so many times as probable as the likeliest; 0 for all.
            no_repeat_ngram_size: never write 2 to 100 characters in a row twice; 0 lets it.
            seed: of the random numbers; the same seed repeats a text.
        """
        with show_errors():
            request = Request(
                model=model,
                epoch=epoch,
                seed_text=seed_text,
                length=length,
                temperature=temperature,
                top_k=top_k,
                top_p=top_p,
                min_p=min_p,
                no_repeat_ngram_size=no_repeat_ngram_size,
                seed=seed,
            )
            for passage in service.write(request):
                (written,) = passage["texts"].values()
                yield passage["prompt"] + written["text"]

    return generate


def _compare(service: Service) -> Callable[..., list[dict[str, Any]]]:
    def compare(
        model: str = service.models[0],
        seed_text: str = "",
        length: int = DEFAULT_LENGTH,
        temperature: float = DEFAULT_TEMPERATURE,
        top_k: int = 0,
        top_p: float = 1.0,
        min_p: float = 0.0,
        no_repeat_ngram_size: int = 0,
        seed: int = DEFAULT_SEED,
    ) -> list[dict[str, Any]]:
        """Continue the same text with every snapshot of a model, with the same random numbers.

        Args:
            model: a name that the page offers.
            seed_text: what the text starts from; empty for an opening of the model's own.
            length: new characters, 1 to 2000.
            temperature: 0 for always the likeliest character, else 0.01 to 10.
            top_k: draw among the k likeliest only; 0 for all.
            top_p: draw among the likeliest that reach this probability; 1 for all.
            min_p: draw among those at least so many times as probable as the likeliest; 0 for all.
            no_repeat_ngram_size: never write 2 to 100 characters in a row twice; 0 lets it.
            seed: of the random numbers; the same seed repeats the texts.

        Returns:
            of each snapshot from untrained to last, epoch, step, bits_per_char (held out)
            best (whether it is), seed_text (as it was read), text (new characters)
            real_words (their share in the text, 0 to 1; null where it is unknown)
        """
        with show_errors():
            request = Request(
                model=model,
                seed_text=seed_text,
                length=length,
                temperature=temperature,
                top_k=top_k,
                top_p=top_p,
                min_p=min_p,
                no_repeat_ngram_size=no_repeat_ngram_size,
                seed=seed,
            )
            *_, passage = service.compare(request)
            return [
                {
                    **facts,
                    "seed_text": passage["prompt"],
                    "text": written["text"],
                    "real_words": written["words"],
                }
                for facts in _facts(service, model)
                if (written := passage["texts"].get(str(facts["step"])))
            ]

    return compare


def _score(service: Service) -> Callable[..., dict[str, Any]]:
    def score(text: str, model: str = service.models[0], epoch: str = "best") -> dict[str, Any]:
        """Say how surprising a text is to a snapshot, character by character.

        Args:
            text: anything; up to 5,000 characters of it are read.
            model: a name that the page offers.
            epoch: of the snapshot, as the page shows it, or best or last.

        Returns:
            text (as it was read), notes (what was changed in it), bits_per_char (of all of it)
            held_out_bits (the same of pages that the model never saw)
            random_bits (what a guess among its symbols costs, each as likely as the others)
            symbols (how many characters it knows), bits (of each character, null for the first)
            alternatives (for each character the five likeliest there, and their chances in percent)
            copied (start and end of each run of this many characters that its book has too)
            run (this many), longest (of these runs, or null), copied_share (0 to 1)
            where the model has no index of its book, copied and copied_share are null
        """
        with show_errors():
            seen = service.score(model, epoch, text)
            return {name: seen[name] for name in seen if name not in FOR_THE_PAGE}

    return score


def _snapshots(service: Service) -> Callable[..., list[dict[str, Any]]]:
    def snapshots(model: str = service.models[0]) -> list[dict[str, Any]]:
        """List the snapshots of a model, from untrained to last.

        Args:
            model: a name that the page offers.

        Returns:
            of each, epoch, step, bits_per_char (held out), best (whether it is)
        """
        with show_errors():
            return _facts(service, model)

    return snapshots


def _facts(service: Service, model: str) -> list[dict[str, Any]]:
    return [
        {
            "epoch": one["label"],
            "step": one["step"],
            "bits_per_char": one["bits"],
            "best": one["best"],
        }
        for one in views.snapshots(service.timeline(model))
    ]
