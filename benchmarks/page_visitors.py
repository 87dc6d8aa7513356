"""Visitors of a page, all in one process: they speak Gradio's protocol as the page's script does.

For the server a visitor begins with the first press: opening the page asks it no question.

    python benchmarks/page_visitors.py http://127.0.0.1:7861 --visitors 50

Prints one line of JSON for each visitor: what it got, and the seconds from its press on Write to
the first text, to the whole text and, with `--visits`, to the texts of all snapshots.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from gradio_client.utils import apply_diff

LIMIT = 120  # seconds, after which whoever waits has met an error


@dataclass(frozen=True)
class Button:
    """An event of the page, and what its components hold before anybody touches them."""

    index: int
    trigger: int | None
    values: list[Any]
    seed: int  # the place of the seed among the values
    follow: int | None = None  # the one that it asks for after this


def main() -> int:
    """Let the visitors come."""
    parser = argparse.ArgumentParser(description="Visit a page.")
    parser.add_argument("url")
    parser.add_argument("--visitors", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=1000)
    parser.add_argument("--endpoint", action="store_true", help="ask /generate in place of Write")
    parser.add_argument("--visits", action="store_true", help="wait for all snapshots' texts too")
    parser.add_argument(
        "--newcomers", type=int, default=0, help="more visitors, who press Write 0.3 s apart"
    )
    for visit in asyncio.run(visits(parser.parse_args())):
        print(json.dumps(visit))
    return 0


async def visits(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Return what came of all visits."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(
        base_url=arguments.url, timeout=LIMIT, limits=limits, trust_env=False
    ) as http:
        config = (await http.get("/config")).json()
        button = (generate if arguments.endpoint else write)(config)

        async def come(visitor: int, wait: float) -> dict[str, Any]:
            seed, session = arguments.first_seed + visitor, uuid.uuid4().hex
            await asyncio.sleep(wait)
            done = await visit(http, session, button, seed, whole=arguments.visits and not wait)
            return {"seed": seed, "newcomer": bool(wait), **done}

        crowd = [come(visitor, 0) for visitor in range(arguments.visitors)]
        later = [
            come(arguments.visitors + number, 0.3 * (1 + number))
            for number in range(arguments.newcomers)
        ]
        return await asyncio.gather(*crowd, *later)


def write(config: dict[str, Any]) -> Button:
    """Return the page's Write, as its script calls it."""
    components = {one["id"]: one for one in config["components"]}
    named = {one["props"].get("elem_id"): one["id"] for one in config["components"]}
    events = {one["id"]: one for one in config["dependencies"]}
    pressed = [named["write"], "press"]
    event = next(one for one in events.values() if pressed in map(list, one["targets"]))
    follow = next(one["id"] for one in events.values() if one["trigger_after"] == event["id"])
    values = [components[place]["props"].get("value") for place in event["inputs"]]
    curve = event["inputs"].index(named["curve"])
    values[curve] = {
        "epoch": values[curve]["epoch"],
        "request_id": 1,
        "address": "http://127.0.0.1/",
    }
    seed = event["inputs"].index(named["seed"])
    return Button(event["id"], named["write"], values, seed, follow)


def generate(config: dict[str, Any]) -> Button:
    """Return the endpoint /generate."""
    event = next(one for one in config["dependencies"] if one["api_name"] == "generate")
    components = {one["id"]: one for one in config["components"]}
    values = [components[place]["props"].get("value") for place in event["inputs"]]
    return Button(event["id"], None, values, len(values) - 1)


async def visit(
    http: httpx.AsyncClient, session: str, button: Button, seed: int, *, whole: bool
) -> dict[str, Any]:
    """Press a button, and wait for what comes of it."""
    values = list(button.values)
    values[button.seed] = seed
    first: list[float] = []
    began = time.perf_counter()

    def heard(data: Any) -> None:
        if not first and has_text(data):
            first.append(time.perf_counter() - began)

    try:
        answer, messages = await ask(http, session, button.index, button.trigger, values, heard)
        done = {"answer": answer, "messages": messages, "first": first[0]}
        done["end"] = time.perf_counter() - began
        if whole and button.follow is not None:
            done["all"], _ = await ask(http, session, button.follow, None, values, heard)
            done["compared"] = time.perf_counter() - began
    except (httpx.HTTPError, RuntimeError, IndexError) as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return done


def has_text(data: Any) -> bool:
    """Whether an answer, a passage or a text, has a character that a snapshot wrote."""
    if isinstance(data, dict):
        return any(one["text"] for one in data["texts"].values())
    return bool(data)


async def ask(
    http: httpx.AsyncClient,
    session: str,
    index: int,
    trigger: int | None,
    values: list[Any],
    heard: Callable[[Any], None],
) -> tuple[Any, int]:
    """Return an event's answer, its last message's, and how many messages brought it."""
    body = {"data": values, "fn_index": index, "session_hash": session, "event_data": None}
    joined = await http.post("/gradio_api/queue/join", json={**body, "trigger_id": trigger})
    joined.raise_for_status()
    data: list[Any] | None = None
    came, done = 0, False
    stream = http.stream("GET", "/gradio_api/queue/data", params={"session_hash": session})
    async with stream as response:
        async for line in response.aiter_lines():
            if not line.startswith("data:"):
                continue
            message = json.loads(line[5:])
            if message["msg"] in ("process_generating", "process_completed"):
                output = message["output"]
                if not message["success"]:
                    raise RuntimeError(str(output.get("error")))
                if message["msg"] == "process_completed":
                    done = True
                    data = output.get("data") or data
                elif data is None:
                    data = output["data"]
                else:
                    data = [
                        apply_diff(old, new) for old, new in zip(data, output["data"], strict=True)
                    ]
                came += 1
                heard(data[0] if data else None)
            elif message["msg"] == "close_stream":
                break
    if not done:
        raise RuntimeError("the stream ended before the answer did")
    return data[0] if data else None, came


if __name__ == "__main__":
    sys.exit(main())
