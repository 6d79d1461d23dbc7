"""Finds out how many threads an epoch is fastest with, now and again.

Alone on the machine, all cores are. Beside a browser that draws in software, two threads that wait for each other at
the end of every loop are many times slower than one that waits for nobody: whoever comes first spins until the other
gets its turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

TRIAL_SECONDS = 0.05
TRIAL_EPOCHS = 3
SECONDS_BETWEEN_TRIALS = 2.0


class ThreadChoice:
    """Runs epochs, with the number of threads that last proved fastest."""

    def __init__(
        self, options: Sequence[int], use: Callable[[int], None], clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """Begins with a trial of every option.

        Args:
          options: Numbers of threads to choose from.
          use: Sets the number of threads.
          clock: Seconds.
        """
        self._options = options
        self._use = use
        self._clock = clock
        self._rates: list[float] = []
        self._epochs = 0
        self._began = 0.0
        self._next_trial = 0.0
        self._trying = False

    def run(self, epoch: Callable[[], None]) -> None:
        """Makes one epoch.

        Args:
          epoch: What to run.
        """
        if not self._trying and len(self._options) > 1 and self._clock() >= self._next_trial:
            self._trying, self._rates = True, []
            self._begin()
        epoch()
        if self._trying:
            self._count()

    def _begin(self) -> None:
        self._use(self._options[len(self._rates)])
        self._epochs, self._began = 0, self._clock()

    def _count(self) -> None:
        self._epochs += 1
        elapsed = self._clock() - self._began
        if elapsed < TRIAL_SECONDS or self._epochs < TRIAL_EPOCHS:
            return
        self._rates.append(self._epochs / elapsed)
        if len(self._rates) < len(self._options):
            self._begin()
            return
        self._use(self._options[self._rates.index(max(self._rates))])
        self._trying = False
        self._next_trial = self._clock() + SECONDS_BETWEEN_TRIALS
