"""Gradio's queue, with limits for each kind of event and for answers that nobody fetches."""

from __future__ import annotations

import time
from typing import Any

import gradio as gr
from gradio.queueing import Queue
from gradio.server_messages import ProcessCompletedMessage

AT_ONCE = 16  # events of each kind that run, of kinds that do not say otherwise
WRITING_AT_ONCE = 64  # users' texts: they wait for their turns, and threads that wait cost little
COMPARING_AT_ONCE = 2  # so that whoever waits for a first text does not wait for others' all
THREADS = 256  # more than may be writing at once, so that there are some for everything else
MAX_WAITING = 256  # events of each kind
UNREAD_SECONDS = 60.0  # that an answer is kept for a client that does not fetch it
MAX_UNREAD = 128  # sessions with answers that were not fetched, and messages of one session


class FairQueue(Queue):  # type: ignore[misc]
    """Gradio's queue with two limits of its own.

    Each kind of event has its own waiting places, so that waiting comparisons keep nobody from
    writing. Events are of one kind if they share a `concurrency_id`.

    Answers that their client does not fetch are dropped when they are old or too many. Gradio would
    keep those of 2,000 sessions, however many each session has.

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
        self._answered: dict[str, float] = {}  # unread: when each came, oldest first

    async def push(self, body: Any, request: Any, username: str | None) -> tuple[bool, Any, Any]:
        """Let an event wait, or refuse it; the arguments and the answer are Gradio's."""
        if body.fn_index is not None:
            # Not by `get_fn`: that remembers a session, also of a request that is refused.
            event = self.blocks.fns.get(body.fn_index)
            kind = None if event is None else event.concurrency_id
            waiting = self.event_queue_per_concurrency_id.get(kind)
            if waiting is not None and len(waiting.queue) >= MAX_WAITING:
                said = f"{MAX_WAITING} requests of this kind are waiting; try again in a moment."
                return False, said, "queue_full"
        return await super().push(body, request, username)  # type: ignore[no-any-return]

    def send_message(self, event: Any, event_message: Any) -> None:
        """Put a message where its client fetches it; the arguments are Gradio's."""
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
        """Drop the oldest answers that were not fetched, if they are too old or too many."""
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
