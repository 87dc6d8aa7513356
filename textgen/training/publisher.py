"""Publishing a timeline while it grows, in the background: late if need be, but all of it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

from textgen.errors import HubBusyError, HubError
from textgen.hub.commits import find_branch, open_branch
from textgen.manifest.schema import Snapshot
from textgen.timeline.publishing import publish
from textgen.timeline.timeline import Timeline

PATIENCE = 900.0  # seconds after training in which the Hub may get better
LONGEST_PAUSE = 60.0
LAST_TRIES = 3  # of what the Hub refuses, once training is over


class Publisher:
    """Brings what is in a timeline's directory to the Hub whenever it is told that it grew.

    One commit holds all that came since the one before, so snapshots arrive in their order, and a
    publisher that fell behind catches up with a single commit. Whatever goes wrong is tried again,
    with longer and longer pauses, or such as the Hub asks for; the training is never held up.

    Args:
        directory: the timeline's.
        repo_id: "user/name"; created where it is missing.
        private: see `Timeline.push_to_hub`.
        token: default the one `hf auth login` stored.
        on_message: is called, from a thread, with a line whenever there is a new reason to wait.
        patience: seconds after `finish` was called in which a Hub that fails is asked again.
    """

    def __init__(
        self,
        directory: Path,
        repo_id: str,
        *,
        private: bool | None = None,
        token: str | bool | None = None,
        on_message: Callable[[str], None] = lambda _: None,
        patience: float = PATIENCE,
    ) -> None:
        self._directory, self._repo_id = directory, repo_id
        self._private, self._token = private, token
        self._on_message, self._patience = on_message, patience
        self._changed = threading.Condition()
        self._wanted = self._done = 0  # times that there was something new, and that it was sent
        self._failures = 0  # in a row
        self._last_tries = LAST_TRIES
        self._opened = False  # whether the repository is there
        self._deadline: float | None = None  # None until the last snapshot is there
        self._published: tuple[Snapshot, ...] = ()
        self._url = ""
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._thread.start()

    @property
    def has_work(self) -> bool:
        """Whether there was ever something to publish."""
        return self._wanted > 0

    def notify(self) -> None:
        """Publish, soon, what the directory holds by then."""
        with self._changed:
            self._wanted += 1
            self._changed.notify()

    def finish(self) -> str:
        """Publish what is left, wait for it, and return where the timeline is.

        Raises:
            TimelineError: the directory holds no timeline.
            HubError: not all of it is published; which snapshots are missing, and why.
        """
        with self._changed:
            self._wanted += 1
            self._deadline = time.monotonic() + self._patience
            self._changed.notify()
        self._thread.join(self._patience + LONGEST_PAUSE)
        snapshots = Timeline.from_directory(self._directory).snapshots
        missing = [each.label for each in snapshots if each not in self._published]
        error = self._error
        if missing or error is not None:
            raise HubError(
                f"{len(missing)} of {len(snapshots)} snapshots are not on {self._repo_id}"
                + (f", of epochs {', '.join(missing)}: " if missing else ", but not all is: ")
                + str(error or "the Hub does not come to an end")
            ) from error
        return self._url

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted > self._done)
                wanted, last = self._wanted, self._deadline is not None
            try:
                self._publish()
            except Exception as error:  # whatever it is, the training goes on
                is_new = str(error) != str(self._error)
                self._error = error
                self._failures += 1
                if is_new:
                    with contextlib.suppress(Exception):
                        self._on_message(f"Not published yet: {error}")
                if not self._pause(error, wanted, last=last):
                    return
            else:
                self._done, self._failures, self._error = wanted, 0, None
                if last:
                    return

    def _pause(self, error: Exception, wanted: int, *, last: bool) -> bool:
        """Wait as long as an error asks for, and return whether to try again."""
        if not isinstance(error, HubBusyError):
            # It will not pass by itself, but a person may log in again, or mend the repository.
            if last:
                self._last_tries -= 1
                time.sleep(1.0)
                return self._last_tries > 0
            with self._changed:
                self._changed.wait_for(lambda: self._wanted > wanted)
            return True
        pause = max(error.retry_after, min(LONGEST_PAUSE, 2.0 ** min(self._failures - 1, 10)))
        until = time.monotonic() + pause
        with self._changed:
            while (left := until - time.monotonic()) > 0:
                if self._deadline is not None and until > self._deadline:
                    return False
                self._changed.wait(left)
        return True

    def _publish(self) -> None:
        timeline = Timeline.from_directory(self._directory)
        if timeline.snapshots == self._published:
            return
        for snapshot in timeline.snapshots:
            if snapshot not in self._published:
                timeline.generator(step=snapshot.step)  # raises where its file is damaged
        # Created once: a repository that somebody deletes meanwhile stays deleted.
        branch = find_branch if self._opened else open_branch
        head = branch(self._repo_id, private=self._private, token=self._token)
        self._opened = True
        self._url = publish(timeline.manifest, timeline.files(), head, token=self._token)
        self._published = timeline.snapshots
