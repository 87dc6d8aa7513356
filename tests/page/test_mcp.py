"""The page's tools for language models, asked by the client of the Model Context Protocol."""

import ast
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from mcp.types import CallToolResult, TextContent

from tests.support.api import PROMISED, ask
from tests.support.apps import served
from tests.support.timelines import write_timeline
from textgen import Timeline
from textgen.page.app import launch_options
from textgen.service.service import Service

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    return write_timeline(tmp_path_factory.mktemp("mcp") / "letters")


@pytest.fixture(scope="module")
def url(letters: Timeline) -> Iterator[str]:
    with served(letters) as url:
        yield f"{url}gradio_api/mcp/"


def text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def test_the_tools_are_the_endpoints_and_no_other(url: str) -> None:
    tools, _ = ask(url, [])
    offered = {
        f"/{tool.name}": [
            (name, schema["type"]) for name, schema in tool.inputSchema["properties"].items()
        ]
        for tool in tools
    }
    promised = {
        name: [(argument, kind) for argument, kind, _ in arguments]
        for name, arguments in PROMISED.items()
    }
    assert offered == promised
    for tool in tools:
        needed = ["text"] if tool.name == "score" else []
        assert tool.inputSchema.get("required", []) == needed
        for schema in tool.inputSchema["properties"].values():
            assert schema["description"].endswith(".")


def test_the_tools_say_what_they_do(url: str) -> None:
    tools, _ = ask(url, [])
    said = {tool.name: str(tool.description) for tool in tools}
    assert said["generate"].startswith("Continue a text with one snapshot; ")
    for name, first, returned in (
        ("compare", "Continue the same text with every snapshot", "real_words"),
        ("score", "Say how surprising a text is to a snapshot", "held_out_bits"),
        ("snapshots", "List the snapshots of a model", "bits_per_char"),
    ):
        sentence, _, returns = said[name].partition(" Returns: ")
        assert sentence.startswith(first)
        assert returned in returns
        assert ",," not in returns


def test_the_tools_give_what_the_package_gives(url: str, letters: Timeline) -> None:
    settings: dict[str, Any] = {"length": 50, "temperature": 0.9, "seed": 3}
    _, (generated, compared, scored, listed) = ask(
        url,
        [
            ("generate", {"epoch": "0.5", "seed_text": "ab", **settings}),
            ("compare", {"seed_text": "ab", **settings}),
            ("score", {"text": "Abba", "epoch": "0.5"}),
            ("snapshots", {}),
        ],
    )
    expected = {
        snapshot.label: letters.generator(step=snapshot.step).generate("ab", **settings)
        for snapshot in letters.snapshots
    }
    assert text(generated) == "ab" + expected["0.5"]
    # Gradio tells lists and dictionaries as Python writes them.
    assert {one["epoch"]: one["text"] for one in ast.literal_eval(text(compared))} == expected
    assert [one["epoch"] for one in ast.literal_eval(text(listed))] == list(expected)
    seen: Any = Service([letters]).score("letters", "0.5", "Abba")
    answer = ast.literal_eval(text(scored))
    assert answer == {name: seen[name] for name in answer}
    assert not any(result.isError for result in (generated, compared, scored, listed))


def test_what_is_out_of_range_is_answered_in_words(url: str) -> None:
    _, results = ask(
        url,
        [
            ("generate", {"length": 0}),
            ("compare", {"model": "<b>"}),
            ("score", {"text": ""}),
            ("snapshots", {"model": "x"}),
        ],
    )
    messages = ["length must be", "no model '&lt;b&gt;'", "at least 2 characters", "no model 'x'"]
    for result, message in zip(results, messages, strict=True):
        assert result.isError
        assert message in text(result)


def test_without_the_extra_the_page_has_no_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    assert launch_options()["mcp_server"] is True
    monkeypatch.setitem(sys.modules, "mcp", None)
    assert launch_options()["mcp_server"] is False
