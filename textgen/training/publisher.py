"""Publishes a growing timeline in the background, with retries."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

from textgen.errors import HubBusyError, HubError
from textgen.hub.commits import find_branch, open_branch
from textgen.manifest.records import Snapshot
from textgen.timeline.publishing import publish
from textgen.timeline.timeline import Timeline

PATIENCE = 900.0  # seconds after training during which failed uploads are retried
LONGEST_PAUSE = 60.0  # seconds between two retries, unless the Hub asks for more
LAST_TRIES = 3  # after training, for errors that do not pass by themselves


class Publisher:
    """Uploads a timeline's directory to the Hub in a background thread after every `notify`.

    Each commit contains everything new since the last one. So snapshots arrive in order, and a
    publisher that fell behind catches up with a single commit. Errors never block training: the
    upload is retried, after longer and longer pauses or after the pause that the Hub asks for.

    Args:
        directory: the timeline's directory.
        repo_id: "user/name"; created if it does not exist.
        private: see `Timeline.push_to_hub`.
        token: default: the one that `hf auth login` stored.
        on_message: called from the thread with one line whenever there is a new reason to wait.
        patience: seconds after the call of `finish` during which failed uploads are retried.
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
        self._wanted = self._done = 0  # requests to publish; how many of them are done
        self._failures = 0  # in a row
        self._last_tries = LAST_TRIES
        self._opened = False  # whether the repository exists
        self._deadline: float | None = None  # set by `finish`
        self._published: tuple[Snapshot, ...] = ()
        self._url = ""
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._thread.start()

    @property
    def has_work(self) -> bool:
        """Whether there has been anything to publish."""
        return self._wanted > 0

    def notify(self) -> None:
        """Publish the directory soon, as it is by then. Returns at once."""
        with self._changed:
            self._wanted += 1
            self._changed.notify()

    def finish(self) -> str:
        """Publish what is left, wait until it is done, and return the URL of the last commit.

        Raises:
            TimelineError: the directory contains no timeline.
            HubError: not everything is published; the message names the missing snapshots and the
                reason.
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
            what = (
                f"{len(missing)} of {len(snapshots)} snapshots are missing from {self._repo_id} "
                f"(epochs {', '.join(missing)})"
                if missing
                else f"All snapshots are on {self._repo_id}, but the last upload failed"
            )
            raise HubError(f"{what}: {error or 'the Hub did not finish in time'}") from error
        return self._url

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted > self._done)
                wanted, last = self._wanted, self._deadline is not None
            try:
                self._publish()
            except Exception as error:  # training goes on, whatever the error is
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
        """Wait before the next try, and return whether there should be one.

        Args:
            error: why the last try failed; the Hub may ask for a pause in it.
            wanted: requests to publish when that try began.
            last: whether training is over.
        """
        if not isinstance(error, HubBusyError):
            # This does not pass by itself, but the user may log in again or fix the repository.
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
                timeline.generator(step=snapshot.step)  # raises an error if its file is damaged
        # Created only once: a repository that is deleted during training stays deleted.
        branch = find_branch if self._opened else open_branch
        head = branch(self._repo_id, private=self._private, token=self._token)
        self._opened = True
        self._url = publish(timeline.manifest, timeline.files(), head, token=self._token)
        self._published = timeline.snapshots
