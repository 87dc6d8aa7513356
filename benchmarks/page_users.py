"""Simulated users of the app, all in one process. They use Gradio's protocol like the app's script.

    python benchmarks/page_users.py http://127.0.0.1:7861 --users 50

A user starts with the first press on Write, since opening the app sends no question to the server.
Prints one line of JSON per user: what it got, and the seconds from its press on Write to the first
text, to the whole text and, with `--visits`, to the texts of all snapshots.
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

LIMIT = 120  # seconds; waiting longer counts as an error


@dataclass(frozen=True)
class Button:
    """An event of the app, and the initial values of its components."""

    index: int
    trigger: int | None
    values: list[Any]
    seed: int  # the position of the random seed among the values
    follow: int | None = None  # the event that follows it


def main() -> int:
    """Simulate the users and print what each got."""
    parser = argparse.ArgumentParser(description="Simulate users of the app.")
    parser.add_argument("url", help="the app's address")
    parser.add_argument(
        "--users", type=int, default=1, help="users who start at once (default: %(default)s)"
    )
    parser.add_argument(
        "--first-seed",
        type=int,
        default=1000,
        help="random seed of the first user; each further user has the next (default: %(default)s)",
    )
    parser.add_argument("--endpoint", action="store_true", help="call /generate instead of Write")
    parser.add_argument(
        "--visits", action="store_true", help="also wait for the texts of all snapshots"
    )
    parser.add_argument(
        "--newcomers",
        type=int,
        default=0,
        help="further users, who press Write 0.3 s apart (default: %(default)s)",
    )
    for visit in asyncio.run(visits(parser.parse_args())):
        print(json.dumps(visit))
    return 0


async def visits(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Return what each user got."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(
        base_url=arguments.url, timeout=LIMIT, limits=limits, trust_env=False
    ) as http:
        config = (await http.get("/config")).json()
        button = (generate if arguments.endpoint else write)(config)

        async def come(user: int, wait: float) -> dict[str, Any]:
            seed, session = arguments.first_seed + user, uuid.uuid4().hex
            await asyncio.sleep(wait)
            done = await visit(http, session, button, seed, whole=arguments.visits and not wait)
            return {"seed": seed, "newcomer": bool(wait), **done}

        crowd = [come(user, 0) for user in range(arguments.users)]
        later = [
            come(arguments.users + number, 0.3 * (1 + number))
            for number in range(arguments.newcomers)
        ]
        return await asyncio.gather(*crowd, *later)


def write(config: dict[str, Any]) -> Button:
    """Return the app's Write event, as the app's script calls it."""
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
    """Return the event of the endpoint /generate."""
    event = next(one for one in config["dependencies"] if one["api_name"] == "generate")
    components = {one["id"]: one for one in config["components"]}
    values = [components[place]["props"].get("value") for place in event["inputs"]]
    return Button(event["id"], None, values, len(values) - 1)


async def visit(
    http: httpx.AsyncClient, session: str, button: Button, seed: int, *, whole: bool
) -> dict[str, Any]:
    """Press a button, wait for the answer, and return it with its times, or an error."""
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
    """Whether an answer (a passage or a text) has any character that a snapshot wrote."""
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
    """Send an event; return its final answer and the number of messages that brought it."""
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
        raise RuntimeError("the stream ended before the answer was complete")
    return data[0] if data else None, came


if __name__ == "__main__":
    sys.exit(main())
