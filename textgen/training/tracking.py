"""What is measured at each snapshot, for the programs by which people follow training."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from textgen.errors import ConfigError
from textgen.manifest.schema import Snapshot

PROJECT = "textgen"
_Log = Callable[[dict[str, float], int], None]


@contextlib.contextmanager
def _tensorboard(output: Path, resume: bool) -> Iterator[_Log]:
    from tensorboard.summary import Writer

    directory = output.with_name(f"{output.name}.tensorboard")
    if not resume:
        for old in directory.glob("events.out.tfevents.*"):  # of a run that is gone
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
    """Tells some trackers of each snapshot, from the first on.

    TensorBoard's files go into the directory `OUTPUT.tensorboard`, trackio's to where it keeps its
    own, under the project `PROJECT`; both call the run by the name of `output`. A run that is
    resumed is one run.

    Args:
        trackers: any of `TRACKERS`.
        output: the timeline's directory.
        resume: whether an earlier run's curve is gone on with.

    Raises:
        ConfigError: a tracker is unknown or not installed.
    """

    def __init__(self, trackers: Sequence[str], output: Path, *, resume: bool) -> None:
        if unknown := sorted(set(trackers) - set(TRACKERS)):
            raise ConfigError(f"Unknown trackers {unknown}; known are {list(TRACKERS)}.")
        for name in trackers:
            if importlib.util.find_spec(name) is None:
                raise ConfigError(
                    f"--track {name} needs a package that is not installed: pip install {name}"
                )
        self._output, self._resume = output.resolve(), resume
        self._log: dict[str, _Log | None] = dict.fromkeys(trackers)
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Tracking:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def log(self, snapshot: Snapshot) -> None:
        """Tell each tracker; one that fails is left out from then on, and training goes on."""
        measured = {
            "held-out nats": snapshot.val_loss,
            "held-out bits": snapshot.val_bits_per_char,
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
                print(f"{name} is told no more: {error}", file=sys.stderr)
