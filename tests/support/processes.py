"""Runs textgen in separate processes, as a user does, with a Hub on this machine."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.paths import ROOT

TOKEN = "hf_test"
START_SECONDS = 60


@dataclass(frozen=True)
class Outcome:
    """A command's exit status and what it printed."""

    status: int
    out: str
    err: str

    def check(self) -> "Outcome":
        """Return this outcome; fail with what was printed if the status is not 0."""
        assert self.status == 0, self.err
        return self


def environment(home: Path, endpoint: str = "", **changes: str) -> dict[str, str]:
    """Return environment variables that confine a process to `home` and to this machine."""
    kept = {
        name: os.environ[name] for name in ("PATH", "LANG", "VIRTUAL_ENV") if name in os.environ
    }
    return {
        **kept,
        "HF_ENDPOINT": endpoint or "http://127.0.0.1:9",  # nothing listens there
        "HF_HOME": str(home / "huggingface"),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_TOKEN": TOKEN,
        "HOME": str(home),
        "KERAS_HOME": str(home / "keras"),
        "PYTHONPATH": str(ROOT),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        **changes,
    }


def free_port() -> int:
    """Return a free port; when Gradio looks for one itself, it leaves sockets open."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def run(*arguments: str, cwd: Path = ROOT, env: dict[str, str]) -> Outcome:
    """Run `python ARGUMENTS` in a new process."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=env, capture_output=True, text=True, timeout=120
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


@contextlib.contextmanager
def serving(*arguments: str, url: str, env: dict[str, str], cwd: Path = ROOT) -> Iterator[None]:
    """Run `python ARGUMENTS` while the context lasts, which starts when `url` answers."""
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            [sys.executable, *arguments], cwd=cwd, env=env, stdout=said, stderr=said
        ) as process,
    ):
        try:
            deadline = time.monotonic() + START_SECONDS
            while not _answers(url):
                if process.poll() is not None or time.monotonic() > deadline:
                    said.seek(0)
                    raise AssertionError(said.read().decode())
                time.sleep(0.1)
            yield
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=START_SECONDS):
        return True
    return False


class Worker:
    """One process that runs `python -m textgen` and snippets, one after another.

    Args:
        home: an empty directory for its caches.
        endpoint: the Hub's address; "" for one that does not answer.
        changes: environment variables that the Hub client reads at import.
    """

    def __init__(self, home: Path, endpoint: str = "", **changes: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("worker.py"))],
            env=environment(home, endpoint, **changes),
            cwd=home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def textgen(self, *arguments: str | Path, token: str | None = TOKEN) -> Outcome:
        """Run `python -m textgen ARGUMENTS`, logged in with `token`."""
        return self._ask({"arguments": list(map(str, arguments))}, token)

    def python(self, code: str, token: str | None = TOKEN) -> Outcome:
        """Run a snippet, logged in with `token`."""
        return self._ask({"code": code}, token)

    def _ask(self, request: dict[str, Any], token: str | None) -> Outcome:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request["environment"] = {"HF_TOKEN": token}
        print(json.dumps(request), file=self._process.stdin, flush=True)
        return Outcome(*json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """Stop the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=30)

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
