"""Tests of decoding bytes to text, piece by piece."""

import codecs
from collections.abc import Iterator

import numpy as np
import pytest

from textgen.errors import CorpusError
from textgen.text.charset import decoded

TEXT = "Ὀδυσσεύς ΟΔΥΣΣΕΥΣ.\r\nΣΑΣ\rdéjà 🙂👍🏽 vu\n\n道可道\r\n\r\n" * 3 + "no line's end"
PLAIN = TEXT.replace("\r\n", "\n").replace("\r", "\n")


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[first : first + size] for first in range(0, len(data), size))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 64, 10_000])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32-be"])
def test_the_text_does_not_depend_on_where_the_bytes_are_cut(encoding: str, size: int) -> None:
    pieces = [*decoded(cut(TEXT.encode(encoding), size), "it", encoding)]
    assert "".join(pieces) == PLAIN
    assert all(piece.endswith("\n") for piece in pieces[:-1])
    # So each piece can be lowercased by itself, even though a final Σ becomes ς.
    assert "".join(piece.lower() for piece in pieces) == PLAIN.lower()


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_a_byte_order_mark_is_dropped(size: int) -> None:
    assert "".join(decoded(cut(codecs.BOM_UTF8 + b"text", size), "it", "utf-8")) == "text"


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 100])
@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"one\r\ntwo\xff three", "byte 0xff at offset 8 (line 2): invalid start byte"),
        (codecs.BOM_UTF8 + b"a\nb\n\xc3(", "byte 0xc3 at offset 7 (line 3): invalid continuation"),
        (b"caf\xc3", "byte 0xc3 at offset 3 (line 1): unexpected end of data"),
        (b"\xf0\x9f\x99\n", "byte 0xf0 at offset 0 (line 1): invalid continuation byte"),
    ],
)
def test_a_byte_that_does_not_decode_is_located(data: bytes, where: str, size: int) -> None:
    with pytest.raises(CorpusError) as caught:
        [*decoded(cut(data, size), "it.txt", "utf-8")]
    assert str(caught.value).startswith(f"it.txt is not utf-8 text: {where}")
    assert str(caught.value).endswith(
        ". Convert the file to UTF-8, or name its encoding with --text-encoding, such as latin-1."
    )


@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "ascii"])
@pytest.mark.parametrize(
    ("mark", "kind"),
    [
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
    ],
)
def test_another_unicode_encoding_is_named(
    mark: bytes, kind: str, encoding: str, size: int
) -> None:
    order = "le" if mark.startswith(b"\xff") else "be"
    data = mark + "déjà vu".encode(f"{kind}-{order}")
    with pytest.raises(CorpusError) as caught:
        [*decoded(cut(data, size), "it.txt", encoding)]
    assert str(caught.value) == (
        f"it.txt is {kind.upper()} text. Name its encoding, {kind} (--text-encoding {kind}), or "
        "convert it to UTF-8."
    )
    assert "".join(decoded(cut(data, size), "it.txt", kind)) == "déjà vu"
    latin = mark[:2] + b" in Latin-1"
    assert "".join(decoded(cut(latin.replace(b"\0", b""), size), "it", "latin-1"))


@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_nul_character_is_located(size: int) -> None:
    with pytest.raises(CorpusError, match="NUL character at position 7"):
        [*decoded(cut("déjà\nvu\0".encode(), size), "it.txt", "utf-8")]


DOCUMENTS = [
    (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "a PDF"),
    (b"PK\x03\x04\x14\0\x06\0\x08\0", "a ZIP archive, such as .docx, .odt or .epub"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "an old Microsoft Office file, such as .doc"),
    (b"{\\rtf1\\ansi Hello.}", "an RTF document"),
]


@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
@pytest.mark.parametrize(("data", "kind"), DOCUMENTS, ids=["pdf", "zip", "doc", "rtf"])
def test_a_document_is_refused_whatever_the_encoding(
    data: bytes, kind: str, encoding: str, size: int
) -> None:
    with pytest.raises(CorpusError) as caught:
        [*decoded(cut(data, size), "it", encoding)]
    assert str(caught.value) == (
        f"it is {kind}, not plain text. Save or export it as plain text (UTF-8) first."
    )


@pytest.mark.parametrize("text", ["%PDF", "PK", "{\\rt", " %PDF-1.7", "The {\\rtf format", "Ð"])
def test_a_text_that_only_resembles_a_document_is_read(text: str) -> None:
    assert "".join(decoded(cut(text.encode(), 1), "it", "utf-8")) == text


def test_a_very_long_line_is_cut_into_pieces() -> None:
    data = b"a" * 4_000_000 + b" word" * 200_000
    sizes = [len(piece) for piece in decoded(cut(data, 1 << 16), "it", "utf-8")]
    assert sum(sizes) == len(data)
    assert max(sizes) < 1_200_000


def test_bytes_are_decoded_as_python_decodes_them_or_refused() -> None:
    random = np.random.default_rng(0)
    for _ in range(300):
        letters = random.choice([*"ab\r\n", "é", "🙂"], size=12)
        data = "".join(letters).encode()
        if random.random() < 0.5:
            place = random.integers(len(data))
            data = data[:place] + bytes([random.integers(1, 256)]) + data[place + 1 :]
        blocks = cut(data, int(random.integers(1, 6)))
        try:
            whole = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            with pytest.raises(CorpusError, match=f"offset {error.start} "):
                [*decoded(blocks, "it", "utf-8")]
        else:
            expected = whole.replace("\r\n", "\n").replace("\r", "\n")
            assert "".join(decoded(blocks, "it", "utf-8")) == expected
