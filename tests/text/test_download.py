"""Tests of downloads: each happens once, is checked, and never reveals a secret."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from textgen.errors import CorpusError
from textgen.text import download
from textgen.text.corpus import BUILTIN_CORPORA, BuiltinCorpus, read_corpus

BOOK = "Call me Ishmael. Some years ago — never mind how long precisely.\n"


@dataclass
class Site:
    """A web server on the loopback: its answer on each path, and the requests it received."""

    address: str = ""
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)  # ends stalled answers

    def serve(self, path: str, body: bytes, status: int = 200, **headers: str) -> str:
        """Set the answer for a path, and return its URL."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, {"Content-Length": str(len(body)), **named}, body)
        return f"http://{self.address}{path}"


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.requests.append(self.path)
            status, headers, body = site.answers[self.path.partition("?")[0]]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            if "X-Stall" in headers:
                site.released.wait(30)

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing to the tests' standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site.address = f"127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield site
        site.released.set()
        server.shutdown()


def test_a_url_is_fetched_once_and_then_read_from_the_cache(site: Site, tmp_path: Path) -> None:
    url = site.serve("/books/Moby%20Dick.txt", BOOK.encode())
    first = read_corpus(url, cache_dir=tmp_path / "kept")
    again = read_corpus(url, cache_dir=tmp_path / "kept")
    assert site.requests == ["/books/Moby%20Dick.txt"]
    assert first == again
    assert (first.text, first.name, first.source) == (BOOK, "moby-dick", url)
    assert read_corpus(url, cache_dir=tmp_path / "other") == first
    assert len(site.requests) == 2


def test_urls_that_differ_in_their_query_are_different_texts(site: Site) -> None:
    url = site.serve("/text", BOOK.encode())
    read_corpus(f"{url}?page=1")
    read_corpus(f"{url}?page=2")
    assert site.requests == ["/text?page=1", "/text?page=2"]


