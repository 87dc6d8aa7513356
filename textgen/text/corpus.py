"""A training text from a name, a file, a directory, a URL or standard input."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import itertools
import re
import sys
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from textgen.checks import did_you_mean
from textgen.errors import CorpusError
from textgen.text.charset import check_encoding, decoded, refuse_document
from textgen.text.download import Progress, download, public_address
from textgen.text.gutenberg import find_book

_BETWEEN_PARTS = "\n\n"
_BLOCK_BYTES = 1 << 20
_LONGEST_BOOK = 1 << 25  # characters; Project Gutenberg's markers are not sought in longer files


@dataclass(frozen=True)
class _Part:
    """One file of a corpus, or standard input: its bytes, and which part of them is the text."""

    where: str  # what messages call it
    data: Path | bytes
    encoding: str
    start: int = 0  # where the text starts, after a license
    stop: int = 0  # where the text ends
    end: str = ""  # appended to the text

    def blocks(self) -> Iterator[bytes]:
        """Yield the bytes, block by block."""
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
        """Yield the text, piece by piece."""
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
    """A text to train on, of any length. It stays in its files and is read piece by piece.

    Text from standard input or a pipe is kept in memory.

    Attributes:
        name: a short name that can be used for a directory.
        source: where the text came from, safe to publish: a URL without credentials, or the bare
            name of a file, never a local path.
        sha256: SHA-256 of the bytes that were decoded, in hexadecimal.
        characters: the number of characters.
    """

    name: str
    source: str
    sha256: str
    characters: int
    _parts: tuple[_Part, ...] = field(repr=False, compare=False)

    @classmethod
    def from_text(cls, text: str, *, name: str) -> Corpus:
        """Return a corpus made of a string, with `name` as its source.

        Raises:
            CorpusError: the string contains half of a surrogate pair or a NUL character.
        """
        try:
            return _corpus([(name, text.encode())], "utf-8", name=name, source=name)
        except UnicodeEncodeError as error:
            raise CorpusError(f"{name} is not valid text: {error}.") from error

    def pieces(self) -> Iterator[str]:
        """Yield the text, decoded, without a byte order mark, and with "\\n" as line break.

        Project Gutenberg's header and footer are removed from files of up to 33 million characters.

        Returns:
            An iterator over pieces of about a megabyte. Each ends with a line, unless the line
            itself is longer than that.

        Raises:
            CorpusError: a file can no longer be read, or its length has changed.
        """
        length = 0
        for number, part in enumerate(self._parts):
            for piece in itertools.chain([_BETWEEN_PARTS] if number else [], part.pieces()):
                length += len(piece)
                yield piece
        if length != self.characters:
            raise CorpusError(f"{self.source} changed while it was being read. Start again.")

    @property
    def text(self) -> str:
        """The whole text as one string."""
        return "".join(self.pieces())


@dataclass(frozen=True, kw_only=True)
class BuiltinCorpus:
    """A public-domain text that users can choose by name."""

    url: str
    sha256: str | None  # None if the publisher edits the file from time to time


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
_ACCEPTED = (
    f"Give a file, a directory, a URL, a built-in name ({', '.join(BUILTIN_CORPORA)}), or '-' for "
    "standard input"
)


def read_corpus(
    source: str | Path,
    *,
    encoding: str = "utf-8",
    cache_dir: Path | None = None,
    progress: Progress | None = None,
) -> Corpus:
    """Read a training text.

    Args:
        source: a name in `BUILTIN_CORPORA` (downloaded once, checked and cached), a text file, a
            directory (all its `.txt` files, also in subdirectories, ordered by path), an http(s)
            URL (also cached), or "-" for standard input.
        encoding: of the bytes; "utf-8" also drops a byte order mark.
        cache_dir: where downloads are kept. The default is `$TEXTGEN_CACHE`, else
            `$XDG_CACHE_HOME/textgen`, else `~/.cache/textgen`.
        progress: called during a download.

    Raises:
        CorpusError: the source is missing, cannot be downloaded, has the wrong hash, is empty, is
            binary, or does not decode (the message gives the offset).
        OutputError: the download cannot be written to the cache.

    Example:
        print(read_corpus("nietzsche").characters)
    """
    check_encoding(encoding)
    text_source = str(source)
    if not text_source.strip():
        raise CorpusError(f"The corpus is empty: {text_source!r}. {_ACCEPTED}.")
    given: list[tuple[str, Path | bytes]]
    if text_source == "-":
        given, name, shown = [("standard input", sys.stdin.buffer.read())], "stdin", "stdin"
    elif text_source in BUILTIN_CORPORA:
        builtin = BUILTIN_CORPORA[text_source]
        path = download(builtin.url, sha256=builtin.sha256, cache_dir=cache_dir, progress=progress)
        given, name, shown = [(builtin.url, path)], text_source, builtin.url
    elif text_source.lower().startswith(("http://", "https://")):
        shown = public_address(text_source)
        given = [(shown, download(text_source, cache_dir=cache_dir, progress=progress))]
        name = Path(urllib.parse.unquote(urllib.parse.urlsplit(shown).path)).stem
    else:
        path = Path(source)
        given = [(str(file), file) for file in _text_files(path, text_source)]
        name, shown = path.resolve().stem, path.resolve().name
    corpus = _corpus(given, encoding, name=name, source=shown)
    if not any(piece.strip() for piece in corpus.pieces()):
        raise CorpusError(f"The corpus {text_source} is empty. Give a text to train on.")
    return corpus


def _corpus(
    given: list[tuple[str, Path | bytes]], encoding: str, *, name: str, source: str
) -> Corpus:
    """Read each part once and return the corpus they make.

    Args:
        given: what messages call each part, and its file or bytes.
        encoding, name, source: as for `read_corpus` and `Corpus`.
    """
    digest = hashlib.sha256()
    parts = [_surveyed(_Part(where, data, encoding), digest) for where, data in given]
    characters = sum(part.stop - part.start + len(part.end) for part in parts)
    return Corpus(
        name=slug(name),
        # The name of a file may contain bytes that are not valid text.
        source=source.encode("utf-8", "replace").decode(),
        sha256=digest.hexdigest(),
        characters=characters + len(_BETWEEN_PARTS) * (len(parts) - 1),
        _parts=tuple(parts),
    )


def read_text(source: str, *, encoding: str, limit: int) -> str:
    """Read a text as it is, from a file or from standard input.

    Args:
        source: path of the file, or "-" for standard input.
        encoding: of the bytes; "utf-8" also drops a byte order mark.
        limit: the most bytes the text may have.

    Raises:
        CorpusError: the text cannot be read, is binary, does not decode, or is too long.
    """
    check_encoding(encoding)
    try:
        with sys.stdin.buffer if source == "-" else Path(source).open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        said = f"Cannot read {_shortened(source)}: {error.strerror}."
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
            accepted = "Give a text file, or - for standard input."
            said = f"There is no file {_shortened(source)!r}. {accepted}"
        raise CorpusError(said) from error
    where = "standard input" if source == "-" else source
    refuse_document(data, where)  # a part of a PDF would not be text either
    if len(data) > limit:
        raise CorpusError(f"{_shortened(where)} is longer than {limit:,} bytes; give a part of it.")
    return "".join(decoded([data], where, encoding))


def _surveyed(part: _Part, digest: hashlib._Hash) -> _Part:
    """Read a part once: check it, hash it, and find Project Gutenberg's book in it."""
    data = part.data
    if isinstance(data, Path) and not data.is_file():  # a pipe, which can be read only once
        part = dataclasses.replace(part, data=b"".join(part.blocks()))

    def hashed() -> Iterator[bytes]:
        for block in part.blocks():
            digest.update(block)
            yield block

    characters, kept = 0, [""]
    for piece in decoded(hashed(), part.where, part.encoding):
        characters += len(piece)
        if characters <= _LONGEST_BOOK:
            kept.append(piece)
    if characters > _LONGEST_BOOK:
        return dataclasses.replace(part, stop=characters)
    start, stop, end = find_book("".join(kept))
    return dataclasses.replace(part, start=start, stop=stop, end=end)


def _text_files(path: Path, source: str) -> list[Path]:
    try:
        is_dir, exists = path.is_dir(), path.exists()
    except OSError:  # not a possible name, for example a text instead of the name of its file
        is_dir = exists = False
    if is_dir:
        files = sorted(file for file in path.rglob("*.txt") if file.is_file())
        if not files:
            raise CorpusError(f"The directory {path} and its subdirectories have no .txt file.")
        return files
    if not exists and re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", source):
        url = re.sub(r"(?<=://)[^/]*@|[?#].*", "", source)  # what may be secret is not shown
        shown = repr(_shortened(url))
        raise CorpusError(f"{shown} is not an http or https URL. Only these are accepted.")
    if not exists:
        raise CorpusError(
            f"There is no file, directory or built-in text {_shortened(source)!r}. {_ACCEPTED}"
            f"{did_you_mean(source, BUILTIN_CORPORA) or '.'}"
        )
    return [path]


def _shortened(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:100]}…"


def slug(name: str) -> str:
    """Return a name as lowercase letters, digits and hyphens, to use for a directory."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "corpus"
