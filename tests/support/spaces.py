"""Runs Spaces as the Hub does: checks out their repository and starts them there."""

import contextlib
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.support.hub_server import HubServer
from tests.support.processes import environment, free_port

SECONDS_TO_START = 120


def check_out(hub: HubServer, space_id: str, directory: Path) -> Path:
    """Write all files of a Space's main branch into a new directory; return the directory."""
    for name, content in hub.files(f"spaces/{space_id}").items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(content)
    return directory


@contextlib.contextmanager
def started(
    directory: Path, home: Path, endpoint: str, *, python: str = sys.executable, **variables: str
) -> Iterator[str]:
    """Run `python app.py` in a Space's directory while the context lasts; yield its address.

    Args:
        directory: the Space's files; `textgen` can only be imported from there.
        home: an empty directory for its caches.
        endpoint: the Hub's address.
        python: the interpreter.
        variables: the Space's environment variables.
    """
    port = str(free_port())
    space = {"SYSTEM": "spaces", "SPACE_ID": "tester/space", "GRADIO_SERVER_PORT": port}
    env = environment(home, endpoint, **{"PYTHONPATH": "", **space, **variables})
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(
            [python, "app.py"], cwd=directory, env=env, stdout=log, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(10 * SECONDS_TO_START):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(address, timeout=10).close()
                    break
                time.sleep(0.1)
                assert process.poll() is None, (log.seek(0), log.read().decode())
            yield address
        finally:
            process.kill()
