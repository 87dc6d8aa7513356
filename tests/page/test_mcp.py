"""The app as an MCP server: its tools, called by the official MCP client."""

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


def test_the_tools_are_exactly_the_endpoints(url: str) -> None:
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
        needed = ["text"] if tool.name.endswith("score") else []
        assert tool.inputSchema.get("required", []) == needed
        for schema in tool.inputSchema["properties"].values():
            assert schema["description"].endswith(".")


def test_the_tools_say_what_they_do(url: str) -> None:
    tools, _ = ask(url, [])
    said = {tool.name: str(tool.description) for tool in tools}
    for name, first, returned in (
        ("v1_generate", "Continue a prompt with one snapshot of a model", "without the prompt"),
        ("v1_compare", "Continue the same prompt with every snapshot", "snapshots"),
        ("v1_score", "Measure how well a snapshot predicts a text", "val_bits_per_char"),
        ("v1_snapshots", "List the snapshots of a model", "val_bits_per_char"),
        ("generate", "Deprecated, use v1_generate", "the prompt followed by"),
        ("compare", "Deprecated, use v1_compare", "real_words"),
        ("score", "Deprecated, use v1_score", "v1_score"),
        ("snapshots", "Deprecated, use v1_snapshots", "bits_per_char"),
    ):
        sentence, _, returns = said[name].partition(" Returns: ")
        assert sentence.startswith(first)
        assert returned in returns
        assert ",," not in returns


def test_the_tools_return_what_the_package_returns(url: str, letters: Timeline) -> None:
    settings: dict[str, Any] = {"length": 50, "temperature": 0.9, "seed": 3}
    _, (generated, compared, scored, listed) = ask(
        url,
        [
            ("v1_generate", {"epoch": "0.5", "seed_text": "ab", **settings}),
            ("v1_compare", {"seed_text": "ab", **settings}),
            ("v1_score", {"text": "Abba", "epoch": "0.5"}),
            ("v1_snapshots", {}),
        ],
    )
    expected = {
        snapshot.label: letters.generator(step=snapshot.step).generate("ab", **settings)
        for snapshot in letters.snapshots
    }
    # Gradio writes lists and dictionaries as Python does.
    answer = ast.literal_eval(text(generated))
    assert (answer["prompt"], answer["text"]) == ("ab", expected["0.5"])
    snapshots = ast.literal_eval(text(compared))["snapshots"]
    assert {one["epoch"]: one["text"] for one in snapshots} == expected
    assert [one["epoch"] for one in ast.literal_eval(text(listed))] == list(expected)
    seen: Any = Service([letters]).score("letters", "0.5", "Abba")
    answer = ast.literal_eval(text(scored))
    for name in ("text", "bits", "bits_per_char", "alternatives", "copied", "copied_share"):
        assert answer[name] == seen[name]
    assert not any(result.isError for result in (generated, compared, scored, listed))


def test_values_out_of_range_are_explained(url: str) -> None:
    _, results = ask(
        url,
        [
            ("v1_generate", {"length": 0}),
            ("v1_compare", {"model": "<b>"}),
            ("v1_score", {"text": ""}),
            ("v1_snapshots", {"model": "x"}),
        ],
    )
    messages = ["length must be", "no model '&lt;b&gt;'", "at least 2 characters", "no model 'x'"]
    for result, message in zip(results, messages, strict=True):
        assert result.isError
        assert message in text(result)


def test_without_the_extra_the_app_has_no_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    assert launch_options()["mcp_server"] is True
    monkeypatch.setitem(sys.modules, "mcp", None)
    assert launch_options()["mcp_server"] is False
