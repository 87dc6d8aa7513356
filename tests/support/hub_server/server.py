"""The test Hub's HTTP server: one thread per connection, on a free port of this machine."""

import json
import re
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from typing import Any

from .endpoints import Request, answer
from .hub import Hub, RefusedError, Reply

MAX_BODY = 64 * 2**20
HANG_UP, LOSE_ANSWER = Reply(0), Reply(-1)  # before the request is carried out, and after it

Fault = Callable[[str, str], Reply | None]


class HubServer(Hub):
    """The Hub as a context manager; it answers at `endpoint` while the context lasts.

    Args:
        root, lfs, tokens: see `Hub`.

    `requests` records the method and path of each request. `fault`, if set, is called for each
    request before its body is read. It may return a reply to send instead, `HANG_UP` or
    `LOSE_ANSWER`, or it may wait. The connection closes after any of these replies, so a
    `Content-Length` that is too large simulates a transfer that breaks off.
    """

    def __init__(
        self, root: Path, *, lfs: bool = False, tokens: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(root, lfs=lfs, tokens=tokens)
        self._listener = _Listener(self)
        self.endpoint = f"http://127.0.0.1:{self._listener.server_address[1]}"
        self.requests: list[tuple[str, str]] = []
        self.fault: Fault | None = None

    def downloaded(self, repo_id: str) -> set[str]:
        """Return the files of a repository that were downloaded."""
        start = re.compile(rf"/{re.escape(repo_id)}/resolve/[^/]+/")
        paths = [path for method, path in self.requests if method == "GET" and start.match(path)]
        return {start.sub("", path) for path in paths}

    def __enter__(self) -> "HubServer":
        threading.Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening, close every connection and wait for the threads."""
        self._listener.stop()


class _Listener(ThreadingTCPServer):
    # Not an `HTTPServer`, because that looks up the name of the machine.
    request_queue_size = 32

    def __init__(self, hub: HubServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hub = hub
        self._connections: set[Any] = set()

    def stop(self) -> None:
        self.shutdown()
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    server: _Listener

    def handle(self) -> None:
        with suppress(ConnectionError):  # a client may hang up at any time
            super().handle()

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing: `HubServer.requests` is the log."""

    def handle_any(self) -> None:
        """Answer one request; its body is read completely, so that another can follow."""
        hub = self.server.hub
        path, _, query = self.path.partition("?")
        hub.requests.append((self.command, path))
        fault = hub.fault(self.command, path) if hub.fault else None
        if fault:
            self.close_connection = True
        if fault == HANG_UP:  # while the client may still be sending
            return
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), MAX_BODY))
        if fault and fault != LOSE_ANSWER:
            reply = fault
        else:
            try:
                request = Request(hub, hub.endpoint, self.command, path, query, body, self._user())
                reply = answer(request)
            except RefusedError as refused:
                reply = refused.reply
        if fault != LOSE_ANSWER:
            self._send(reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 - http.server's names

    def _user(self) -> str:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token and token not in self.server.hub.tokens:
            raise RefusedError(401, "", "Invalid credentials in Authorization header")
        return self.server.hub.tokens.get(token, "")

    def _send(self, reply: Reply) -> None:
        raw = isinstance(reply.body, bytes)
        body = reply.body if raw else json.dumps(reply.body).encode()
        kind = "application/octet-stream" if raw else "application/json"
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), **reply.headers}
        headers |= {"Connection": "close"} if self.close_connection else {}
        self.send_response(reply.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
