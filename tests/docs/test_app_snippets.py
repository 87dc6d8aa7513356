"""The documentation's examples for the API and MCP, run against the app."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support.api import PROMISED, VERSION_1, ask
from tests.support.apps import served
from tests.support.documents import APP, PAGES, blocks
from tests.support.paths import BUNDLED, ROOT
from tests.support.workshop import asks_the_app, mcp_url
from textgen import Timeline

API = ROOT / "docs" / "api.md"


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    with served(Timeline.from_pretrained(BUNDLED)) as url:
        yield url.rstrip("/")


def ran(command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_python_examples_work(app: str) -> None:
    examples = [b for page in PAGES for b in blocks(page, "python") if asks_the_app(b)]
    readme, api = (ran([sys.executable, "-c", b.text.replace(APP, app)]) for b in examples)
    timeline = Timeline.from_pretrained(BUNDLED)
    text = timeline.generator().generate("the soul ", length=80, seed=1)
    assert readme.endswith(f"\nthe soul {text}\n")  # gradio_client prints a line first
    for snapshot in timeline.snapshots:
        assert re.search(rf"^{re.escape(snapshot.label)} ", api, re.MULTILINE)
    assert api.endswith("2000 characters so far\n")


def test_the_curl_example_works(app: str) -> None:
    (example,) = [b for page in PAGES for b in blocks(page, "bash") if asks_the_app(b)]
    printed = ran(["bash", "-euc", example.text.replace(APP, app)])
    assert printed.startswith("event: complete\n")
    (scored,) = json.loads(printed.splitlines()[1].removeprefix("data: "))
    score = Timeline.from_pretrained(BUNDLED).generator().score("the soul of man")
    assert scored["bits_per_char"] == round(score.bits_per_char, 2)


def test_the_address_of_the_mcp_server_is_right(app: str) -> None:
    (example,) = [block for page in PAGES for block in blocks(page, "json")]
    tools, _ = ask(mcp_url(example).replace(APP, app), [])
    assert {f"/{tool.name}" for tool in tools} == set(PROMISED)


def test_the_endpoints_are_all_described() -> None:
    text = API.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(/v1_\w+)` \| (.*?) \| .* \|$", text, re.MULTILINE)
    described = {endpoint: re.findall(r"`(\w+)`", names) for endpoint, names in rows}
    assert dict(rows)["/v1_compare"] == "the same without `epoch`"
    described["/v1_compare"] = [name for name in described["/v1_generate"] if name != "epoch"]
    promised = {
        name: [argument for argument, *_ in arguments] for name, arguments in VERSION_1.items()
    }
    assert described == promised
