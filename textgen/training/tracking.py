"""Logs each snapshot's losses to experiment trackers: TensorBoard, trackio."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from textgen.errors import ConfigError
from textgen.manifest.records import Snapshot

PROJECT = "textgen"
_Log = Callable[[dict[str, float], int], None]


@contextlib.contextmanager
def _tensorboard(output: Path, resume: bool) -> Iterator[_Log]:
    from tensorboard.summary import Writer

    directory = output.with_name(f"{output.name}.tensorboard")
    if not resume:
        for old in directory.glob("events.out.tfevents.*"):  # of an earlier run
            old.unlink()
    writer = Writer(str(directory))

    def log(measured: dict[str, float], step: int) -> None:
        for name, value in measured.items():
            writer.add_scalar(name, value, step)
        writer.flush()

    try:
        yield log
    finally:
        writer.close()


@contextlib.contextmanager
def _trackio(output: Path, resume: bool) -> Iterator[_Log]:
    import trackio

    kept = "allow" if resume else "never"
    trackio.init(project=PROJECT, name=output.name, resume=kept, embed=False)
    try:
        yield trackio.log
    finally:
        trackio.finish()


_BEGIN = {"tensorboard": _tensorboard, "trackio": _trackio}
TRACKERS = tuple(_BEGIN)


class Tracking:
    """Logs every snapshot to the given trackers.

    TensorBoard's files go into the directory `OUTPUT.tensorboard`. trackio saves its data in its
    own directory, in the project `PROJECT`. Both name the run after `output`. A resumed run
    continues the earlier run's curves.

    Args:
        trackers: any of `TRACKERS`.
        output: the timeline's directory.
        resume: whether to continue the curves of an earlier run.

    Raises:
        ConfigError: a tracker is unknown or not installed.
    """

    def __init__(self, trackers: Sequence[str], output: Path, *, resume: bool) -> None:
        if unknown := sorted(set(trackers) - set(TRACKERS)):
            raise ConfigError(f"Unknown trackers {unknown}. Choose from: {list(TRACKERS)}.")
        for name in trackers:
            if importlib.util.find_spec(name) is None:
                raise ConfigError(
                    f"--track {name} needs the package {name}, which is not installed. Install it "
                    f"with: pip install {name}"
                )
        self._output, self._resume = output.resolve(), resume
        self._log: dict[str, _Log | None] = dict.fromkeys(trackers)
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Tracking:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def log(self, snapshot: Snapshot) -> None:
        """Log a snapshot to each tracker. If one fails, stop using it; training continues."""
        measured = {
            "validation nats": snapshot.val_loss,
            "validation bits": snapshot.val_bits_per_char,
            "epoch": snapshot.epoch,
            "seconds": snapshot.seconds,
        }
        if snapshot.loss is not None:
            measured["training nats"] = snapshot.loss
        for name, log in [*self._log.items()]:
            try:
                if log is None:
                    beginning = _BEGIN[name](self._output, self._resume)
                    log = self._open.enter_context(beginning)
                    self._log[name] = log
                log(measured, snapshot.step)
            except Exception as error:
                del self._log[name]
                print(f"Logging to {name} failed and was stopped: {error}", file=sys.stderr)
