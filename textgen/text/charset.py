"""Bytes → text, piece by piece, so that a text may be larger than memory."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator

from textgen.errors import CorpusError

_LONGEST_PIECE = 1 << 20  # characters of a line that goes on for longer


def check_encoding(encoding: str) -> None:
    """Raise CorpusError unless Python knows an encoding of text by this name."""
    try:
        " ".encode(encoding)  # refuses codecs that are not for text too, such as hex
    except (LookupError, ValueError):
        raise CorpusError(
            f"Unknown encoding {encoding!r}; use a name Python knows, such as utf-8 or latin-1."
        ) from None


def decoded(blocks: Iterable[bytes], where: str, encoding: str) -> Iterator[str]:
    """Decode a text.

    Args:
        blocks: its bytes, cut anywhere.
        where: what to call it in messages.
        encoding: of the bytes; "utf-8" also drops a byte order mark.

    Returns:
        Pieces with line ends as "\\n". Each ends with a line, or in a very long one with a word,
        and so can be prepared by itself: no change of letters looks further.

    Raises:
        CorpusError: the bytes are not text in this encoding, or hold a NUL; with the place.
    """
    name = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(name)(), translate=True)
    fed = lines = characters = 0
    line = ""  # begun, not ended
    for block, final in _with_last(blocks):
        fed += len(block)
        try:
            text = decoder.decode(block, final)
        except UnicodeDecodeError as error:
            at = fed - len(error.object) + error.start  # the decoder held some bytes back
            lines += block[: max(0, at - (fed - len(block)))].count(b"\n")
            raise CorpusError(
                f"{where} is not {encoding} text: byte 0x{error.object[error.start]:02x} at offset "
                f"{at} (line {lines + 1}): {error.reason}. Convert the file to UTF-8 or name its "
                "encoding, such as latin-1."
            ) from error
        except UnicodeError as error:
            raise CorpusError(f"{where} is not {encoding} text: {error}.") from error
        lines += block.count(b"\n")
        if (nul := text.find("\0")) >= 0:
            raise CorpusError(
                f"{where} looks binary: it holds a NUL character at position {characters + nul}. A "
                "corpus is plain text; UTF-16 is, where its encoding is named."
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


def _with_last(blocks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Give each block, and an empty one at the end; and whether it is that."""
    for block in blocks:
        yield block, False
    yield b"", True
