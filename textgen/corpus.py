"""A training text from a name, a file, a directory, a URL or standard input."""

from __future__ import annotations

import codecs
import hashlib
import http.client
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from textgen.errors import CorpusError
from textgen.files import atomic_path, sha256_of

DOWNLOAD_TIMEOUT_SECONDS = 30
_CHUNK_BYTES = 1 << 16
_DOWNLOAD_ERRORS = (
    urllib.error.URLError,
    http.client.HTTPException,
    TimeoutError,
    ConnectionError,
    ValueError,
)
_GUTENBERG_START = re.compile(r"^\*\*\* ?START OF TH[EI]S? PROJECT GUTENBERG.*$", re.M | re.I)
_GUTENBERG_END = re.compile(r"^\*\*\* ?END OF TH[EI]S? PROJECT GUTENBERG.*$", re.M | re.I)

Progress = Callable[[int, int | None], None]
"""Called while downloading with (bytes so far, bytes in all or None where it is not known)."""


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """A text to train on.

    Attributes:
        text: decoded; byte order mark dropped, line ends "\\n", Project Gutenberg's header and
            footer removed.
        name: short, fit for a directory's name.
        source: where it came from, fit to be published: a URL without credentials, or a file's
            bare name, never a local path.
        sha256: of the bytes it was decoded from, in hexadecimal.
    """

    text: str
    name: str
    source: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class BuiltinCorpus:
    """A public-domain text that can be asked for by name."""

    url: str
    title: str
    sha256: str | None  # None where the publisher edits the file from time to time


