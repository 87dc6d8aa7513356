"""Commands that publish a timeline, and the app that shows it."""

from __future__ import annotations

import argparse
from pathlib import Path

from textgen.cli.arguments import Commands
from textgen.errors import TimelineError
from textgen.hub.spaces import ACCOUNT_HINT
from textgen.page.deploy import deploy
from textgen.timeline.timeline import Timeline


def add_push(commands: Commands) -> None:
    """Declare `push`."""
    push = commands.add_parser(
        "push",
        help="publish a timeline on the Hugging Face Hub",
        description="Publish a timeline on the Hugging Face Hub in one commit, with a model card. "
        "Log in first, with 'hf auth login' or the environment variable HF_TOKEN.",
    )
    push.add_argument("source", metavar="DIR", help="the timeline's directory")
    push.add_argument(
        "repo_id", metavar="USER/REPO", help="the repository; created if it does not exist"
    )
    push.add_argument(
        "--private",
        action="store_true",
        help="create the repository as private; stop if it exists and is public",
    )
    push.add_argument("--revision", metavar="BRANCH", help="branch to commit to (default: main)")
    push.add_argument("--create-pr", action="store_true", help="open a pull request instead")
    push.set_defaults(run=_push)


def _push(arguments: argparse.Namespace) -> None:
    directory = Path(arguments.source).expanduser()
    if not directory.is_dir():
        raise TimelineError(
            f"{arguments.source} is not a directory. Give the directory of a timeline, such as "
            "timelines/my-book."
        )
    timeline = Timeline.from_directory(directory)
    url = timeline.push_to_hub(
        arguments.repo_id,
        private=arguments.private or None,
        revision=arguments.revision,
        create_pr=arguments.create_pr,
    )
    print(f"Published: {url}")


def add_deploy(commands: Commands) -> None:
    """Declare `deploy`."""
    to_space = commands.add_parser(
        "deploy",
        help="put the app into a Hugging Face Space",
        description=f"Put the app into a Hugging Face Space, in one commit. {ACCOUNT_HINT}",
    )
    to_space.add_argument(
        "space_id", metavar="USER/SPACE", help="the Space; created if it does not exist"
    )
    to_space.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="USER/REPO",
        help="a timeline on the Hub to show, optionally USER/REPO@REVISION; repeat it for more "
        "(default: the timelines in pretrained/, which are uploaded with the app)",
    )
    to_space.add_argument(
        "--private",
        action="store_true",
        help="create the Space as private; stop if it exists and is public",
    )
    to_space.add_argument(
        "--hardware",
        metavar="FLAVOR",
        help="the Space's hardware by its name on the Hub, such as cpu-basic or zero-a10g "
        "(default: unchanged; for a new Space, the Hub's choice)",
    )
    to_space.add_argument(
        "--title",
        metavar="TEXT",
        help="the Space's title (default: 'Watch a network learn to write')",
    )
    to_space.set_defaults(run=_deploy)


def _deploy(arguments: argparse.Namespace) -> None:
    done = deploy(
        arguments.space_id,
        models=arguments.model,
        private=arguments.private,
        hardware=arguments.hardware,
        title=arguments.title,
    )
    print(f"Published: {done.commit}")
    for model in done.hidden:
        print(
            f"{model} is not public. Give the Space a token that can read it, as the secret "
            f"HF_TOKEN in {done.address}/settings"
        )
    print(f"The app will be ready in a few minutes: {done.address}")
