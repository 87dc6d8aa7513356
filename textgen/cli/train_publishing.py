"""How training publishes its timeline, and what it prints about that."""

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
    """Fail before the training, not after it, if publishing is impossible."""
    repo_id = arguments.push_to_hub
    if repo_id is None:
        if arguments.push_every_snapshot:
            raise ConfigError("--push-every-snapshot also needs --push-to-hub USER/REPO.")
        if arguments.private:
            raise ConfigError("--private also needs --push-to-hub USER/REPO.")
        return
    check_repo_id(repo_id)
    user = check_access()
    if not arguments.quiet:
        print(f"Logged in to the Hugging Face Hub as {user}.")


def open_repository(arguments: argparse.Namespace) -> None:
    """Check that snapshots can be published, and print what happens to an existing timeline."""
    repo_id = arguments.push_to_hub
    head = open_branch(repo_id, private=arguments.private or None)
    if arguments.quiet:
        return
    if MANIFEST in head.names and not arguments.resume:
        print(
            f"{repo_id} already has a timeline; this run replaces it, beginning with its first "
            "snapshot."
        )
    print(f"Each snapshot is published when it is saved:  {arguments.app} --model {repo_id}")


def new_publisher(arguments: argparse.Namespace, output: Path) -> Publisher:
    """Return the publisher of a run's timeline."""
    return Publisher(
        output,
        arguments.push_to_hub,
        private=arguments.private or None,
        on_message=lambda line: print(f"\n{line}", file=sys.stderr, flush=True),
    )


def publish_kept(publisher: Publisher | None, arguments: argparse.Namespace, output: Path) -> None:
    """If a run that ends early publishes each snapshot, publish what is left."""
    if publisher is not None and publisher.has_work:
        publish(publisher, arguments, output)


def publish(publisher: Publisher, arguments: argparse.Namespace, output: Path) -> int:
    """Publish what is left and return the exit status; print what is missing, and the remedy."""
    repo_id = arguments.push_to_hub
    if not arguments.quiet:
        print(
            f"Publishing to {repo_id} …  (retries for {PATIENCE / 60:.0f} minutes if the Hub "
            "fails; Ctrl-C stops, and prints the command that finishes the upload)",
            flush=True,
        )
    try:
        url = publisher.finish()
    except (TextGenError, KeyboardInterrupt) as error:
        reason = str(error) or "interrupted"
        private = " --private" if arguments.private else ""
        print(
            f"Not published: {reason}\nThe timeline is in {output}. Publish it with:  "
            f"python -m textgen push {shlex.quote(str(output))} {repo_id}{private}",
            file=sys.stderr,
        )
        return 1
    print(f"Published: {url}\nWatch it learn:  {arguments.app} --model {repo_id}")
    return 0
