"""How long a statement may compute: a planted store can make one go on for ever."""

from __future__ import annotations

import time
from pathlib import Path

STATEMENT_SECONDS = 2.0
SECONDS_PER_BYTE = 5e-7
"""Of a processor, for a statement: some seconds, and more on a large store. An honest one takes a tenth of it."""
STEPS_BETWEEN_LOOKS = 10_000
"""Of SQLite's machine; they take some tenths of a millisecond."""


class Stopwatch:
    """Measures what the statements of one connection compute.

    Attributes:
      patience: How many times the usual they may take.
    """

    def __init__(self, path: Path) -> None:
        """Starts.

        Args:
          path: The store.
        """
        self.patience = 1
        self._path = path
        self._allowed = STATEMENT_SECONDS
        self._started = time.thread_time()

    def restart(self) -> None:
        """Starts the next statement."""
        self._started = time.thread_time()

    def is_over(self) -> bool:
        """Whether the statement has computed for too long."""
        spent = time.thread_time() - self._started
        if spent <= self._allowed * self.patience:
            return False
        # Looked up now: what an honest statement writes makes the store larger.
        self._allowed = STATEMENT_SECONDS + SECONDS_PER_BYTE * self._path.stat().st_size
        return spent > self._allowed * self.patience
