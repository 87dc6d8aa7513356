"""The request that the service's tests make, and the text it must return."""

import dataclasses
from typing import Any

from textgen import Timeline
from textgen.service.request import Request
from textgen.service.service import Service
from textgen.service.wire import Passage

REQUEST = Request(model="letters", seed_text="a bad ", length=60, temperature=0.9, seed=4)


SETTINGS: list[dict[str, Any]] = [
    {"length": 80},
    {"temperature": 1.5},
    {"top_k": 2},
    {"top_p": 0.5},
    {"min_p": 0.5},
    {"no_repeat_ngram_size": 2},
    {"seed": 9},
]


def asking(**changes: Any) -> Request:
    return dataclasses.replace(REQUEST, **changes)


def expected(timeline: Timeline, request: Request, step: int | None = None) -> str:
    """Return the package's continuation of a seed text, all of it in the vocabulary."""
    settings: Any = dataclasses.asdict(request)
    for name in ("model", "epoch", "seed_text"):
        settings.pop(name)
    step = timeline.manifest.find(epoch=request.epoch).step if step is None else step
    return timeline.generator(step=step).generate(request.seed_text, **settings)


def texts(passage: Passage) -> dict[int, str]:
    return {int(step): one["text"] for step, one in passage["texts"].items()}


def text_of(service: Service, request: Request) -> str:
    *_, passage = service.write(request)
    (text,) = texts(passage).values()
    return text
