"""Tests of reading training texts from files, directories, names and standard input."""

import codecs
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from textgen.errors import CorpusError, TextGenError
from textgen.text.corpus import Corpus, read_corpus, read_text

BOOK = "Call me Ishmael. Some years ago — never mind how long precisely.\n"
GUTENBERG = f"""\ufeffThe Project Gutenberg eBook of Moby-Dick

*** START OF THE PROJECT GUTENBERG EBOOK MOBY-DICK ***

{BOOK}
*** END OF THE PROJECT GUTENBERG EBOOK MOBY-DICK ***

Section 1. General Terms of Use
"""


def written(path: Path, data: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


# Files


def test_a_file_becomes_a_text_with_a_name_and_a_hash(tmp_path: Path) -> None:
    data = BOOK.encode()
    read = read_corpus(written(tmp_path / "Moby Dick, 1851.txt", data))
    assert read.text == BOOK
    assert read.name == "moby-dick-1851"
    assert read.source == "Moby Dick, 1851.txt"
    assert read.sha256 == hashlib.sha256(data).hexdigest()


def test_a_string_that_is_not_text_is_refused_by_its_name() -> None:
    with pytest.raises(CorpusError, match=r"^mine looks binary: .* NUL character at position 1"):
        Corpus.from_text("a\0b", name="mine")


def test_a_path_may_be_a_string(tmp_path: Path) -> None:
    assert read_corpus(str(written(tmp_path / "book.txt", BOOK))).text == BOOK


def test_the_source_never_reveals_a_local_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path / "secret-home" / "books" / "a.txt", BOOK).parent
    monkeypatch.chdir(folder)
    sources = [
        read_corpus(source).source
        for source in (folder, folder / "a.txt", ".", "a.txt", "../books/a.txt", "./../books/")
    ]
    assert sources == ["books", "a.txt", "books", "a.txt", "a.txt", "books"]


@pytest.mark.parametrize(
    ("name", "slug"),
    [("漢字.txt", "corpus"), ("...txt", "corpus"), ("A" * 90 + ".txt", "a" * 60), ("x", "x")],
)
def test_a_name_can_be_used_for_a_directory(tmp_path: Path, name: str, slug: str) -> None:
    assert read_corpus(written(tmp_path / name, BOOK)).name == slug


def test_all_line_breaks_become_the_same(tmp_path: Path) -> None:
    path = written(tmp_path / "dos.txt", b"one\r\ntwo\rthree\n\r\n")
    assert read_corpus(path).text == "one\ntwo\nthree\n\n"


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "utf-8-sig"])
def test_a_byte_order_mark_is_dropped(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path / "bom.txt", codecs.BOM_UTF8 + b"text")
    assert read_corpus(path, encoding=encoding).text == "text"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "cp1252", "utf-32-le"])
def test_an_encoding_can_be_named(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path / "text.txt", "déjà vu\r\n".encode(encoding))
    assert read_corpus(path, encoding=encoding).text == "déjà vu\n"


@pytest.mark.parametrize(
    "encoding",
    [
        "klingon",
        "",
        "hex",
        "rot13",
        "undefined",
        "a\0b",
    ],
)
def test_an_unknown_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(CorpusError, match=r"(?i)encoding"):
        read_corpus(written(tmp_path / "text.txt", BOOK), encoding=encoding)


@pytest.mark.parametrize(
    ("encoding", "before"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("ascii", b""),
        ("utf-8-sig", codecs.BOM_UTF8),
    ],
)
def test_a_byte_that_does_not_decode_is_named_with_its_offset_in_the_file(
    tmp_path: Path, encoding: str, before: bytes
) -> None:
    data = before + b"one\ntwo\nca\xe9"
    offset = data.index(b"\xe9")
    with pytest.raises(CorpusError, match=rf"byte 0xe9 at offset {offset} \(line 3\)"):
        read_corpus(written(tmp_path / "latin.txt", data), encoding=encoding)


def test_a_nul_character_means_binary(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"binary.*NUL character at position 3"):
        read_corpus(written(tmp_path / "picture.txt", b"GIF\0"))


@pytest.mark.parametrize(
    "data", ["", " \r\n\t\n", codecs.BOM_UTF8, GUTENBERG.replace(BOOK, "")], ids=repr
)
def test_an_empty_text_is_refused(tmp_path: Path, data: str | bytes) -> None:
    with pytest.raises(CorpusError, match="empty"):
        read_corpus(written(tmp_path / "empty.txt", data))


def test_a_missing_file_is_named_with_what_is_accepted(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"nowhere\.txt.*URL.*nietzsche") as caught:
        read_corpus(tmp_path / "nowhere.txt")
    path = tmp_path / "nowhere.txt"
    assert str(caught.value).startswith(f"There is no file, directory or built-in text '{path}'. ")
    assert isinstance(caught.value, TextGenError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "source",
    [
        "a\0b",
        BOOK * 100,
    ],
    ids=["nul", "a text instead of its path"],
)
def test_an_impossible_path_is_a_corpus_error(source: str) -> None:
    with pytest.raises(CorpusError, match=r"^There is no file, directory or built-in text"):
        read_corpus(source)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="only Linux has this file")