BUILTIN_CORPORA = {
    "nietzsche": BuiltinCorpus(
        url="https://s3.amazonaws.com/text-datasets/nietzsche.txt",
        title="Friedrich Nietzsche, Beyond Good and Evil, tr. Helen Zimmern",
        sha256="23cf69874ab69d3d256099ab530ea4be24d47d9675b673bcc67cbcd6298ec647",
    ),
    "alice": BuiltinCorpus(
        url="https://www.gutenberg.org/cache/epub/11/pg11.txt",
        title="Lewis Carroll, Alice's Adventures in Wonderland",
        sha256=None,
    ),
    "shakespeare": BuiltinCorpus(
        url="https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
        title="William Shakespeare, selected plays",
        sha256="86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    ),
}


def read_corpus(
    source: str | Path,
    *,
    encoding: str = "utf-8",
    cache_dir: Path | None = None,
    progress: Progress | None = None,
) -> Corpus:
    """Read a corpus.

    Args:
        source: a name in `BUILTIN_CORPORA` (downloaded once, checked and cached), a text file, a
            directory (its `.txt` files, also in subdirectories, in the order of their paths), an
            http(s) URL (cached too), or "-" for standard input.
        encoding: of the bytes; "utf-8" also drops a byte order mark.
        cache_dir: where downloads are kept; default `$TEXTGEN_CACHE`, else
            `$XDG_CACHE_HOME/textgen`, else `~/.cache/textgen`.
        progress: told how a download goes.

    Raises:
        CorpusError: the source is missing, cannot be fetched, has the wrong hash, is empty, is
            binary, or does not decode (with the offset).
        OutputError: the download cannot be written to the cache.
    """
    _check_encoding(encoding)
    text_source = str(source)
    if text_source == "-":
        parts, name, shown = [("standard input", sys.stdin.buffer.read())], "stdin", "stdin"
    elif text_source in BUILTIN_CORPORA:
        builtin = BUILTIN_CORPORA[text_source]
        path = _download(builtin.url, builtin.sha256, cache_dir, progress)
        parts, name, shown = [_read(path)], text_source, builtin.url
    elif text_source.lower().startswith(("http://", "https://")):
        url = urllib.parse.urlsplit(text_source)
        shown = url._replace(netloc=url.netloc.rpartition("@")[2], query="", fragment="").geturl()
        parts = [_read(_download(text_source, None, cache_dir, progress))]
        name = Path(urllib.parse.unquote(url.path)).stem
    else:
        path = Path(source)
        parts = [_read(file) for file in _text_files(path)]
        name, shown = path.resolve().stem, path.resolve().name
    text = "\n\n".join(_decode(data, where, encoding) for where, data in parts)
    if not text.strip():
        raise CorpusError(f"The corpus {text_source} is empty; at least a few pages are needed.")
    digest = hashlib.sha256(b"".join(data for _, data in parts)).hexdigest()
    return Corpus(text=text, name=_slug(name), source=shown, sha256=digest)


def strip_gutenberg(text: str) -> str:
    """Return a Project Gutenberg book without the licence around it; other texts unchanged.

    The markers are the lines `*** START OF THE PROJECT GUTENBERG EBOOK …` and `*** END OF …`.
    """
    start = _GUTENBERG_START.search(text)
    if start:
        text = text[start.end() :]
    end = _GUTENBERG_END.search(text)
    if end:
        text = text[: end.start()]
    return text.strip("\n") + "\n" if start or end else text


def default_cache_dir() -> Path:
    """Return where downloads are kept unless `cache_dir` says otherwise."""
    if chosen := os.environ.get("TEXTGEN_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "textgen"


def _check_encoding(encoding: str) -> None:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise CorpusError(
            f"Unknown encoding {encoding!r}; use a name Python knows, such as utf-8 or latin-1."
        ) from None


def _text_files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(file for file in path.rglob("*.txt") if file.is_file())
        if not files:
            raise CorpusError(f"The directory {path} holds no .txt file, at any depth.")
        return files
    if not path.exists():
        raise CorpusError(
            f"No corpus {str(path)!r}: it is neither a file or directory here nor a built-in "
            f"name ({', '.join(BUILTIN_CORPORA)}), a URL or '-' for standard input."
        )
    return [path]


def _read(path: Path) -> tuple[str, bytes]:
    try:
        return str(path), path.read_bytes()
    except OSError as error:
        raise CorpusError(f"Cannot read {path}: {error.strerror}.") from error


def _decode(data: bytes, where: str, encoding: str) -> str:
    if codecs.lookup(encoding).name == "utf-8":
        encoding, offset = "utf-8", 3 if data.startswith(codecs.BOM_UTF8) else 0
    else:
        offset = 0
    try:
        text = data[offset:].decode(encoding)
    except UnicodeDecodeError as error:
        at = error.start + offset
        line = data.count(b"\n", 0, at) + 1
        raise CorpusError(
            f"{where} is not {encoding} text: byte 0x{data[at]:02x} at offset {at} (line {line}): "
            f"{error.reason}. Convert the file to UTF-8 or name its encoding, for example "
            "--encoding latin-1."
        ) from error
    if (nul := text.find("\0")) >= 0:
        raise CorpusError(
            f"{where} looks binary: it holds a NUL character at position {nul}. A corpus is plain "
            "text; for UTF-16 text say --encoding utf-16."
        )
    return strip_gutenberg(text.replace("\r\n", "\n").replace("\r", "\n"))


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "corpus"


def _download(
    url: str, sha256: str | None, cache_dir: Path | None, progress: Progress | None
) -> Path:
    """Return the cached copy of `url`, fetched and checked first where there is none."""
    key = hashlib.sha256(url.encode()).hexdigest()[:16]
    stem = _slug(Path(urllib.parse.urlsplit(url).path).stem)
    path = (cache_dir or default_cache_dir()) / "corpora" / f"{stem}-{key}.txt"
    if path.is_file() and sha256 in (None, sha256_of(path)):
        return path
    digest = hashlib.sha256()
    with atomic_path(path) as temporary:
        try:
            request = urllib.request.Request(url, headers={"User-Agent": "textgen"})
            with (
                urllib.request.urlopen(request, timeout=DOWNLOAD_TIMEOUT_SECONDS) as response,
                temporary.open("wb") as file,
            ):
                expected = response.headers.get("Content-Length")
                received = _copy(response, file, digest.update, expected, progress)
        except _DOWNLOAD_ERRORS as error:
            reason = getattr(error, "reason", None) or error
            raise CorpusError(
                f"Cannot download {_without_secrets(url)}: {reason}. Check the network, or fetch "
                "the file in another way and pass its path."
            ) from error
        if expected is not None and received != int(expected):
            raise CorpusError(
                f"The download of {_without_secrets(url)} broke off after {received:,} of "
                f"{int(expected):,} bytes; run the command again."
            )
        if sha256 and digest.hexdigest() != sha256:
            raise CorpusError(
                f"{_without_secrets(url)} is not the expected text: SHA-256 {digest.hexdigest()}, "
                f"expected {sha256}. If you trust it, download it yourself and pass the file."
            )
    return path


def _copy(
    source: IO[bytes],
    target: IO[bytes],
    update: Callable[[bytes], None],
    expected: str | None,
    progress: Progress | None,
) -> int:
    received = 0
    while chunk := source.read(_CHUNK_BYTES):
        target.write(chunk)
        update(chunk)
        received += len(chunk)
        if progress:
            progress(received, int(expected) if expected else None)
    return received


def _without_secrets(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
