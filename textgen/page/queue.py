"""Gradio's queue, with limits for each kind of event and for answers that no client fetches."""

from __future__ import annotations

import time
from typing import Any

import gradio as gr
from gradio.queueing import Queue
from gradio.server_messages import ProcessCompletedMessage

AT_ONCE = 16  # running events of each kind, by default
WRITING_AT_ONCE = 64  # they take turns, and waiting threads cost little
COMPARING_AT_ONCE = 2  # so that first texts need not wait for many comparisons
THREADS = 256  # more than can be writing, so that other events find a free one
MAX_WAITING = 256  # waiting events of each kind
UNREAD_SECONDS = 60.0  # how long an answer waits for its client
MAX_UNREAD = 128  # sessions with unfetched answers, and unfetched messages of one session


class FairQueue(Queue):  # type: ignore[misc]
    """Gradio's queue with two more limits.

    Each kind of event waits in its own line, so that waiting comparisons never block writing.
    Events are of one kind if they share a `concurrency_id`.

    Answers that their clients do not fetch are dropped when they are too old or too many. Gradio
    would keep any number of them, for 2,000 sessions.

    Args:
        blocks: the app.
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
        # session → when its unread answer arrived, oldest first
        self._answered: dict[str, float] = {}

    async def push(self, body: Any, request: Any, username: str | None) -> tuple[bool, Any, Any]:
        """Queue an event or refuse it; Gradio defines the arguments and the result."""
        if body.fn_index is not None:
            # Not `get_fn`, which stores the session even if the request is refused.
            event = self.blocks.fns.get(body.fn_index)
            kind = None if event is None else event.concurrency_id
            waiting = self.event_queue_per_concurrency_id.get(kind)
            if waiting is not None and len(waiting.queue) >= MAX_WAITING:
                said = f"Busy: {MAX_WAITING} requests are already waiting. Try again in a moment."
                return False, said, "queue_full"
        return await super().push(body, request, username)  # type: ignore[no-any-return]

    def send_message(self, event: Any, event_message: Any) -> None:
        """Store a message for its client; Gradio defines the arguments."""
        session = event.session_hash
        messages = self.pending_messages_per_session.get(session)
        if messages is None:  # the session was dropped
            event.alive = False
            return
        super().send_message(event, event_message)
        if messages.qsize() > MAX_UNREAD:
            self._drop(session)
        elif isinstance(event_message, ProcessCompletedMessage):
            self._answered.pop(session, None)
            self._answered[session] = time.monotonic()
            self._drop_unread()

    def _drop_unread(self) -> None:
        """Drop the oldest unfetched answers if they are too old or too many."""
        queues = self.pending_messages_per_session
        unread = [
            (session, at)
            for session, at in self._answered.items()
            if session in queues and not queues[session].empty()
        ]
        oldest = time.monotonic() - UNREAD_SECONDS
        kept = [(session, at) for session, at in unread[-MAX_UNREAD:] if at > oldest]
        self._answered = dict(kept)
        for session, _ in unread[: len(unread) - len(kept)]:
            self._drop(session)

    def _drop(self, session: str) -> None:
        self._answered.pop(session, None)
        self.pending_messages_per_session.pop(session, None)
        self.pending_event_ids_session.pop(session, None)
