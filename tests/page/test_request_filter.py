"""Strangers must not be able to skip the app's queue, or to fill the disk or the memory."""

import contextlib
import json
import tempfile
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from gradio_client import Client

from tests.support.apps import launched
from tests.support.paths import BUNDLED
from textgen import Timeline
from textgen.page.app import build_demo
from textgen.page.queue import AT_ONCE, MAX_UNREAD, MAX_WAITING

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo() -> Iterator[gr.Blocks]:
    demo = build_demo([Timeline.from_pretrained(BUNDLED)])
    with launched(demo):
        yield demo


@pytest.fixture
def url(demo: gr.Blocks) -> str:
    return f"{demo.local_url}gradio_api/"


def post(address: str, data: bytes, content_type: str = "application/json") -> tuple[int, str]:
    """Send a POST request; return the status and the answer."""
    request = urllib.request.Request(address, data, {"Content-Type": content_type})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def post_json(address: str, **body: Any) -> tuple[int, str]:
    return post(address, json.dumps(body).encode())


def form(content: bytes) -> tuple[bytes, str]:
    """Return the body and the content type of a form on a web page that uploads a file."""
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="f.bin"\r\n\r\n'
    return head + content + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"


@pytest.mark.parametrize("route", ["run/generate", "api/generate", "run/score"])
def test_nothing_is_answered_past_the_queue(url: str, route: str) -> None:
    status, _ = post_json(url + route, data=["the soul of man"])
    assert status == 404


def test_gradios_client_still_gets_answers(demo: gr.Blocks) -> None:
    client = Client(str(demo.local_url), verbose=False)
    assert client.predict(seed_text="the ", length=10, api_name="/generate").startswith("the ")
    client.close()


@pytest.mark.parametrize("route", ["upload", "component_server", "process_recording", "stream/x"])
def test_nobody_can_send_files(url: str, route: str) -> None:
    before = {*Path(tempfile.gettempdir(), "gradio").rglob("*")}
    status, _ = post(url + route, *form(b"x" * 10_000))
    assert status == 404
    assert {*Path(tempfile.gettempdir(), "gradio").rglob("*")} == before


def test_nobody_can_store_a_session_on_disk(demo: gr.Blocks, url: str) -> None:
    client = Client(str(demo.local_url), verbose=False)
    client.predict(length=10, api_name="/generate")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{url}deep_link?session_hash={client.session_hash}")
    client.close()


def test_few_sessions_are_remembered(demo: gr.Blocks, url: str) -> None:
    for _ in range(100):
        status, _ = post_json(
            f"{url}call/snapshots", data=["nietzsche"], session_hash=uuid.uuid4().hex
        )
        assert status == 200
    client = Client(str(demo.local_url), verbose=False)
    client.predict(api_name="/snapshots")  # answered last
    client.close()
    sessions = demo.server_app.state_holder.session_data
    assert 0 < len(sessions) <= 64


def test_answers_that_nobody_fetches_are_not_kept(demo: gr.Blocks, url: str) -> None:
    queue = demo._queue
    text = "the soul of man " * 50
    for _ in range(2 * MAX_UNREAD):
        post_json(f"{url}call/score", data=[text, "nietzsche", "best"])
    session = uuid.uuid4().hex
    status, said = post_json(f"{url}call/snapshots", data=["nietzsche"], session_hash=session)
    assert status == 200
    client = Client(str(demo.local_url), verbose=False)
    for _ in range(10):
        client.predict(text, api_name="/score")  # answered last
    client.close()
    unread = [each for each in queue.pending_messages_per_session.values() if not each.empty()]
    assert 0 < len(unread) <= MAX_UNREAD + AT_ONCE
    event_id = json.loads(said)["event_id"]  # the newest answer can still be fetched
    with urllib.request.urlopen(f"{url}call/snapshots/{event_id}") as answer:
        assert b"event: complete" in answer.read()


def test_one_session_keeps_few_answers_that_it_does_not_fetch(demo: gr.Blocks, url: str) -> None:
    session = uuid.uuid4().hex
    statuses = [
        post_json(f"{url}call/snapshots", data=["nietzsche"], session_hash=session)[0]
        for _ in range(2 * MAX_UNREAD)
    ]
    assert set(statuses) == {200}
    client = Client(str(demo.local_url), verbose=False)
    client.predict(api_name="/snapshots")  # answered last
    client.close()
    messages = demo._queue.pending_messages_per_session.get(session)
    assert messages is None or messages.qsize() <= MAX_UNREAD


def test_a_request_of_megabytes_is_refused(url: str) -> None:
    status, said = post_json(f"{url}call/score", data=["x" * 2**20, "nietzsche", "best"])
    assert status == 413
    assert "262,144 bytes" in said
    status, _ = post_json(f"{url}call/score", data=["x" * 200_000, "nietzsche", "best"])
    assert status == 200


def test_a_long_request_without_a_content_length_is_refused(demo: gr.Blocks) -> None:
    address = str(demo.local_url).split("//")[1].strip("/")
    connection = HTTPConnection(address)
    pieces = (b" " * 2**16 for _ in range(64))  # 4 MiB
    headers = {"Content-Type": "application/json"}
    connection.request("POST", "/gradio_api/call/score", pieces, headers, encode_chunked=True)
    with contextlib.closing(connection), connection.getresponse() as answer:
        assert answer.status == 413


def test_waiting_comparisons_do_not_block_writing(url: str) -> None:
    compare = ["nietzsche", "the soul ", 2000, 1.0, 0, 1, 0, 0]
    statuses = [
        post_json(f"{url}call/compare", data=[*compare, seed])[0] for seed in range(2 * MAX_WAITING)
    ]
    assert 503 in statuses  # the queue is full
    status, said = post_json(f"{url}call/generate", data=["nietzsche", "best", "the soul "])
    assert status == 200, said
