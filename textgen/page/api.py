"""The app for programs: endpoints with stable names and types, over HTTP and as MCP tools.

Gradio reads names, types, defaults and docstrings off the functions and tells them to both: of an
argument one line, and of what is returned the lines with commas between them. Those of a question
are made from the settings of `Request`, so that each is declared once.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from textgen.checks import settings_of
from textgen.page.errors import show_errors
from textgen.page.queue import COMPARING_AT_ONCE, WRITING_AT_ONCE
from textgen.service.passages import snapshots as summaries
from textgen.service.request import Request
from textgen.service.service import Service

# Of what is seen in a text, what only the page's drawing asks for.
FOR_THE_PAGE = ("typed", "prompt_length")


def register_endpoints(service: Service) -> None:
    """Add the endpoints to the current `gr.Blocks`."""
    # Not of the page's kinds: programs that fill these keep nobody on the page from writing.
    gr.api(_generate(service), api_name="generate", concurrency_limit=WRITING_AT_ONCE)
    gr.api(_compare(service), api_name="compare", concurrency_limit=COMPARING_AT_ONCE)
    gr.api(_score(service), api_name="score")
    gr.api(_snapshots(service), api_name="snapshots")


def _generate(service: Service) -> Callable[..., Iterator[str]]:
    def generate(*values: Any) -> Iterator[str]:
        """Continue a text with one snapshot; streams the opening and the text so far."""
        with show_errors():
            for passage in service.write(Request(**dict(zip(arguments, values, strict=True)))):
                (written,) = passage["texts"].values()
                yield passage["prompt"] + written["text"]

    arguments = _question(service)
    return _declared(generate, arguments, returns=str)


def _compare(service: Service) -> Callable[..., list[dict[str, Any]]]:
    def compare(*values: Any) -> list[dict[str, Any]]:
        """Continue the same text with every snapshot of a model, with the same random numbers.

        Returns:
            of each snapshot from untrained to last, epoch, step, bits_per_char (held out)
            best (whether it is), seed_text (as it was read), text (new characters)
            real_words (their share in the text, 0 to 1; null where it is unknown)
        """
        with show_errors():
            request = Request(**dict(zip(arguments, values, strict=True)))
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

    arguments = _question(service)
    del arguments["epoch"]
    return _declared(compare, arguments, returns=list[dict[str, Any]])


def _score(service: Service) -> Callable[..., dict[str, Any]]:
    def score(
        text: str, model: str = service.catalog.names[0], epoch: str = "best"
    ) -> dict[str, Any]:
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
            return {name: value for name, value in seen.items() if name not in FOR_THE_PAGE}

    return score


def _snapshots(service: Service) -> Callable[..., list[dict[str, Any]]]:
    def snapshots(model: str = service.catalog.names[0]) -> list[dict[str, Any]]:
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
        for one in summaries(service.catalog.timeline(model))
    ]


def _question(service: Service) -> dict[str, tuple[type, Any, str]]:
    """Return the type, default and description of every argument that asks a question, by name."""
    default = Request(model=service.catalog.names[0])
    words = {
        "model": "a name that the page offers",
        "epoch": "of the snapshot, as the page shows it, or best or last",
        "seed_text": "what the text starts from; empty for an opening of the model's own",
    }
    arguments: dict[str, tuple[type, Any, str]] = {
        name: (str, getattr(default, name), said) for name, said in words.items()
    }
    for name, declared in settings_of(Request).items():
        remark = declared.remark and f"; {declared.remark}"
        said = f"{declared.help}, {declared.range}{remark}"
        arguments[name] = (declared.kind, getattr(default, name), said)
    return arguments


def _declared(
    function: Callable[..., Any], arguments: dict[str, tuple[type, Any, str]], *, returns: Any
) -> Callable[..., Any]:
    """Give a function that takes all by position names, types, defaults and their descriptions."""
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
