"""Reads model cards as the Hub and a Markdown parser do."""

from collections.abc import Iterator

from huggingface_hub import ModelCard
from markdown_it import MarkdownIt
from markdown_it.token import Token

from textgen.manifest import card
from textgen.manifest.schema import Manifest

REPO_ID = "tester/letters"


def tokens(markdown: str) -> Iterator[Token]:
    """Yield the tokens of a Markdown text, including tables and raw HTML."""
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown):
        yield token
        yield from token.children or ()


def body_of(manifest: Manifest, repo_id: str = REPO_ID) -> str:
    """Return the card of a manifest, without its metadata."""
    return ModelCard(card.render(manifest, repo_id)).text


def cells(markdown: str) -> list[str]:
    """Return the text of every cell in every table."""
    inline = [token for token in tokens(markdown) if token.type == "inline"]
    rows = {
        line for token in tokens(markdown) if token.type == "tr_open" for line in token.map or ()
    }
    return [token.content for token in inline if token.map and token.map[0] in rows]


def code_of(manifest: Manifest, language: str) -> list[str]:
    """Return the card's code blocks in a language."""
    return [token.content for token in tokens(body_of(manifest)) if token.info == language]
