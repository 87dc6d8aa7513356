"""Tests of what is said about a corpus or a text that cannot be found."""

import pytest

from textgen.errors import CorpusError
from textgen.text.corpus import read_corpus, read_text


def test_a_misspelled_name_is_met_with_a_suggestion() -> None:
    with pytest.raises(CorpusError, match=r"text 'nietsche'\. Give .*\. Did you mean nietzsche\?$"):
        read_corpus("nietsche")


def test_an_empty_name_is_refused_with_what_is_accepted() -> None:
    with pytest.raises(CorpusError, match=r"^The corpus is empty: ''\. Give a file, .*input\.$"):
        read_corpus("")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("htp://x.org/a", "htp://x.org/a"),
        ("ftp://me:secret@x.org/a?key=secret", "ftp://x.org/a"),
    ],
)
def test_other_urls_are_refused_as_they_were_given(url: str, shown: str) -> None:
    with pytest.raises(CorpusError) as caught:
        read_corpus(url)
    assert str(caught.value) == (f"{shown!r} is not an http or https URL. Only these are accepted.")


@pytest.mark.parametrize("source", ["the soul of man", "a text. " * 1000], ids=["short", "long"])
def test_a_text_instead_of_its_file_is_explained(source: str) -> None:
    with pytest.raises(CorpusError) as caught:
        read_text(source, encoding="utf-8", limit=100)
    shown = source if len(source) <= 100 else f"{source[:100]}…"
    assert str(caught.value) == (
        f"There is no file {shown!r}. Give a text file, or - for standard input."
    )
