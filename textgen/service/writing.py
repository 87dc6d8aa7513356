"""Writing for many users: what is asked for often is kept, and the rest written in turns."""

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

CACHED_TEXTS = 2048  # of up to `MAX_LENGTH` characters
FLUSH_SECONDS = 0.05  # between two pieces of a stream: smooth to watch, few messages
FIRST_SECONDS = 0.001  # until the first piece
# Of the threads that write. The server's own needs a core too, and only products run beside it.
COMPUTING_AT_ONCE = min(4, max(1, (os.cpu_count() or 1) - 1))

# Whose turn it is: first texts of which nothing is there yet, at last those nobody looks at.
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
        """Give a continuation as it grows, several times a second, at last the whole.

        Args:
            resolved: what is asked for.
            watched: whether somebody looks at it; else others' texts go first.

        Raises:
            TextGenError: the snapshot's weights cannot be had; before anything is given.
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
            except HubError:  # it passes, and the text needs no index
                written = {"text": text, "known_words": None}
        yield written

    def text(self, resolved: ResolvedRequest) -> str:
        """Return a whole continuation."""
        *_, written = self.write(resolved)
        return written["text"]

    def _stream(self, resolved: ResolvedRequest, *, watched: bool) -> Iterator[str]:
        """Give a text as it grows, each piece written when it is its turn."""
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
    share = resolved.timeline.real_words(text, seed_text=resolved.prompt)
    return None if share is None else round(share, 3)


def _piece(stream: Iterator[str], seconds: float) -> str:
    """Return what a stream gives in so many seconds, at least a character unless it has ended."""
    piece, until = [], time.monotonic() + seconds
    for character in stream:
        piece.append(character)
        if time.monotonic() >= until:
            break
    return "".join(piece)
