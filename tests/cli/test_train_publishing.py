"""What training prints about publishing."""

import argparse
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from textgen.cli import train_publishing
from textgen.errors import HubError
from textgen.training.publisher import Publisher

URL = "https://hub.example/tester/letters/commit/1"
RESULT = f"Published: {URL}\nWatch it learn:  python app.py --model tester/letters\n"


def arguments(*, quiet: bool) -> argparse.Namespace:
    return argparse.Namespace(
        push_to_hub="tester/letters", private=True, quiet=quiet, app="python app.py"
    )


def publisher(result: str | Exception) -> Publisher:
    """Return a stand-in for a publisher that returns a URL or fails."""

    def finish() -> str:
        if isinstance(result, Exception):
            raise result
        return result

    return cast(Publisher, SimpleNamespace(finish=finish))


@pytest.mark.parametrize(
    ("quiet", "login", "progress"),
    [
        (
            False,
            "Logged in to the Hugging Face Hub as tester.\n",
            "Publishing to tester/letters …  (retries for 15 minutes if the Hub fails; Ctrl-C "
            "stops, and prints the command that finishes the upload)\n",
        ),
        (True, "", ""),
    ],
)
def test_quiet_leaves_only_the_result(
    quiet: bool,
    login: str,
    progress: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(train_publishing, "check_access", lambda: "tester")
    train_publishing.check_hub(arguments(quiet=quiet))
    assert capsys.readouterr().out == login
    status = train_publishing.publish(publisher(URL), arguments(quiet=quiet), Path("letters"))
    assert (status, capsys.readouterr().out) == (0, progress + RESULT)


@pytest.mark.parametrize("quiet", [False, True])
def test_a_failed_upload_prints_the_command_that_finishes_it(
    quiet: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = publisher(HubError("The Hub is away."))
    assert train_publishing.publish(failing, arguments(quiet=quiet), Path("my letters")) == 1
    assert capsys.readouterr().err == (
        "Not published: The Hub is away.\nThe timeline is in my letters. Publish it "
        "with:  python -m textgen push 'my letters' tester/letters --private\n"
    )
