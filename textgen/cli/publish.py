"""Commands that publish: a timeline, and the app that shows it."""

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
    push = commands.add_parser("push", help="publish a timeline on the Hub", allow_abbrev=False)
    push.add_argument("source", metavar="DIR", help="the timeline's directory")
    push.add_argument("repo_id", metavar="USER/REPO", help="created where it is missing")
    push.add_argument(
        "--private",
        action="store_true",
        help="create the repository private; refuse one that is public",
    )
    push.add_argument("--revision", metavar="BRANCH", help="branch to commit to (default: main)")
    push.add_argument("--create-pr", action="store_true", help="open a pull request instead")
    push.set_defaults(run=_push)


def _push(arguments: argparse.Namespace) -> None:
    directory = Path(arguments.source).expanduser()
    if not directory.is_dir():
        raise TimelineError(f"{arguments.source} is not a directory.")
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
        help="put the page into a Space on the Hub",
        description=f"Put the page of this clone into a Hugging Face Space. {ACCOUNT_HINT}",
        allow_abbrev=False,
    )
    to_space.add_argument("space_id", metavar="USER/SPACE", help="created where it is missing")
    to_space.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="USER/REPO",
        help="a timeline on the Hub that the page shows, or USER/REPO@REVISION; give it again for "
        "more (default: the timelines in pretrained/, which go along)",
    )
    to_space.add_argument(
        "--private", action="store_true", help="create the Space private; refuse one that is public"
    )
    to_space.add_argument(
        "--hardware",
        metavar="FLAVOR",
        help="what the Space runs on, as the Hub calls it, cpu-basic or zero-a10g for example "
        "(default: what it has; for a new one, the Hub's choice)",
    )
    to_space.add_argument("--title", metavar="TEXT", help="of the Space (default: the README's)")
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
            f"{model} is not public: give the Space a token that may read it, as the secret "
            f"HF_TOKEN in {done.address}/settings"
        )
    print(f"In some minutes the page is at {done.address}")
