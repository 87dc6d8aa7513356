"""Limits the app's server to the requests that it needs, up to a maximum size."""

from __future__ import annotations

import contextlib

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 2**18  # the page sends at most 20,000 characters, which is 240 kB at most
_READ_IN_VAIN = 256 * MAX_BODY_BYTES
_API = "/gradio_api/"
# The page and API clients post to these; Gradio accepts more, such as file uploads. `run` and `api`
# are listed so that Gradio's own refusal reaches the client.
_OPEN_TO_POST = ("queue/join", "call/", "cancel", "reset", "mcp", "run/", "api/")
_CLOSED = ("deep_link",)  # writes a session's state to disk, for any page that links to it


class RequestFilter:
    """ASGI middleware that answers unused routes with 404 and large requests with 413.

    Args:
        app: the application to protect.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward a request or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif not _is_open(scope["method"], scope["path"]):
            await JSONResponse({"detail": "Not found"}, 404)(scope, receive, send)
        else:
            await self._limited(scope, receive, send)

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        too_large = not announced.isdigit() or int(announced) > MAX_BODY_BYTES
        received = 0

        async def counted() -> Message:
            nonlocal received, too_large
            message = await receive()
            received += len(message.get("body", b""))
            too_large = received > MAX_BODY_BYTES
            # The application sees a disconnected client.
            return {"type": "http.disconnect"} if too_large else message

        async def passed_on(message: Message) -> None:
            if not too_large:
                await send(message)

        if not too_large:
            with contextlib.suppress(ClientDisconnect):
                await self._app(scope, counted, passed_on)
        if too_large:
            # Clients read the answer only after sending everything, so read on, up to a limit.
            while received < _READ_IN_VAIN and (message := await receive()).get("more_body"):
                received += len(message.get("body", b""))
            said = f"The request is larger than {MAX_BODY_BYTES:,} bytes. Send a shorter text."
            await JSONResponse({"detail": said}, 413)(scope, receive, send)


def _is_open(method: str, path: str) -> bool:
    _, is_api, route = path.partition(_API)
    if not is_api:
        return method in ("GET", "HEAD", "OPTIONS")
    if method == "POST":
        return route.startswith(_OPEN_TO_POST)
    return not route.startswith(_CLOSED)
