"""How long a statement may compute: a planted store can make one go on for ever."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

STATEMENT_SECONDS = 2.0
SECONDS_PER_BYTE = 5e-7
"""Of a processor, for a statement: some seconds, and more for what a large store really takes on the disk (its size
may be far more). An honest statement takes a tenth of it."""
MOST_SECONDS = 60.0
"""Whatever the size, and however patient the caller."""
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
        if spent <= self._allowed:
            return False
        # Looked up now: what an honest statement writes makes the store larger.
        usual = STATEMENT_SECONDS + SECONDS_PER_BYTE * bytes_on_disk(self._path.stat())
        self._allowed = min(usual * self.patience, MOST_SECONDS)
        return spent > self._allowed


def bytes_on_disk(found: os.stat_result) -> int:
    """What a file really takes: less than its size where it has holes."""
    return min(found.st_size, found.st_blocks * 512)


def restart_at_statements(engine: Engine) -> None:
    """Restarts the stopwatch of an engine's connections at each of their statements."""

    @event.listens_for(engine, "before_cursor_execute")
    def _restart(connection: Any, *_statement: Any) -> None:
        connection.connection.driver_connection.stopwatch.restart()
