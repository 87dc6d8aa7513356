"""What training publishes, and what is said of it."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from textgen.errors import ConfigError, TextGenError
from textgen.hub.client import check_access, check_repo_id
from textgen.hub.commits import open_branch
from textgen.manifest.paths import MANIFEST
from textgen.training.publisher import PATIENCE, Publisher


def check_hub(arguments: argparse.Namespace) -> None:
    """Fail now rather than after training where nothing could be published."""
    repo_id = arguments.push_to_hub
    if repo_id is None:
        if arguments.push_every_snapshot:
            raise ConfigError("--push-every-snapshot needs --push-to-hub USER/REPO to push to.")
        return
    check_repo_id(repo_id)
    print(f"Logged in to the Hugging Face Hub as {check_access()}.")


def open_repository(arguments: argparse.Namespace) -> None:
    """See now whether every snapshot can be published, and say what becomes of what is there."""
    repo_id = arguments.push_to_hub
    head = open_branch(repo_id, private=arguments.private or None)
    if MANIFEST in head.names and not arguments.resume:
        print(
            f"{repo_id} holds a timeline; this run's takes its place, from its first snapshot on."
        )
    print(f"Every snapshot is published as it comes:  {arguments.app} --model {repo_id}")


def new_publisher(arguments: argparse.Namespace, output: Path) -> Publisher:
    """Return what publishes the timeline of a run."""
    return Publisher(
        output,
        arguments.push_to_hub,
        private=arguments.private or None,
        on_message=lambda line: print(f"\n{line}", file=sys.stderr, flush=True),
    )


def publish_kept(publisher: Publisher | None, arguments: argparse.Namespace, output: Path) -> None:
    """Let a run that ends early publish what it has, if it publishes as it goes."""
    if publisher is not None and publisher.has_work:
        publish(publisher, arguments, output)


def publish(publisher: Publisher, arguments: argparse.Namespace, output: Path) -> int:
    """Publish what is left and return the exit status; what is missing, and its remedy, is said."""
    repo_id = arguments.push_to_hub
    print(
        f"Publishing to {repo_id} …  (Ctrl-C leaves it, and tells how to publish the rest later; a "
        f"Hub that fails is asked again for {PATIENCE / 60:.0f} minutes)",
        flush=True,
    )
    try:
        url = publisher.finish()
    except (TextGenError, KeyboardInterrupt) as error:
        reason = str(error) or "interrupted"
        private = " --private" if arguments.private else ""
        print(
            f"train.py: not published: {reason}\nThe timeline is in {output}. Publish it "
            f"with:  python -m textgen push {shlex.quote(str(output))} {repo_id}{private}",
            file=sys.stderr,
        )
        return 1
    print(f"Published: {url}\nWatch it learn:  {arguments.app} --model {repo_id}")
    return 0
