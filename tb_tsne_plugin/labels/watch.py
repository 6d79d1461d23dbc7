"""Waiting for other people's edits: however many wait, the store is asked four times a second, by one of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

POLL_SECONDS = 0.25


class RevisionWatch:
    """What is known of a label column's revision, and everybody who waits for the next one."""

    def __init__(self, read: Callable[[], int]) -> None:
        """Knows nothing yet.

        Args:
          read: Asks the store. That sees every writer: this process, another TensorBoard, another machine.
        """
        self._read = read
        self._changed = threading.Condition()
        self._revision = -1
        self._next_look = 0.0

    def tell(self, revision: int) -> None:
        """Wakes everybody who waits, after an edit of this process."""
        with self._changed:
            self._revision = revision
            self._changed.notify_all()

    def wait(self, after: int, seconds: float) -> None:
        """Returns when the revision is not `after`, or when the time is over.

        Args:
          after: The revision that the caller has.
          seconds: How long to wait.

        Raises:
          LabelsBusy, LabelsNotStored: If the store cannot be read.
        """
        deadline = time.monotonic() + seconds
        while True:
            with self._changed:
                now = time.monotonic()
                if now < self._next_look:
                    if self._revision not in (after, -1) or now >= deadline:
                        return
                    self._changed.wait(min(deadline, self._next_look) - now)
                    continue
                self._next_look = now + POLL_SECONDS  # whoever comes next leaves the looking to us
            revision = self._read()
            if revision != self._revision:
                self.tell(revision)
            if revision != after or time.monotonic() >= deadline:
                return
