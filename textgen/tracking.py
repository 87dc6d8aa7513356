"""What is measured at each snapshot, for the programs by which people follow training."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from textgen.errors import ConfigError
from textgen.manifest import Snapshot

TRACKERS = ("tensorboard", "trackio")
PROJECT = "textgen"


@contextlib.contextmanager
def tracked(trackers: Sequence[str], output: Path) -> Iterator[Callable[[Snapshot], None]]:
    """Give a function that tells each of some trackers of a snapshot.

    TensorBoard's files go into the directory `OUTPUT.tensorboard`, trackio's to where it keeps its
    own, under the project `PROJECT`; both call the run by the name of `output`. A run that is
    resumed is one run.

    Raises:
        ConfigError: a tracker is unknown or not installed.
    """
    begin = {"tensorboard": _tensorboard, "trackio": _trackio}
    if unknown := sorted(set(trackers) - set(TRACKERS)):
        raise ConfigError(f"Unknown trackers {unknown}; known are {list(TRACKERS)}.")
    with contextlib.ExitStack() as stack:
        tell = [stack.enter_context(begin[name](output)) for name in trackers]

        def tell_all(snapshot: Snapshot) -> None:
            measured = {"held-out nats": snapshot.val_loss}
            measured["held-out bits"] = snapshot.val_bits_per_char
            measured["epoch"] = snapshot.epoch
            measured["seconds"] = snapshot.seconds
            if snapshot.loss is not None:
                measured["training nats"] = snapshot.loss
            for one in tell:
                one(measured, snapshot.step)

        yield tell_all


@contextlib.contextmanager
def _tensorboard(output: Path) -> Iterator[Callable[[dict[str, float], int], None]]:
    writer = _installed("tensorboard.summary").Writer(f"{output}.tensorboard")

    def tell(measured: dict[str, float], step: int) -> None:
        for name, value in measured.items():
            writer.add_scalar(name, value, step)
        writer.flush()

    try:
        yield tell
    finally:
        writer.close()


@contextlib.contextmanager
def _trackio(output: Path) -> Iterator[Callable[[dict[str, float], int], None]]:
    trackio = _installed("trackio")
    trackio.init(project=PROJECT, name=output.resolve().name, resume="allow", embed=False)
    try:
        yield trackio.log
    finally:
        trackio.finish()


def _installed(module: str) -> Any:
    package = module.partition(".")[0]
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ConfigError(
            f"--track {package} needs a package that is not installed: pip install {package}"
        ) from error
