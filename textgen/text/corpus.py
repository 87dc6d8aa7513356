"""A training text from a name, a file, a directory, a URL or standard input."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import re
import sys
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from textgen.errors import CorpusError
from textgen.text.charset import check_encoding, decoded
from textgen.text.download import Progress, download, public_address
from textgen.text.gutenberg import find_book

_BETWEEN_PARTS = "\n\n"
_BLOCK_BYTES = 1 << 20
_LONGEST_BOOK = 1 << 25  # characters of a file in which Project Gutenberg's markers are looked for


@dataclass(frozen=True)
class _Part:
    """One file of a corpus, or standard input: where its bytes are, and which of it is the text."""

    where: str
    data: Path | bytes
    encoding: str
    start: int = 0  # characters before the text, a licence
    stop: int = 0  # where the text ends
    end: str = ""  # what follows it

    def blocks(self) -> Iterator[bytes]:
        """Give the bytes."""
        if isinstance(self.data, bytes):
            for first in range(0, len(self.data), _BLOCK_BYTES):
                yield self.data[first : first + _BLOCK_BYTES]
            return
        try:
            with self.data.open("rb") as file:
                while block := file.read(_BLOCK_BYTES):
                    yield block
        except OSError as error:
            raise CorpusError(f"Cannot read {self.data}: {error.strerror}.") from error

    def pieces(self) -> Iterator[str]:
        """Give the text."""
        position = 0
        for piece in decoded(self.blocks(), self.where, self.encoding):
            text = piece[max(0, self.start - position) : max(0, self.stop - position)]
            position += len(piece)
            if text:
                yield text
        if self.end:
            yield self.end


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """A text to train on, of any length: it stays in its files and is read piece by piece.

    What comes from standard input or a pipe is held in memory.

    Attributes:
        name: short, fit for a directory's name.
        source: where it came from, fit to be published: a URL without credentials, or a file's
            bare name, never a local path.
        sha256: of the bytes it was decoded from, in hexadecimal.
        characters: how many it has.
    """

    name: str
    source: str
    sha256: str
    characters: int
    _parts: tuple[_Part, ...] = field(repr=False, compare=False)

    @classmethod
    def from_text(cls, text: str, *, name: str) -> Corpus:
        """Return a corpus of a string, with `name` as its source.

        Raises:
            CorpusError: it holds half of a surrogate pair or a NUL.
        """
        try:
            return _corpus([text.encode()], "utf-8", name=name, source=name)
        except UnicodeEncodeError as error:
            raise CorpusError(f"{name} is no text: {error}.") from error

    def pieces(self) -> Iterator[str]:
        """Give the text, decoded; byte order mark dropped, line ends "\\n", and Project Gutenberg's
        header and footer removed, from files of up to 33 million characters.

        Returns:
            An iterator over pieces of a megabyte or so, each ending with a line, but where lines
            are longer than that.

        Raises:
            CorpusError: a file cannot be read any more, or has another length by now.
        """
        given = 0
        for number, part in enumerate(self._parts):
            for piece in itertools.chain([_BETWEEN_PARTS] if number else [], part.pieces()):
                given += len(piece)
                yield piece
        if given != self.characters:
            raise CorpusError(f"{self.source} changed while it was read; start again.")

    @property
    def text(self) -> str:
        """All pieces as one string."""
        return "".join(self.pieces())


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
        progress: called as a download goes on.

    Raises:
        CorpusError: the source is missing, cannot be fetched, has the wrong hash, is empty, is
            binary, or does not decode (with the offset).
        OutputError: the download cannot be written to the cache.
    """
    check_encoding(encoding)
    text_source = str(source)
    if not text_source.strip():
        raise CorpusError("No corpus was named; give a file, a directory, a URL, a name or '-'.")
    given: list[Path | bytes]
    if text_source == "-":
        given, name, shown = [sys.stdin.buffer.read()], "stdin", "stdin"
    elif text_source in BUILTIN_CORPORA:
        builtin = BUILTIN_CORPORA[text_source]
        path = download(builtin.url, sha256=builtin.sha256, cache_dir=cache_dir, progress=progress)
        given, name, shown = [path], text_source, builtin.url
    elif text_source.lower().startswith(("http://", "https://")):
        shown = public_address(text_source)
        given = [download(text_source, cache_dir=cache_dir, progress=progress)]
        name = Path(urllib.parse.unquote(urllib.parse.urlsplit(shown).path)).stem
    else:
        path = Path(source)
        given = [*_text_files(path)]
        name, shown = path.resolve().stem, path.resolve().name
    corpus = _corpus(given, encoding, name=name, source=shown)
    if not any(piece.strip() for piece in corpus.pieces()):
        raise CorpusError(f"The corpus {text_source} is empty: there is nothing to read.")
    return corpus


def _corpus(given: list[Path | bytes], encoding: str, *, name: str, source: str) -> Corpus:
    """Return the corpus of some parts, each read once."""
    digest = hashlib.sha256()
    parts = [_surveyed(data, encoding, digest) for data in given]
    characters = sum(part.stop - part.start + len(part.end) for part in parts)
    return Corpus(
        name=slug(name),
        # A file's name may hold bytes that are no text.
        source=source.encode("utf-8", "replace").decode(),
        sha256=digest.hexdigest(),
        characters=characters + len(_BETWEEN_PARTS) * (len(parts) - 1),
        _parts=tuple(parts),
    )


def read_text(source: str, *, encoding: str, limit: int) -> str:
    """Read a text as it is, from a file or, for "-", from standard input.

    Args:
        source: the file's path.
        encoding: of its bytes; "utf-8" also drops a byte order mark.
        limit: bytes that are read at most.

    Raises:
        CorpusError: it cannot be read, does not decode or is longer.
    """
    check_encoding(encoding)
    try:
        with sys.stdin.buffer if source == "-" else Path(source).open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise CorpusError(f"Cannot read {_shortened(source)}: {error.strerror}.") from error
    if len(data) > limit:
        raise CorpusError(
            f"{_shortened(source)} is longer than {limit:,} bytes; give a part of it."
        )
    return "".join(decoded([data], source, encoding))


def _surveyed(data: Path | bytes, encoding: str, digest: hashlib._Hash) -> _Part:
    """Read a part once, to check and hash it and to find a book in it."""
    part = _Part("standard input" if isinstance(data, bytes) else str(data), data, encoding)
    if isinstance(data, Path) and not data.is_file():  # a pipe, which can be read only once
        part = dataclasses.replace(part, data=b"".join(part.blocks()))

    def hashed() -> Iterator[bytes]:
        for block in part.blocks():
            digest.update(block)
            yield block

    characters, kept = 0, [""]
    for piece in decoded(hashed(), part.where, encoding):
        characters += len(piece)
        if characters <= _LONGEST_BOOK:
            kept.append(piece)
    if characters > _LONGEST_BOOK:
        return dataclasses.replace(part, stop=characters)
    start, stop, end = find_book("".join(kept))
    return dataclasses.replace(part, start=start, stop=stop, end=end)


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


def slug(name: str) -> str:
    """Return a name fit for a directory: small letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "corpus"