def test_the_cache_is_where_the_environment_says(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = site.serve("/a.txt", BOOK.encode())
    monkeypatch.setenv("TEXTGEN_CACHE", str(tmp_path / "chosen"))
    read_corpus(url)
    monkeypatch.delenv("TEXTGEN_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    read_corpus(url)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    read_corpus(url)
    folders = ["chosen", "xdg/textgen", "home/.cache/textgen"]
    assert [len(list((tmp_path / name / "corpora").iterdir())) for name in folders] == [1, 1, 1]


def test_the_source_of_a_url_has_no_query(site: Site) -> None:
    url = site.serve("/a.txt", BOOK.encode())
    assert read_corpus(f"{url}?key=hunter2#top").source == url


def test_credentials_in_a_url_are_refused_and_not_repeated(site: Site) -> None:
    url = site.serve("/a.txt", BOOK.encode()).replace("http://", "http://ishmael:hunter2@")
    with pytest.raises(CorpusError, match="contains a user name or password") as caught:
        read_corpus(url)
    assert "hunter2" not in str(caught.value)


def unreachable() -> str:
    """Return a URL on a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/a.txt"


def test_a_refused_connection_is_a_corpus_error() -> None:
    with pytest.raises(CorpusError, match=r"Cannot download .*Connection refused"):
        read_corpus(unreachable())


def test_a_failed_download_does_not_reveal_the_query() -> None:
    url = unreachable()
    with pytest.raises(CorpusError, match=f"{url}:") as caught:
        read_corpus(f"{url}?key=hunter2")
    assert "hunter2" not in str(caught.value)


def test_a_pdf_from_the_web_is_refused_by_its_url(site: Site, tmp_path: Path) -> None:
    url = site.serve("/book.txt", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    for encoding in ("utf-8", "latin-1"):
        with pytest.raises(CorpusError, match=f"^{url} is a PDF, not plain text"):
            read_corpus(url, encoding=encoding, cache_dir=tmp_path)


@pytest.mark.parametrize("status", [404, 403, 500])
def test_a_refusal_is_a_corpus_error_and_nothing_is_cached(
    site: Site, tmp_path: Path, status: int
) -> None:
    url = site.serve("/a.txt", b"no", status=status)
    with pytest.raises(CorpusError, match=f"Cannot download {url}"):
        read_corpus(url, cache_dir=tmp_path)
    assert not list((tmp_path / "corpora").iterdir())


def test_a_download_that_breaks_off_is_refused_and_can_be_repeated(
    site: Site, tmp_path: Path
) -> None:
    url = site.serve("/a.txt", b"half", Content_Length="8")
    with pytest.raises(CorpusError, match="broke off after 4 of 8 bytes"):
        read_corpus(url, cache_dir=tmp_path)
    assert not list((tmp_path / "corpora").iterdir())
    site.serve("/a.txt", b"the rest")
    assert read_corpus(url, cache_dir=tmp_path).text == "the rest"


def test_a_stalled_download_times_out(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "TIMEOUT_SECONDS", 0.1)
    url = site.serve("/a.txt", b"half", Content_Length="8", X_Stall="yes")
    with pytest.raises(CorpusError, match=r"Cannot download .*timed out"):
        read_corpus(url)


def test_a_server_that_talks_nonsense_is_a_corpus_error(site: Site) -> None:
    url = site.serve("/a.txt", BOOK.encode(), Content_Length="many")
    with pytest.raises(CorpusError, match="Cannot download"):
        read_corpus(url)


def test_a_redirect_to_a_local_file_is_refused(site: Site, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(BOOK, encoding="utf-8")
    url = site.serve("/a.txt", b"", status=302, Location=secret.as_uri())
    with pytest.raises(CorpusError, match="Cannot download"):
        read_corpus(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http://localhost:port/a.txt",
        "http://localhost/a b",
        "http://localhost/é",
        "http://[half/a.txt",
    ],
)
def test_a_malformed_url_is_a_corpus_error(url: str) -> None:
    with pytest.raises(CorpusError, match=r"Cannot download|The URL"):
        read_corpus(url)


@pytest.mark.parametrize("sized", [True, False])
def test_progress_counts_up_to_the_whole(site: Site, sized: bool) -> None:
    body = b"x" * 150_000
    url = site.serve("/a.txt", body)
    if not sized:
        del site.answers["/a.txt"][1]["Content-Length"]
    seen: list[tuple[int, int | None]] = []
    read_corpus(url, progress=lambda done, total: seen.append((done, total)))
    counts = [done for done, _ in seen]
    assert counts == sorted(counts)
    assert counts[-1] == 150_000
    assert {total for _, total in seen} == {150_000 if sized else None}


# Names


def test_a_name_is_downloaded_checked_and_cached(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = site.serve("/moby.txt", BOOK.encode())
    entry = BuiltinCorpus(url=url, sha256=hashlib.sha256(BOOK.encode()).hexdigest())
    monkeypatch.setitem(BUILTIN_CORPORA, "nietzsche", entry)
    read = read_corpus("nietzsche")
    assert (read.text, read.name, read.source) == (BOOK, "nietzsche", url)
    assert read_corpus("nietzsche") == read
    assert len(site.requests) == 1


def test_an_unexpected_text_is_refused_and_not_cached(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = site.serve("/moby.txt", BOOK.encode())
    monkeypatch.setitem(BUILTIN_CORPORA, "nietzsche", BuiltinCorpus(url=url, sha256="0" * 64))
    with pytest.raises(CorpusError, match=f"is not the expected text: .*expected {'0' * 64}"):
        read_corpus("nietzsche", cache_dir=tmp_path)
    assert not list((tmp_path / "corpora").iterdir())


def test_a_cached_text_that_was_altered_is_fetched_again(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = site.serve("/moby.txt", BOOK.encode())
    entry = BuiltinCorpus(url=url, sha256=hashlib.sha256(BOOK.encode()).hexdigest())
    monkeypatch.setitem(BUILTIN_CORPORA, "nietzsche", entry)
    read_corpus("nietzsche", cache_dir=tmp_path)
    (cached,) = (tmp_path / "corpora").iterdir()
    cached.write_bytes(b"altered")
    assert read_corpus("nietzsche", cache_dir=tmp_path).text == BOOK
    assert len(site.requests) == 2


@pytest.mark.parametrize("name", BUILTIN_CORPORA)
def test_every_built_in_corpus_comes_over_https(name: str) -> None:
    entry = BUILTIN_CORPORA[name]
    assert entry.url.startswith("https://")
    assert entry.sha256 is None or len(bytes.fromhex(entry.sha256)) == 32
