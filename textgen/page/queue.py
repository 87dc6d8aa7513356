"""Gradio's queue with waiting places for each kind of event, so that one kind never fills it."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio import route_utils
from gradio.queueing import Queue

AT_ONCE = 16  # events of each kind that run, of kinds that do not say otherwise
WRITING_AT_ONCE = 64  # users' texts: they wait for their turns, and threads that wait cost little
COMPARING_AT_ONCE = 2  # so that whoever waits for a first text does not wait for others' all
THREADS = 256  # more than may be writing at once, so that there are some for everything else
MAX_WAITING = 256  # events of each kind


class FairQueue(Queue):  # type: ignore[misc]
    """As Gradio's, but full for each kind of event alone: comparisons keep nobody from writing.

    A kind is what shares a `concurrency_id`.

    Args:
        blocks: whose events wait.
    """

    def __init__(self, blocks: gr.Blocks) -> None:
        super().__init__(
            live_updates=True,
            concurrency_count=blocks.max_threads,
            update_intervals=1,
            max_size=None,
            blocks=blocks,
            default_concurrency_limit=AT_ONCE,
        )

    async def push(self, body: Any, request: Any, username: str | None) -> tuple[bool, Any, Any]:
        """Let an event wait, or refuse it; the arguments and the answer are Gradio's."""
        if body.fn_index is not None:
            kind = route_utils.get_fn(self.blocks, None, body).concurrency_id
            waiting = self.event_queue_per_concurrency_id.get(kind)
            if waiting is not None and len(waiting.queue) >= MAX_WAITING:
                said = f"{MAX_WAITING} requests of this kind are waiting; try again in a moment."
                return False, said, "queue_full"
        return await super().push(body, request, username)  # type: ignore[no-any-return]
