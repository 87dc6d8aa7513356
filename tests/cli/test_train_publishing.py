"""What training prints about publishing, and wrong flags for the model card."""

import argparse
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from textgen.cli import train_publishing
from textgen.cli.train import main
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


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (
            ["--license", "MIT"],
            "--license: must be a license identifier of the Hugging Face Hub, such as cc0-1.0, "
            "cc-by-4.0, mit, apache-2.0 or other, received 'MIT'. Did you mean mit?",
        ),
        (
            ["--license", "mine"],
            "--license: must be a license identifier of the Hugging Face Hub, such as cc0-1.0, "
            "cc-by-4.0, mit, apache-2.0 or other, received 'mine'. All identifiers: "
            "https://huggingface.co/docs/hub/repositories-licenses.",
        ),
        (
            ["--language", "english"],
            "--language: must be an ISO 639 code of two or three lowercase letters, such as en, "
            "received 'english'.",
        ),
        (
            ["--dataset", "me/books", "--dataset", "books"],
            "--dataset: must be USER/REPO, the name of a dataset on the Hub, received 'books'.",
        ),
        (
            ["--demo", "example.org"],
            "--demo: must be a URL of at most 2,000 characters that begins with https:// or "
            "http://, received 'example.org'.",
        ),
    ],
)
def test_a_wrong_statement_for_the_card_is_refused_at_once(
    given: list[str], error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--corpus", "x", *given])
    assert ended.value.code == 2
    assert capsys.readouterr() == ("", f"train.py: {error} See train.py --help.\n")