def test_a_file_that_may_not_be_read_is_a_corpus_error() -> None:
    with pytest.raises(CorpusError, match=r"Cannot read /proc/self/mem: "):
        read_corpus("/proc/self/mem")


# Project Gutenberg


@pytest.mark.parametrize(
    "text",
    [
        GUTENBERG,
        GUTENBERG.replace("\n", "\r\n"),
        GUTENBERG.replace("*** START OF THE", "***START OF THIS").replace(
            "END OF THE", "END OF THIS"
        ),
        GUTENBERG.partition("*** END")[0],
        BOOK + GUTENBERG.partition(BOOK)[2],
    ],
    ids=["both", "dos", "older wording", "header only", "footer only"],
)
def test_the_license_around_a_gutenberg_book_is_removed(tmp_path: Path, text: str) -> None:
    assert read_corpus(written(tmp_path / "pg.txt", text)).text == BOOK


def test_a_text_that_only_mentions_gutenberg_stays_as_it_is(tmp_path: Path) -> None:
    text = "\n\nThe line '*** START OF THE PROJECT GUTENBERG' opens every book.\n\n"
    assert read_corpus(written(tmp_path / "text.txt", text)).text == text


# Directories


def test_a_directory_is_read_in_the_order_of_its_paths_however_deep(tmp_path: Path) -> None:
    folder = tmp_path / "Collected Works"
    for name in ("b.txt", "a/z.txt", "a.txt", "c/d/e.txt", "B.txt"):
        written(folder / name, f"{name}\n")
    written(folder / "notes.md", "not a .txt file")
    (folder / "folder.txt").mkdir()
    read = read_corpus(folder)
    assert read.text == "B.txt\n\n\na/z.txt\n\n\na.txt\n\n\nb.txt\n\n\nc/d/e.txt\n"
    assert (read.name, read.source) == ("collected-works", "Collected Works")
    joined = b"B.txt\na/z.txt\na.txt\nb.txt\nc/d/e.txt\n"
    assert read.sha256 == hashlib.sha256(joined).hexdigest()


def test_every_file_of_a_directory_is_cleaned_by_itself(tmp_path: Path) -> None:
    written(tmp_path / "1.txt", GUTENBERG)
    written(tmp_path / "2.txt", codecs.BOM_UTF8 + b"two\r\n")
    assert read_corpus(tmp_path).text == f"{BOOK}\n\ntwo\n"


def test_a_file_that_does_not_decode_is_named_in_a_directory(tmp_path: Path) -> None:
    written(tmp_path / "good.txt", BOOK)
    written(tmp_path / "sub" / "bad.txt", b"\xff")
    with pytest.raises(CorpusError, match=r"sub/bad\.txt is not utf-8"):
        read_corpus(tmp_path)


def test_a_directory_without_texts_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "deep" / "notes.md", BOOK)
    with pytest.raises(CorpusError, match=r"no \.txt file"):
        read_corpus(tmp_path)


# Standard input


def test_standard_input_is_read_as_bytes() -> None:
    script = (
        "import sys; from textgen import read_corpus; read = read_corpus('-', encoding='utf-16');"
        "print(ascii(read.text), read.name, read.source, read.sha256)"
    )
    data = "déjà\r\nvu".encode("utf-16")
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, input=data, capture_output=True, timeout=60
    )
    assert result.stderr == b""
    assert result.stdout.decode().split() == [
        ascii("déjà\nvu"),
        "stdin",
        "stdin",
        hashlib.sha256(data).hexdigest(),
    ]


# Binary documents

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.parametrize("name", ["book.pdf", "book.txt"])
def test_a_pdf_is_refused_with_what_to_do(tmp_path: Path, name: str, encoding: str) -> None:
    path = written(tmp_path / name, PDF)
    message = f"{path} is a PDF, not plain text. Save or export it as plain text (UTF-8) first."
    with pytest.raises(CorpusError) as caught:
        read_corpus(path, encoding=encoding)
    assert str(caught.value) == message
    with pytest.raises(CorpusError) as caught:
        read_text(str(path), encoding=encoding, limit=1000)
    assert str(caught.value) == message


def test_a_document_in_a_directory_is_named(tmp_path: Path) -> None:
    written(tmp_path / "good.txt", BOOK)
    with zipfile.ZipFile(tmp_path / "saved.txt", "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    with pytest.raises(CorpusError, match=r"saved\.txt is a ZIP archive, such as \.docx"):
        read_corpus(tmp_path)


def test_a_document_is_named_even_if_it_is_too_long(tmp_path: Path) -> None:
    path = written(tmp_path / "book.pdf", PDF * 100)
    with pytest.raises(CorpusError, match="is a PDF, not plain text"):
        read_text(str(path), encoding="utf-8", limit=100)
