"""Train a character LSTM on a text and publish it as a timeline.

python train.py --corpus nietzsche
python train.py --corpus my-book.txt --push-to-hub USER/my-book
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

# NumPy only measures and writes samples here: threads of its own would fight the training's, and on
# a busy machine wait for one another eighty times longer than they work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from textgen import TextGenError, Timeline, read_corpus
from textgen.cli.console import accept_any_character, printable
from textgen.errors import ConfigError, TrainingError
from textgen.hub import commits as upload
from textgen.hub import source as hub
from textgen.manifest.paths import MANIFEST
from textgen.manifest.schema import Snapshot
from textgen.text.corpus import BUILTIN_CORPORA, Corpus, slug
from textgen.training.output import check_output_free
from textgen.training.publisher import PATIENCE, Publisher
from textgen.training.recipes import RECIPES, SETTINGS, Recipe, get_recipe
from textgen.training.tracking import TRACKERS, Tracking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INTERRUPTED = 130  # the shell's exit status for Ctrl-C


def build_parser() -> argparse.ArgumentParser:
    """Return the command line's parser; every recipe setting is a flag with its own help."""
    parser = argparse.ArgumentParser(
        prog="train.py",
        description="Train a character LSTM on a text. The result is a timeline: the model's\n"
        "weights at many points of training, with measurements and samples.",
        epilog="recipes:\n" + "\n".join(f"  {r.name:19}{r.summary}" for r in RECIPES.values()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--corpus",
        required=True,
        metavar="TEXT",
        help="what to learn from: a text file, a directory of .txt files, a URL, - for standard "
        f"input, or one of {', '.join(BUILTIN_CORPORA)} (downloaded once)",
    )
    parser.add_argument(
        "--text-encoding", default="utf-8", help="of the text's bytes (default: %(default)s)"
    )
    parser.add_argument(
        "--recipe",
        metavar="NAME",
        help="settings to start from, listed below (default: the one named like a built-in corpus, "
        "else 'default')",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="the timeline's directory, new or empty (default: timelines/NAME)",
    )
    parser.add_argument("--name", help="the timeline's name (default: the corpus's)")
    parser.add_argument(
        "--seed-text",
        metavar="TEXT",
        help="what every sample starts from (default: a sentence's start in the held-out text)",
    )
    parser.add_argument(
        "--init-from",
        metavar="PATH_OR_REPO",
        help="go on from the best snapshot of this timeline, a directory or USER/REPO on the Hub: "
        "its characters, preparation and model take the place of the recipe's",
    )
    parser.add_argument(
        "--devices",
        type=int,
        default=1,
        metavar="N",
        help="GPUs to share every batch out to; more than one with KERAS_BACKEND=jax only "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with an interrupted run of the same settings"
    )
    parser.add_argument(
        "--no-corpus-index",
        dest="corpus_index",
        action="store_false",
        help="leave out the index by which copies and words of the corpus are known; whoever has "
        "it can find out the rest from one line of the corpus, and whether any word is there, so "
        "leave it out where it is secret (over four million characters get none)",
    )
    parser.add_argument(
        "--track",
        action="append",
        default=[],
        choices=TRACKERS,
        help="also tell this program what is measured, where it is installed; may be repeated",
    )
    hub_group = parser.add_argument_group("publishing")
    hub_group.add_argument(
        "--push-to-hub",
        metavar="USER/REPO",
        help="publish the finished timeline on the Hugging Face Hub; log in with 'hf auth login'",
    )
    hub_group.add_argument(
        "--push-every-snapshot",
        action="store_true",
        help="publish from the first snapshot on, each as it comes, in the background, in place of "
        "a timeline that is there: others can watch the model learn; what the Hub does not take at "
        "once is tried again",
    )
    hub_group.add_argument(
        "--private",
        action="store_true",
        help="create the repository private; refuse one that is public",
    )
    for part, settings in SETTINGS.items():
        group = parser.add_argument_group(f"{part} settings, in place of the recipe's")
        for name, item in settings.items():
            group.add_argument(f"--{name.replace('_', '-')}", **_flag(part, item), default=None)
    return parser


def _flag(part: str, item: Any) -> dict[str, Any]:
    """Return argparse's arguments for one setting, from the field that declares it."""
    recipe = RECIPES["default"]
    parts = {"model": recipe.model_config(vocab_size=2), "training": recipe.training}
    default = getattr(parts.get(part, recipe.preparation), item.name)
    default = " ".join(map(str, default)) if isinstance(default, tuple) else default
    help = f"{item.metadata['help']} (default recipe: {default})".replace("%", "%%")
    if "bool" in item.type:
        return {"action": argparse.BooleanOptionalAction, "help": help}
    if choices := item.metadata.get("choices"):
        return {"choices": choices, "help": help}
    kind = int if "int" in item.type else float
    if "tuple" in item.type:
        return {"type": kind, "nargs": "+", "metavar": "N", "help": help}
    return {"type": kind, "metavar": "N" if kind is int else "X", "help": help}


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    accept_any_character()
    arguments = build_parser().parse_args(argv)
    command = shlex.join(["python", "train.py", *(sys.argv[1:] if argv is None else argv)])
    try:
        return _run(arguments, command)
    except TextGenError as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted before training began.", file=sys.stderr)
        return INTERRUPTED


def _run(arguments: argparse.Namespace, command: str) -> int:
    recipe = _recipe(arguments)
    init_from = _origin(arguments)
    _check_hub(arguments)
    corpus = read_corpus(
        arguments.corpus, encoding=arguments.text_encoding, progress=_download_bar()
    )
    output = arguments.output or Path("timelines") / slug(arguments.name or corpus.name)
    if not arguments.resume:
        check_output_free(output)
    tracking = Tracking(arguments.track, output, resume=arguments.resume)
    print(f"Read {corpus.source}: {corpus.characters:,} characters. Recipe {recipe.name}.")
    publisher = None
    if arguments.push_every_snapshot:
        _open_repository(arguments)
        publisher = _publisher(arguments, output)
    try:
        timeline = _train(arguments, corpus, recipe, output, init_from, tracking, publisher)
    except KeyboardInterrupt:
        print(f"\nInterrupted. {_kept(output)}\nGo on with:  {_resumed(command)}", file=sys.stderr)
        _publish_kept(publisher, arguments, output)
        return INTERRUPTED
    except BaseException:
        _publish_kept(publisher, arguments, output)
        raise
    best = timeline.best
    print(
        f"\n{output}: {len(timeline.snapshots)} snapshots, best {best.val_loss:.4f} nats "
        f"({best.val_bits_per_char:.3f} bits) per held-out character at epoch {best.label}."
    )
    if arguments.push_to_hub:
        return _publish(publisher or _publisher(arguments, output), arguments, output)
    print(f"Watch it learn:  python app.py --model {shlex.quote(str(output))}")
    return 0


def _check_hub(arguments: argparse.Namespace) -> None:
    """Fail now rather than after training where nothing could be published."""
    repo_id = arguments.push_to_hub
    if repo_id is None:
        if arguments.push_every_snapshot:
            raise ConfigError("--push-every-snapshot needs --push-to-hub USER/REPO to push to.")
        return
    hub.check_repo_id(repo_id)
    print(f"Logged in to the Hugging Face Hub as {hub.check_access()}.")


def _open_repository(arguments: argparse.Namespace) -> None:
    """See now whether every snapshot can be published, and say what becomes of what is there."""
    repo_id = arguments.push_to_hub
    head = upload.open_branch(repo_id, private=arguments.private or None)
    if MANIFEST in head.names and not arguments.resume:
        print(
            f"{repo_id} holds a timeline; this run's takes its place, from its first snapshot on."
        )
    print(f"Every snapshot is published as it comes:  python app.py --model {repo_id}")


def _publisher(arguments: argparse.Namespace, output: Path) -> Publisher:
    return Publisher(
        output,
        arguments.push_to_hub,
        private=arguments.private or None,
        on_message=lambda line: print(f"\n{line}", file=sys.stderr, flush=True),
    )


def _recipe(arguments: argparse.Namespace) -> Recipe:
    name = arguments.recipe
    if name is None:
        is_named = arguments.corpus in BUILTIN_CORPORA and arguments.corpus in RECIPES
        name = arguments.corpus if is_named else "default"
    given = {
        name: value
        for settings in SETTINGS.values()
        for name in settings
        if (value := getattr(arguments, name)) is not None
    }
    return get_recipe(name).override(**given)


def _origin(arguments: argparse.Namespace) -> Timeline | None:
    """Return the timeline to go on from, None for a model of its own."""
    if arguments.init_from is None:
        return None
    for part in ("preparation", "model"):
        for name in SETTINGS[part]:
            if getattr(arguments, name) is not None:
                raise ConfigError(
                    f"--{name.replace('_', '-')} cannot be chosen with --init-from, whose model is "
                    "what it is. Leave one of them out."
                )
    timeline = Timeline.from_pretrained(arguments.init_from)
    print(f"Going on from {timeline.name}, epoch {timeline.best.label}.")
    return timeline


def _train(
    arguments: argparse.Namespace,
    corpus: Corpus,
    recipe: Recipe,
    output: Path,
    init_from: Timeline | None,
    tracking: Tracking,
    publisher: Publisher | None,
) -> Timeline:
    print("Starting Keras …", flush=True)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's warnings are about itself
    try:
        with _greetings_held_back():
            from textgen.training.hardware import device_name  # imports a backend, in seconds
            from textgen.training.run import train

            device = device_name(arguments.devices)
    except ModuleNotFoundError as error:
        raise TrainingError(
            f"Keras' backend cannot be loaded: {error}. Install it, or set KERAS_BACKEND to "
            "tensorflow, jax or torch, whichever is installed."
        ) from error
    announce = _announcer(recipe.training.epochs)
    with tracking:

        def follow(snapshot: Snapshot) -> None:
            announce(snapshot)
            tracking.log(snapshot)
            if publisher is not None:
                publisher.notify()

        print(f"Training on {device}; Ctrl-C stops, and nothing is lost.", flush=True)
        return train(
            corpus,
            recipe,
            output=output,
            name=arguments.name,
            seed_text=arguments.seed_text,
            corpus_index=arguments.corpus_index,
            init_from=init_from,
            devices=arguments.devices,
            resume=arguments.resume,
            on_snapshot=follow,
        )


@contextlib.contextmanager
def _greetings_held_back() -> Iterator[None]:
    """Keep what a backend prints as it starts off the terminal, unless it fails to.

    TensorFlow's native code greets, and complains where there is no GPU, whatever it is told; the
    device that is printed next says what matters of it.
    """
    kept = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        except Exception:
            file.seek(0)
            os.write(kept, file.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def _announcer(epochs: int) -> Callable[[Snapshot], None]:
    """Return a callback that prints each snapshot: its losses, the time left, its samples."""

    def announce(snapshot: Snapshot) -> None:
        left = 0.0
        if snapshot.epoch >= 0.1:  # before, most of the time went into the backend's start
            left = snapshot.seconds / snapshot.epoch * (epochs - snapshot.epoch)
        loss = "" if snapshot.loss is None else f"training {snapshot.loss:.4f}, "
        print(
            f"\n── epoch {snapshot.label} · step {snapshot.step:,} · {loss}held-out "
            f"{snapshot.val_loss:.4f} nats, {snapshot.val_bits_per_char:.3f} bits per character"
            f" · {_clock(snapshot.seconds)} trained"
            + (f", about {_clock(left)} to go" if left >= 1 else "")
        )
        for temperature, text in snapshot.samples.items():
            print(f"  temperature {temperature}: {printable(' '.join(text.split()))}")
        print(flush=True)

    return announce


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes}:{rest:02} min"


def _kept(output: Path) -> str:
    try:
        snapshots = Timeline.from_directory(output).snapshots
    except TextGenError:
        return "No snapshot was finished yet."
    return f"{output} is a valid timeline up to epoch {snapshots[-1].label}."


def _resumed(command: str) -> str:
    return command if "--resume" in command.split() else f"{command} --resume"


def _publish_kept(publisher: Publisher | None, arguments: argparse.Namespace, output: Path) -> None:
    """Let a run that ends early publish what it has, if it publishes as it goes."""
    if publisher is not None and publisher.has_work:
        _publish(publisher, arguments, output)


def _publish(publisher: Publisher, arguments: argparse.Namespace, output: Path) -> int:
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
    print(f"Published: {url}\nWatch it learn:  python app.py --model {repo_id}")
    return 0


def _download_bar() -> Callable[[int, int | None], None]:
    """Return a progress callback that keeps one line of a terminal up to date."""

    def show(received: int, total: int | None) -> None:
        if sys.stderr.isatty():
            of = f" of {total:,}" if total else ""
            end = "\n" if received == total else ""
            print(f"\rDownloading: {received:,}{of} bytes", end=end, file=sys.stderr, flush=True)

    return show


if __name__ == "__main__":
    sys.exit(main())
