"""A file from the web into a cache: once, whole, and the one that was meant."""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from textgen.errors import CorpusError
from textgen.files import atomic_path, sha256_of

TIMEOUT_SECONDS = 30
_CHUNK_BYTES = 1 << 16
# urlopen and read raise all of these; a URLError and a refused connection are OSErrors.
_NETWORK_ERRORS = (OSError, http.client.HTTPException, ValueError)

Progress = Callable[[int, int | None], None]
"""Called while downloading with (bytes so far, bytes in all or None where it is not known)."""


def default_cache_dir() -> Path:
    """Return where downloads are kept: `$TEXTGEN_CACHE`, else `textgen` in the user's cache."""
    if chosen := os.environ.get("TEXTGEN_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "textgen"


def public_address(url: str) -> str:
    """Return an http(s) URL without query and fragment, fit for messages and manifests.

    Raises:
        CorpusError: it is malformed, or holds a user name or password, which would end up in
            places where others read them.
    """
    try:
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise CorpusError("The URL is malformed; give one like https://host/book.txt.") from error
    if parts.username is not None or parts.password is not None:
        raise CorpusError(
            f"The URL on {host} holds a user name or password, which is not supported. Download "
            "the file in another way and pass its path."
        )
    if not host:
        raise CorpusError(f"The URL {url!r} names no host; give one like https://host/book.txt.")
    return parts._replace(query="", fragment="").geturl()


def download(
    url: str,
    *,
    sha256: str | None = None,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
) -> Path:
    """Return the cached copy of a URL, fetched and checked first where there is none.

    Args:
        url: http or https.
        sha256: what the file's must be, in hexadecimal; None to take any.
        cache_dir: default `default_cache_dir()`.
        progress: called as it goes on.

    Raises:
        CorpusError: it cannot be fetched, broke off, or is not the expected file.
        OutputError: it cannot be written to the cache.
    """
    address = public_address(url)
    key = hashlib.sha256(url.encode()).hexdigest()[:32]
    path = (cache_dir or default_cache_dir()) / "corpora" / f"{key}.txt"
    if path.is_file() and sha256 in (None, sha256_of(path)):
        return path
    with atomic_path(path) as temporary:
        _fetch(url, address, temporary, progress)
        if sha256 is not None and (found := sha256_of(temporary)) != sha256:
            raise CorpusError(
                f"{address} is not the expected text: SHA-256 {found}, expected {sha256}. If you "
                "trust it, download it yourself and pass the file."
            )
    return path


def _fetch(url: str, address: str, path: Path, progress: Progress | None) -> None:
    """Write what a URL answers to a file, in pieces, and check that all of it came."""
    received, expected = 0, None
    with path.open("wb") as file:
        for piece, expected in _pieces(url, address):
            file.write(piece)
            received += len(piece)
            if progress:
                progress(received, expected)
    if expected is not None and received != expected:
        raise CorpusError(
            f"The download of {address} broke off after {received:,} of {expected:,} bytes; run "
            "the command again."
        )


def _pieces(url: str, address: str) -> Iterator[tuple[bytes, int | None]]:
    """Give what a URL answers in pieces, each with the announced length of the whole.

    Only the network's errors arise in here, so they cannot be taken for the disk's.
    """
    request = urllib.request.Request(url, headers={"User-Agent": "textgen"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
            length = response.headers.get("Content-Length")
            expected = int(length) if length is not None else None
            while piece := response.read(_CHUNK_BYTES):
                yield piece, expected
    except _NETWORK_ERRORS as error:
        reason = " ".join(str(getattr(error, "reason", None) or error).split())
        raise CorpusError(
            f"Cannot download {address}: {reason}. Check the network, or fetch the file in "
            "another way and pass its path."
        ) from error
