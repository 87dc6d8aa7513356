"""`python app.py`: which models it opens, where it listens, and its errors."""

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import BUNDLED, ROOT
from tests.support.processes import environment, free_port, run
from textgen import Timeline
from textgen.cli.app import main
from textgen.page.app import build_demo
from textgen.timeline import bundled

pytestmark = pytest.mark.slow


def test_an_app_with_two_models_names_each() -> None:
    timeline = Timeline.from_pretrained(BUNDLED)
    demo = build_demo([timeline, timeline])
    [model] = [block for block in demo.blocks.values() if block.elem_id == "model"]
    assert (model.value, model.props["choices"]) == ("nietzsche", ["nietzsche", "nietzsche (2)"])


def test_the_app_imports_neither_tensorflow_nor_keras() -> None:
    script = (
        "import sys\n"
        "from textgen.cli.app import load_timelines\n"
        "from textgen.page.app import build_demo\n"
        "demo = build_demo(load_timelines([sys.argv[1]]))\n"
        "print([name for name in ('tensorflow', 'keras', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(BUNDLED)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_a_missing_model_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--model", str(tmp_path / "none")]) == 1
    errors = capsys.readouterr().err
    assert errors.startswith("app.py: No timeline at ")
    assert errors.count("\n") == 1


def test_models_come_from_the_environment_if_none_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEXTGEN_MODELS", f"{BUNDLED}, /nowhere/at/all")
    assert main([]) == 1
    assert "'/nowhere/at/all'" in capsys.readouterr().err


@pytest.fixture
def busy_port() -> Iterator[int]:
    """A port on which something else listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def refusal(*arguments: str, home: Path, **changes: str) -> str:
    """Run `app.py`, which must refuse, and return the one line that it printed."""
    outcome = run("app.py", *arguments, env=environment(home, **changes))
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.count("\n") == 1
    return outcome.err


def test_a_busy_port_is_one_clear_line(busy_port: int, tmp_path: Path) -> None:
    assert refusal("--port", str(busy_port), home=tmp_path) == (
        f"app.py: Port {busy_port} is in use. Choose another with --port, or leave it out to get a "
        "free one.\n"
    )


def test_a_busy_range_of_ports_is_one_clear_line(busy_port: int, tmp_path: Path) -> None:
    only = {"GRADIO_SERVER_PORT": str(busy_port), "GRADIO_NUM_PORTS": "1"}
    assert refusal(home=tmp_path, **only) == (
        f"app.py: No port from {busy_port} to {busy_port} is free. Choose another with --port.\n"
    )


@pytest.mark.parametrize("port", [(), ("--port", "7899")], ids=str)
def test_an_address_of_another_machine_is_one_clear_line(
    port: tuple[str, ...], tmp_path: Path
) -> None:
    error = refusal("--host", "203.0.113.7", *port, home=tmp_path)
    assert error.startswith("app.py: Cannot listen on 203.0.113.7: ")
    assert error.endswith(". Give --host an address of this machine, or 0.0.0.0 for all of them.\n")


def test_an_unknown_host_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    for host in ("nowhere.invalid", "a" * 70):
        assert main(["--host", host]) == 1
        error = capsys.readouterr().err
        assert error.startswith(f"app.py: Cannot listen on {host}: ")
        assert error.count("\n") == 1


def test_the_app_prints_its_address_and_opens_it_in_the_browser(tmp_path: Path) -> None:
    opened, browser, port = tmp_path / "opened", tmp_path / "browser", free_port()
    browser.write_text(f"#!/bin/sh\nprintf %s \"$1\" > '{opened}'\n")
    browser.chmod(0o755)
    with subprocess.Popen(
        [sys.executable, "app.py", "--port", str(port), "--open"],
        cwd=ROOT,
        env=environment(tmp_path, BROWSER=str(browser)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "running at" in line:
                break
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=60)
    url = f"http://127.0.0.1:{port}/"
    assert lines[-1:] == [f"The app is running at {url} (Ctrl-C stops it)\n"], errors
    assert opened.read_text() == url
    printed = "".join([*lines, rest]).lower()
    assert "share" not in printed
    assert "public" not in printed
    assert (process.returncode, errors) == (0, "")


def test_the_app_opens_the_bundled_timelines_in_their_order(
    timeline_directory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("TEXTGEN_MODELS", raising=False)
    monkeypatch.setattr(bundled, "BUNDLED", tmp_path / "pretrained")
    for name in ("alice", "nietzsche", "shakespeare"):
        directory = shutil.copytree(timeline_directory, tmp_path / "pretrained" / name)
        (directory / "vocabulary.json").unlink()
    assert main([]) == 1
    assert f"{Path('pretrained', 'shakespeare')}" in capsys.readouterr().err
