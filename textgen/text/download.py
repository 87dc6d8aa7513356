"""Downloads a file into a cache once, and checks that it is complete and the expected one."""

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
# urlopen and read raise all of these. URLError and ConnectionRefusedError are OSErrors.
_NETWORK_ERRORS = (OSError, http.client.HTTPException, ValueError)

Progress = Callable[[int, int | None], None]
"""Called during a download with (bytes so far, bytes in total or None if that is unknown)."""


def default_cache_dir() -> Path:
    """Return where downloads are kept: `$TEXTGEN_CACHE`, else `textgen` in the user's cache.

    The user's cache is `$XDG_CACHE_HOME`, else `~/.cache`.
    """
    if chosen := os.environ.get("TEXTGEN_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "textgen"


def public_address(url: str) -> str:
    """Return an http(s) URL without query and fragment, safe for messages and manifests.

    Raises:
        CorpusError: the URL is malformed, or contains a user name or password, which others might
            get to see.
    """
    try:
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise CorpusError("The URL is malformed. Give one like https://host/book.txt.") from error
    if parts.username is not None or parts.password is not None:
        raise CorpusError(
            f"The URL on {host} contains a user name or password, which is not supported. Download "
            "the file in another way and give its path."
        )
    if not host:
        raise CorpusError(f"The URL {url!r} has no host. Give one like https://host/book.txt.")
    return parts._replace(query="", fragment="").geturl()


def download(
    url: str,
    *,
    sha256: str | None = None,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
) -> Path:
    """Return the cached copy of a file on the web, after downloading it if there is none.

    Args:
        url: http or https.
        sha256: the SHA-256 that the file must have, in hexadecimal; None accepts any file.
        cache_dir: the default is `default_cache_dir()`.
        progress: called during the download.

    Raises:
        CorpusError: the download fails or is incomplete, or this is not the expected file.
        OutputError: the file cannot be written to the cache.
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
                f"{address} is not the expected text: its SHA-256 is {found}, expected {sha256}. "
                "If you trust the file, download it yourself and give its path."
            )
    return path


def _fetch(url: str, address: str, path: Path, progress: Progress | None) -> None:
    """Download a URL to a file, piece by piece, and check that it is complete."""
    received, expected = 0, None
    with path.open("wb") as file:
        for piece, expected in _pieces(url, address):
            file.write(piece)
            received += len(piece)
            if progress:
                progress(received, expected)
    if expected is not None and received != expected:
        raise CorpusError(
            f"The download of {address} broke off after {received:,} of {expected:,} bytes. Run "
            "the command again."
        )


def _pieces(url: str, address: str) -> Iterator[tuple[bytes, int | None]]:
    """Yield the content of a URL in pieces, each with the announced total length.

    Nothing here touches the disk, so every error is one of the network.
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
            f"Cannot download {address}: {reason}. Check the network, or download the file in "
            "another way and give its path."
        ) from error
