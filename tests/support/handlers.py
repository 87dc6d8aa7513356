"""Calls the app's event handlers as a browser does."""

from dataclasses import asdict, dataclass
from typing import Any

import gradio as gr

from textgen import Timeline
from textgen.page.components import Components, build_components
from textgen.page.handlers import EventHandlers
from textgen.service.request import Request
from textgen.service.service import Service

ADDRESS = "http://127.0.0.1:7860/"
SKIPPED = gr.skip()


@dataclass(frozen=True)
class Harness:
    """Event handlers and components, and the values that a browser sends and gets."""

    handlers: EventHandlers
    components: Components

    def values(self, epoch: str = "best", curve: Any = None, **changes: Any) -> dict[Any, Any]:
        """Return the values of the components that a browser sends."""
        request = asdict(Request(model="letters", seed_text="a bad ", length=60)) | changes
        chosen = {"epoch": epoch, "request_id": 12, "address": ADDRESS}
        return {
            self.components.model: request["model"],
            self.components.curve: chosen if curve is None else curve,
            self.components.seed_text: request["seed_text"],
            **{each: request[name] for name, each in self.components.settings.items()},
        }

    def shown(self, filled: dict[Any, Any]) -> dict[str, Any]:
        """Return the updated values by the names of their components."""
        names = ("model", "about", "curve", "prompts", "newest", "seed_text", "output")
        named = {getattr(self.components, name): name for name in names}
        named |= {each: name for name, each in self.components.settings.items()}
        return {named[each]: value for each, value in filled.items()}


def harness_of(*timelines: Timeline) -> Harness:
    service = Service(timelines)
    with gr.Blocks():
        components = build_components(service)
    return Harness(EventHandlers(service, components), components)


def text(passage: dict[str, Any], step: int = 100) -> str:
    written: str = passage["texts"][str(step)]["text"]
    return written


def expected(timeline: Timeline, step: int = 100, *, length: int = 60, seed: int = 1) -> str:
    return timeline.generator(step=step).generate("a bad ", length=length, seed=seed)
