"""What training prints while it runs: one line and one sample for each snapshot."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from textgen.cli.console import printable
from textgen.errors import TextGenError
from textgen.manifest.records import Snapshot
from textgen.manifest.rungs import beats, rungs
from textgen.manifest.schema import Manifest
from textgen.timeline.timeline import Timeline
from textgen.training.recipes import Recipe

SAMPLE_TEMPERATURE = "0.5"  # of the one sample that is shown without --samples
PROMPT_SHOWN, SAMPLE_SHOWN = 24, 64  # characters on the sample's line
HEADINGS = (
    f"{'epoch':>7} {'training':>9} {'validation':>10} {'bits/char':>9} {'time':>7} {'left':>7}"
)


class Reporter:
    """Prints the progress of one training run.

    Args:
        output: the timeline's directory.
        recipe: the run's recipe.
        samples: print all samples of each snapshot in full, instead of one short sample.
        quiet: print nothing but the result.
    """

    def __init__(self, output: Path, recipe: Recipe, *, samples: bool, quiet: bool) -> None:
        self.output = output
        self._recipe, self._samples, self._quiet = recipe, samples, quiet
        self._prompt = self._heading = ""

    def say(self, line: str) -> None:
        """Print a line, unless quiet."""
        if not self._quiet:
            print(line, flush=True)

    def start(self, device: str) -> None:
        """Prepare the lines above the first snapshot, which name the device and the columns."""
        recipe, epochs = self._recipe, self._recipe.training.epochs
        self._heading = (
            f"Training with the recipe {recipe.name} for {epochs} epoch{'' if epochs == 1 else 's'}"
            f" on {device}. Ctrl-C stops it; finished snapshots are kept.\n\n{HEADINGS}"
        )

    def snapshot(self, snapshot: Snapshot) -> None:
        """Print a snapshot: losses in nats per character, the time spent, the time left, a sample.

        The time left is for the whole run, and unknown until a tenth of an epoch is done: the
        first steps also start the backend.
        """
        if self._quiet:
            return
        if self._heading:  # printed this late because training may still refuse the settings
            print(self._heading)
            self._heading = ""
        loss = "" if snapshot.loss is None else f"{snapshot.loss:.4f}"
        remaining = self._recipe.training.epochs - snapshot.epoch
        left = ""
        if snapshot.epoch >= 0.1 and remaining > 0:
            left = clock(snapshot.seconds / snapshot.epoch * remaining)
        print(
            f"{snapshot.label:>7} {loss:>9} {snapshot.val_loss:>10.4f} "
            f"{snapshot.val_bits_per_char:>9.3f} {clock(snapshot.seconds):>7} {left:>7}".rstrip()
        )
        prompt = self._prompt_of_samples()
        if self._samples:
            for temperature, text in snapshot.samples.items():
                print(f"\n  temperature {temperature}: {one_line(prompt + text)}")
            print(flush=True)
        else:
            text = snapshot.samples[SAMPLE_TEMPERATURE]
            print(f"        {_end(one_line(prompt))} → {one_line(text)[:SAMPLE_SHOWN]}", flush=True)

    def finish(self, timeline: Timeline) -> None:
        """Print the result."""
        best, last = timeline.best, timeline.snapshots[-1]
        self.say("")
        print(
            f"Saved {len(timeline.snapshots)} snapshots in {self.output} after "
            f"{clock(last.seconds)} of training. The best is epoch {best.label}, with a validation "
            f"loss of {best.val_loss:.4f} nats per character ({best.val_bits_per_char:.3f} bits)."
            f"{compared(timeline.manifest)}"
        )

    def _prompt_of_samples(self) -> str:
        if not self._prompt:  # chosen by the run, and then the same for all snapshots
            manifest = Timeline.from_directory(self.output).manifest
            self._prompt = manifest.sample_settings.seed_text
        return self._prompt


def compared(manifest: Manifest) -> str:
    """Return a sentence on which counting models the best snapshot beats; empty without any."""
    if not manifest.ngrams:
        return ""
    best = min(manifest.ngrams, key=lambda result: result.val_loss)
    strongest = f"the {best.order}-gram ({best.val_loss:.4f}, counted in {best.seconds:.1f} s)"
    beaten = [one for one in rungs(manifest) if beats(manifest.best, one)]
    if beats(manifest.best, best):
        return f" It predicts better than the best counting model, {strongest}."
    less = f" It does not yet predict better than the best counting model, {strongest}"
    if not beaten:
        return f"{less}, or any other."
    return f"{less}, but better than the {beaten[-1].order}-gram ({beaten[-1].val_loss:.4f})."


def _end(prompt: str) -> str:
    """Return the last words of a prompt."""
    if len(prompt) <= PROMPT_SHOWN:
        return prompt
    _, _, words = prompt[-PROMPT_SHOWN:].partition(" ")
    return f"…{words or prompt[-PROMPT_SHOWN:]}"


def one_line(text: str) -> str:
    """Return a text on one line, without what could steer a terminal."""
    return printable(" ".join(text.split()))


def clock(seconds: float) -> str:
    """Return a duration as people read it: "0:07", "12:30", "1:02:03".

    Example:
        >>> clock(7), clock(3723)
        ('0:07', '1:02:03')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def what_is_kept(output: Path) -> str:
    """Return in words what an interrupted run leaves behind."""
    try:
        snapshots = Timeline.from_directory(output).snapshots
    except TextGenError:
        return "No snapshot was finished yet."
    return f"{output} contains all snapshots up to epoch {snapshots[-1].label}."


def download_bar() -> Callable[[int, int | None], None]:
    """Return a progress callback that keeps one line of a terminal up to date."""

    def show(received: int, total: int | None) -> None:
        if sys.stderr.isatty():
            of = f" of {total:,}" if total else ""
            end = "\n" if received == total else ""
            print(f"\rDownloading: {received:,}{of} bytes", end=end, file=sys.stderr, flush=True)

    return show
