"""The app's API as its clients use it: what they were promised, and how they call it."""

import asyncio
import json
import re
import urllib.request
from typing import Any

from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, Tool

# What clients rely on: the names of the arguments, their order, types and defaults.
WHICH = [("model", "string", "nietzsche"), ("epoch", "string", "best")]
SAMPLING = [
    ("seed_text", "string", ""),
    ("length", "integer", 400),
    ("temperature", "number", 0.5),
    ("top_k", "integer", 0),
    ("top_p", "number", 1.0),
    ("min_p", "number", 0.0),
    ("no_repeat_ngram_size", "integer", 0),
    ("seed", "integer", 1),
]
_ENDPOINTS: dict[str, list[tuple[str, str, Any]]] = {
    "generate": [*WHICH, *SAMPLING],
    "compare": [WHICH[0], *SAMPLING],
    "score": [("text", "string", None), *WHICH],
    "snapshots": [WHICH[0]],
}
# Release 0.1 promised the names without a version, with the same arguments.
VERSION_0 = {f"/{name}": arguments for name, arguments in _ENDPOINTS.items()}
VERSION_1 = {f"/v1_{name}": arguments for name, arguments in _ENDPOINTS.items()}
PROMISED = {**VERSION_1, **VERSION_0}


def over_http(url: str, name: str, **arguments: Any) -> tuple[str, Any]:
    """Call an endpoint with plain HTTP, like curl; return the last event and its data."""
    address = f"{url}gradio_api/call/v2{name}"
    request = urllib.request.Request(
        address, json.dumps(arguments).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        event = json.load(answer)["event_id"]
    with urllib.request.urlopen(f"{address}/{event}") as stream:
        said = stream.read().decode()
    *_, (kind, data) = re.findall(r"event: (.*)\ndata: (.*)\n", said)
    return kind, json.loads(data)


def ask(
    url: str, calls: list[tuple[str, dict[str, Any]]]
) -> tuple[list[Tool], list[CallToolResult]]:
    """Call tools of an MCP server; return all its tools, and the results of the calls.

    Args:
        url: the server's address.
        calls: names and arguments of the tools to call.
    """

    async def ask_all() -> tuple[list[Tool], list[CallToolResult]]:
        async with (
            streamable_http_client(url) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = (await session.list_tools()).tools
            return tools, [await session.call_tool(*call) for call in calls]

    return asyncio.run(ask_all())
