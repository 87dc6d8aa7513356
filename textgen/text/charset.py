"""Bytes to text, piece by piece, so that a text can be larger than memory."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator

from textgen.errors import CorpusError

_LONGEST_PIECE = 1 << 20  # characters; a longer line is cut into pieces
_DOCUMENTS = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a ZIP archive, such as .docx, .odt or .epub",
    b"\xd0\xcf\x11\xe0": "an old Microsoft Office file, such as .doc",
    b"{\\rtf": "an RTF document",
}
"""How the files start that people often take for text."""
_BYTE_ORDER_MARKS = {  # UTF-32 first: its mark starts with that of UTF-16
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_LONGEST_START = max(map(len, _DOCUMENTS))


def check_encoding(encoding: str) -> None:
    """Raise CorpusError unless this is the name of one of Python's text encodings."""
    try:
        " ".encode(encoding)  # also refuses codecs that are not for text, such as hex
    except (LookupError, ValueError):
        raise CorpusError(
            f"Unknown encoding {encoding!r}. Give the name of a Python text encoding, such as "
            "utf-8 or latin-1."
        ) from None


def refuse_document(start: bytes, where: str) -> None:
    """Raise CorpusError if a file starts as a PDF or a word processor's document does.

    Args:
        start: the first bytes of the file, or all of them.
        where: what to call the file in the message.
    """
    for signature, kind in _DOCUMENTS.items():
        if start.startswith(signature):
            raise CorpusError(
                f"{where} is {kind}, not plain text. Save or export it as plain text (UTF-8) first."
            )


def decoded(blocks: Iterable[bytes], where: str, encoding: str) -> Iterator[str]:
    """Decode a text.

    Args:
        blocks: the bytes, cut anywhere.
        where: what to call the text in messages.
        encoding: of the bytes; "utf-8" also drops a byte order mark.

    Returns:
        An iterator over pieces, with "\\n" as the only line break. Each piece ends with a line, or
        within a very long line with a word. So every piece can be lowercased by itself: the form of
        a letter never depends on the next line or word.

    Raises:
        CorpusError: the bytes are a PDF or another document, are not text in this encoding, or
            contain a NUL character; the message says where.
    """
    name = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(name)(), translate=True)
    fed = lines = characters = 0
    line = ""  # the line that has not ended yet
    for block, final in _with_last(_plain(blocks, where, encoding)):
        fed += len(block)
        try:
            text = decoder.decode(block, final)
        except UnicodeDecodeError as error:
            at = fed - len(error.object) + error.start  # the decoder may have kept earlier bytes
            lines += block[: max(0, at - (fed - len(block)))].count(b"\n")
            raise CorpusError(
                f"{where} is not {encoding} text: byte 0x{error.object[error.start]:02x} at offset "
                f"{at} (line {lines + 1}): {error.reason}. Convert the file to UTF-8, or name its "
                "encoding with --text-encoding, such as latin-1."
            ) from error
        except UnicodeError as error:
            raise CorpusError(f"{where} is not {encoding} text: {error}.") from error
        lines += block.count(b"\n")
        if (nul := text.find("\0")) >= 0:
            raise CorpusError(
                f"{where} looks binary: it has a NUL character at position {characters + nul}. "
                "Give plain text. If this is UTF-16 text, name its encoding with --text-encoding "
                "utf-16."
            )
        characters += len(text)
        whole, end, rest = text.rpartition("\n")
        if end:
            yield line + whole + end
            line = rest
        else:
            line += rest
        if len(line) > _LONGEST_PIECE:
            words, space, rest = line.rpartition(" ")
            yield words + space or rest
            line = rest if space else ""
    if line:
        yield line


def _plain(blocks: Iterable[bytes], where: str, encoding: str) -> Iterator[bytes]:
    """Yield the same bytes, unless they are a document or start as text in another encoding."""
    rest, start = iter(blocks), b""
    while len(start) < _LONGEST_START and (block := next(rest, b"")):
        start += block
    refuse_document(start, where)
    if codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii"):
        _refuse_utf_16(start, where)
    yield start
    yield from rest


def _refuse_utf_16(start: bytes, where: str) -> None:
    """Raise CorpusError if a file starts with the byte order mark of UTF-16 or UTF-32."""
    for mark, kind in _BYTE_ORDER_MARKS.items():
        if start.startswith(mark):
            raise CorpusError(
                f"{where} is {kind} text. Name its encoding, {kind.lower()} (--text-encoding "
                f"{kind.lower()}), or convert it to UTF-8."
            )


def _with_last(blocks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each block with False, then an empty block with True."""
    for block in blocks:
        yield block, False
    yield b"", True
