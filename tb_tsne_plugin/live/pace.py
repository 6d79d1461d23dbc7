"""How fast epochs follow each other: held to a limit, and measured."""

from __future__ import annotations

import time
from collections import deque

LONGEST_WAIT = 0.25
"""Seconds: commands are handled between two epochs, and must not wait for a slow one."""


class SpeedLimit:
    """Lets one epoch after the other come no sooner than a limit allows."""

    def __init__(self) -> None:
        """Starts with the first epoch due."""
        self._due = 0.0

    def wait(self, epochs_per_second: float | None) -> None:
        """Waits until the next epoch is due; None for no limit."""
        if epochs_per_second is None:
            return
        time.sleep(max(0.0, min(self._due - time.monotonic(), LONGEST_WAIT)))
        self._due = max(self._due, time.monotonic() - LONGEST_WAIT) + 1.0 / epochs_per_second


class Speedometer:
    """Measures over the last few times that it was told."""

    def __init__(self) -> None:
        """Starts at rest."""
        self._seen: deque[tuple[float, int]] = deque(maxlen=8)

    def stop(self) -> None:
        """It rests now."""
        self._seen.clear()

    def at(self, epoch: int) -> float:
        """Takes note of the epoch reached by now.

        Returns:
          Epochs a second; 0 the first time since it rested or began anew.
        """
        if self._seen and epoch < self._seen[-1][1]:
            self._seen.clear()
        self._seen.append((time.monotonic(), epoch))
        (then, first), (now, last) = self._seen[0], self._seen[-1]
        return (last - first) / max(now - then, 1e-9)
