"""Runs the documentation's commands as a reader would, in a copy of the clone."""

import contextlib
import json
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.documents import APP, Block
from tests.support.processes import free_port

SECONDS = 240

# Stands for pip: the gate installs for real, by the README's two commands.
PIP = """
import re, sys, tomllib
command, *requirements = sys.argv[1:]
assert command == "install", sys.argv
extras = tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]
for one in (each for each in requirements if each != "-e"):
    local = re.fullmatch(r"\\.(?:\\[([\\w,]+)\\])?", one)
    named = re.fullmatch(r"[\\w-]+(\\[\\w+\\])?", one)
    assert local or named, one
    assert not local or not local[1] or set(local[1].split(",")) <= set(extras), one
"""


@dataclass(frozen=True)
class Workshop:
    """A directory with a clone, and the environment of its commands."""

    directory: Path
    env: dict[str, str]

    def bash(self, block: Block) -> str:
        """Run a block of commands and return what it printed; the app is started and stopped."""
        text = self._local(block.text)
        if re.search(r"^(\w+=\S+ )*python app\.py", text, re.MULTILINE):
            return self._app(text)
        return self._run(["bash", "-euo", "pipefail", "-c", text])

    def python(self, blocks: Sequence[Block]) -> str:
        """Run a page's Python blocks one after the other in one process."""
        return self._run([sys.executable, "-c", self._local("\n".join(b.text for b in blocks))])

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(
            command,
            cwd=self.directory,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert done.returncode == 0, f"{command[-1]}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def _local(self, text: str) -> str:
        return re.sub(r"\bUSER/", "tester/", text)

    def _app(self, text: str) -> str:
        """Start the app, wait until it serves, and stop it with Ctrl-C."""
        command = re.sub(r"--port \d+", f"--port {free_port()}", text)
        assert command.count("\n") == 1, "a block that starts the app has one command"
        with self._started(command) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if "The app is running at" in line:
                    process.send_signal(signal.SIGINT)
                    rest = process.stdout.read()
                    assert process.wait(SECONDS) in (0, 130), rest
                    return line + rest
        raise AssertionError(f"{command} did not start the app")

    @contextlib.contextmanager
    def _started(self, command: str) -> Iterator["subprocess.Popen[str]"]:
        # exec: the signal must reach Python, not bash.
        assignments, words = re.fullmatch(r"((?:\w+=\S+ )*)(.*)\n", command).groups()  # type: ignore[union-attr]
        given = dict(one.split("=", 1) for one in shlex.split(assignments))
        with subprocess.Popen(
            ["bash", "-c", f"exec {words}"],
            cwd=self.directory,
            env={**self.env, **given, "GRADIO_SERVER_PORT": str(free_port())},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


def asks_the_app(block: Block) -> bool:
    """Whether a block needs a running app."""
    return APP in block.text


def is_installation(block: Block) -> bool:
    """Whether a block is one of the commands that the gate runs, in a new environment."""
    return block.text.startswith("python3 -m venv ")


def is_rented_gpu(block: Block) -> bool:
    """Whether a block rents a GPU, which no test can do."""
    return block.text.startswith("hf jobs ")


def mcp_url(block: Block) -> str:
    """Return the address in the settings of an assistant."""
    (server,) = json.loads(block.text)["mcpServers"].values()
    return str(server["url"])
