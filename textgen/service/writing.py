"""Writes for many users: caches finished texts, and writes the others in turns."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from textgen.errors import HubError
from textgen.service.cache import LruCache
from textgen.service.models import ModelCatalog
from textgen.service.resolve import ResolvedRequest
from textgen.service.scheduler import PrioritySemaphore
from textgen.service.wire import Continuation

CACHED_TEXTS = 2048  # each of up to `MAX_LENGTH` characters
FLUSH_SECONDS = 0.05  # per piece of a stream: smooth to watch, few messages
FIRST_SECONDS = 0.001  # for the first piece
# Writing threads that compute at the same time; the server needs a core too.
COMPUTING_AT_ONCE = min(4, max(1, (os.cpu_count() or 1) - 1))

# The order of turns: texts without a first piece, then their rest, then texts nobody watches.
FIRST_PIECE, NEXT_PIECE, UNWATCHED = range(3)


class Writer:
    """Writes continuations.

    Args:
        catalog: the models.
    """

    def __init__(self, catalog: ModelCatalog) -> None:
        self._catalog = catalog
        self._texts: LruCache[Continuation] = LruCache(CACHED_TEXTS)
        self._semaphore = PrioritySemaphore(COMPUTING_AT_ONCE)

    def write(self, resolved: ResolvedRequest, *, watched: bool = True) -> Iterator[Continuation]:
        """Yield a growing continuation several times a second, and finally the whole.

        Args:
            resolved: the request.
            watched: whether a user is watching; if not, other texts go first.

        Raises:
            TextGenError: the snapshot's weights are missing; raised before the first piece.
        """
        written = self._texts.get(resolved.key)
        if written is None:
            text = ""
            for text in self._stream(resolved, watched=watched):
                if len(text) < resolved.request.length:
                    yield {"text": text, "known_words": None}
            try:
                written = {"text": text, "known_words": _known_words(resolved, text)}
                self._texts[resolved.key] = written
            except HubError:  # often temporary, and the text needs no index
                written = {"text": text, "known_words": None}
        yield written

    def text(self, resolved: ResolvedRequest) -> str:
        """Return a whole continuation."""
        *_, written = self.write(resolved)
        return written["text"]

    def _stream(self, resolved: ResolvedRequest, *, watched: bool) -> Iterator[str]:
        """Yield a growing text; each piece is written in its turn."""
        generator = self._catalog.generator(resolved.timeline, resolved.snapshot)
        stream = resolved.request.stream(generator, resolved.prompt)
        text = ""
        while len(text) < resolved.request.length:
            first = watched and not text
            priority = FIRST_PIECE if first else NEXT_PIECE if watched else UNWATCHED
            with self._semaphore.acquire(priority=priority):
                piece = _piece(stream, FIRST_SECONDS if first else FLUSH_SECONDS)
            if not piece:
                return
            text += piece
            yield text


def _known_words(resolved: ResolvedRequest, text: str) -> float | None:
    share = resolved.timeline.known_words(text, seed_text=resolved.prompt)
    return None if share is None else round(share, 3)


def _piece(stream: Iterator[str], seconds: float) -> str:
    """Return what a stream yields within a time, at least one character unless it has ended."""
    piece, until = [], time.monotonic() + seconds
    for character in stream:
        piece.append(character)
        if time.monotonic() >= until:
            break
    return "".join(piece)
