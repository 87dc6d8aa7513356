"""A training text from a name, a file, a directory, a URL or standard input."""

from __future__ import annotations

import codecs
import hashlib
import re
import sys
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from textgen.download import Progress, download, public_address
from textgen.errors import CorpusError

# A marker's title may be long enough to run over into a second line.
_GUTENBERG_START = re.compile(
    r"^\*\*\* ?START OF TH(?:E|IS) PROJECT GUTENBERG[^*]{0,200}\*\*\*.*$", re.M | re.I
)
_GUTENBERG_END = re.compile(r"^\*\*\* ?END OF TH(?:E|IS) PROJECT GUTENBERG.*$", re.M | re.I)


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
    sha256: str | None  # None where the publisher edits the file from time to time


BUILTIN_CORPORA = {
    "nietzsche": BuiltinCorpus(
        url="https://s3.amazonaws.com/text-datasets/nietzsche.txt",
        sha256="23cf69874ab69d3d256099ab530ea4be24d47d9675b673bcc67cbcd6298ec647",
    ),
    "alice": BuiltinCorpus(
        url="https://www.gutenberg.org/cache/epub/11/pg11.txt",
        sha256=None,
    ),
    "shakespeare": BuiltinCorpus(
        url="https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
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
    if not text_source.strip():
        raise CorpusError("No corpus was named; give a file, a directory, a URL, a name or '-'.")
    if text_source == "-":
        parts, name, shown = [("standard input", sys.stdin.buffer.read())], "stdin", "stdin"
    elif text_source in BUILTIN_CORPORA:
        builtin = BUILTIN_CORPORA[text_source]
        path = download(builtin.url, sha256=builtin.sha256, cache_dir=cache_dir, progress=progress)
        parts, name, shown = [_read(path)], text_source, builtin.url
    elif text_source.lower().startswith(("http://", "https://")):
        shown = public_address(text_source)
        parts = [_read(download(text_source, cache_dir=cache_dir, progress=progress))]
        name = Path(urllib.parse.unquote(urllib.parse.urlsplit(shown).path)).stem
    else:
        path = Path(source)
        parts = [_read(file) for file in _text_files(path)]
        name, shown = path.resolve().stem, path.resolve().name
    text = "\n\n".join(_decode(data, where, encoding) for where, data in parts)
    if not text.strip():
        raise CorpusError(f"The corpus {text_source} is empty: there is nothing to read.")
    digest = hashlib.sha256(b"".join(data for _, data in parts)).hexdigest()
    # A file's name may hold bytes that are no text.
    shown = shown.encode("utf-8", "replace").decode()
    return Corpus(text=text, name=slug(name), source=shown, sha256=digest)


def read_text(source: str, *, encoding: str, limit: int) -> str:
    """Read a text as it is, from a file or, for "-", from standard input.

    Args:
        source: the file's path.
        encoding: of its bytes; "utf-8" also drops a byte order mark.
        limit: bytes that are read at most.

    Raises:
        CorpusError: it cannot be read, does not decode or is longer.
    """
    _check_encoding(encoding)
    try:
        with sys.stdin.buffer if source == "-" else Path(source).open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise CorpusError(f"Cannot read {_shortened(source)}: {error.strerror}.") from error
    if len(data) > limit:
        raise CorpusError(
            f"{_shortened(source)} is longer than {limit:,} bytes; give a part of it."
        )
    return _decode_text(data, source, encoding)


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


def _check_encoding(encoding: str) -> None:
    try:
        " ".encode(encoding)  # refuses codecs that are not for text too, such as hex
    except (LookupError, ValueError):
        raise CorpusError(
            f"Unknown encoding {encoding!r}; use a name Python knows, such as utf-8 or latin-1."
        ) from None


def _text_files(path: Path) -> list[Path]:
    try:
        is_dir, exists = path.is_dir(), path.exists()
    except OSError:  # not even a possible name, such as a text in place of its file's
        is_dir = exists = False
    if is_dir:
        files = sorted(file for file in path.rglob("*.txt") if file.is_file())
        if not files:
            raise CorpusError(f"The directory {path} holds no .txt file, at any depth.")
        return files
    if not exists:
        raise CorpusError(
            f"No corpus {_shortened(str(path))!r}: it is neither a file or directory here nor a "
            f"built-in name ({', '.join(BUILTIN_CORPORA)}), a URL or '-' for standard input."
        )
    return [path]


def _shortened(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:100]}…"


def _read(path: Path) -> tuple[str, bytes]:
    try:
        return str(path), path.read_bytes()
    except OSError as error:
        raise CorpusError(f"Cannot read {path}: {error.strerror}.") from error


def _decode(data: bytes, where: str, encoding: str) -> str:
    return strip_gutenberg(_decode_text(data, where, encoding))


def _decode_text(data: bytes, where: str, encoding: str) -> str:
    if codecs.lookup(encoding).name == "utf-8":
        encoding = "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        # The decoder may count from behind the byte order mark.
        at = error.start + len(data) - len(error.object)
        line = data.count(b"\n", 0, at) + 1
        raise CorpusError(
            f"{where} is not {encoding.removesuffix('-sig')} text: byte 0x{data[at]:02x} at offset "
            f"{at} (line {line}): {error.reason}. Convert the file to UTF-8 or name its encoding, "
            "such as latin-1."
        ) from error
    except UnicodeError as error:
        raise CorpusError(f"{where} is not {encoding} text: {error}.") from error
    if (nul := text.find("\0")) >= 0:
        raise CorpusError(
            f"{where} looks binary: it holds a NUL character at position {nul}. A corpus is plain "
            "text; UTF-16 is, where its encoding is named."
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def slug(name: str) -> str:
    """Return a name fit for a directory: small letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "corpus"
