"""Gradio's queue with waiting places for each kind of event, so that one kind never fills it."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio import route_utils
from gradio.queueing import Queue


class FairQueue(Queue):  # type: ignore[misc]
    """As Gradio's, but full for each kind of event alone: comparisons keep nobody from writing.

    A kind is what shares a `concurrency_id`.

    Args:
        blocks: whose events wait.
        places: events of one kind that may wait.
        at_once: events of one kind that run, of kinds that do not say otherwise.
    """

    def __init__(self, blocks: gr.Blocks, *, places: int, at_once: int) -> None:
        super().__init__(
            live_updates=True,
            concurrency_count=blocks.max_threads,
            update_intervals=1,
            max_size=None,
            blocks=blocks,
            default_concurrency_limit=at_once,
        )
        self._places = places

    async def push(self, body: Any, request: Any, username: str | None) -> tuple[bool, Any, Any]:
        """Let an event wait, or refuse it; the arguments and the answer are Gradio's."""
        if body.fn_index is not None:
            kind = route_utils.get_fn(self.blocks, None, body).concurrency_id
            waiting = self.event_queue_per_concurrency_id.get(kind)
            if waiting is not None and len(waiting.queue) >= self._places:
                said = f"{self._places} requests of this kind are waiting; try again in a moment."
                return False, said, "queue_full"
        return await super().push(body, request, username)  # type: ignore[no-any-return]
