"""Guidance beside the running t-SNE: a thread of the worker that looks at the newest state while guidance is wanted.

Its kernels are serial (numba's threads have one caller, the t-SNE) and run without Python's lock, so an epoch waits for
it no longer than it takes to copy positions.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.guide import Guide
from tb_tsne_plugin.guidance.looks import Look
from tb_tsne_plugin.live.advice import Advice, View
from tb_tsne_plugin.live.protocol import MOST_RESOLUTIONS, Event, NoGuidance

WANTED_SECONDS = 40.0
"""How long one question keeps the guidance coming; pages ask again at least every 25 seconds."""
REST = 4.0
"""Seconds of rest for each second of work, while only the positions change."""
SHORTEST_REST = 1.0
MOST_ASKED = MOST_RESOLUTIONS + 2
"""Clusters, label issues and where the job stands."""

Answer: TypeAlias = Callable[[Guide, View], Event]


class Advisor:
    """Owns the thread. Its methods return at once."""

    def __init__(
        self,
        emit: Callable[[Event], None],
        features: NDArray[np.float32],
        P: sp.csr_matrix,
    ) -> None:
        """Starts the thread, which waits for something to look at.

        Args:
          emit: Sends an event.
          features: (n, D) of the embedded samples: guidance is on these.
          P: (n, n) their affinities.
        """
        self._emit = emit
        self._advice = Advice()
        self._changed = threading.Condition()
        self._guide = _made_when_wanted(features, P)
        self._view: View | None = None
        self._wanted_until = 0.0
        self._asked: dict[str, Answer] = {}  # what is to be told once, by what it is about; asked for last, the last
        threading.Thread(target=self._run, name="advisor", daemon=True).start()

    def replace(self, features: NDArray[np.float32], P: sp.csr_matrix) -> None:
        """Takes other affinities, of the same samples or of others; waits for a view of their embedding.

        Args:
          features: (n, D) of the embedded samples.
          P: (n, n) their affinities.
        """
        with self._changed:
            self._guide, self._view = _made_when_wanted(features, P), None

    def show(self, view: View) -> None:
        """Lets it know how things stand now."""
        with self._changed:
            self._view = view
            self._changed.notify()

    def find_guidance(self) -> None:
        """Somebody asks for guidance: keeps it coming for a while."""
        with self._changed:
            self._wanted_until = time.monotonic() + WANTED_SECONDS
            self._changed.notify()

    def find_label_issues(self) -> None:
        """Somebody asks for the labels to verify, too."""
        self._ask("label issues", self._advice.label_issues)
        self.find_guidance()

    def find_clusters(self, resolution: float) -> None:
        """Somebody asks for the clusters."""
        self._ask(f"clusters {resolution}", partial(self._advice.clusters, resolution=resolution))

    def find_standing(self, n_accepted: int, looks: Sequence[Look], n_strays: int) -> None:
        """Somebody asks where the job stands (`guidance.standing`)."""
        self._ask("standing", partial(self._advice.standing, n_accepted=n_accepted, looks=looks, n_strays=n_strays))

    def _ask(self, about: str, answer: Answer) -> None:
        """Has something told once; what was asked for last is told first, and only the last few are."""
        with self._changed:
            self._asked.pop(about, None)
            self._asked[about] = answer
            if len(self._asked) > MOST_ASKED:
                del self._asked[next(iter(self._asked))]
            self._changed.notify()

    def _run(self) -> None:
        told: View | None = None
        ready_at = 0.0
        while True:
            view, make_guide, asked = self._next(told, ready_at)
            began = time.monotonic()
            try:
                guide = make_guide()
                if asked is not None:
                    self._emit(asked(guide, view))
                if view is not told:
                    self._emit(self._advice.guidance(guide, view))
                    # Nobody waits for this; what it changes is told next.
                    labels, batches, _ = view.of_embedded()
                    if guide.calibrate(labels, batches):
                        self._emit(self._advice.guidance(guide, view))
            except Exception as error:  # no guidance is no reason to end the t-SNE
                self._emit(NoGuidance(f"There is no guidance ({type(error).__name__}: {error})."))
            told = view
            ready_at = time.monotonic() + max(SHORTEST_REST, REST * (time.monotonic() - began))

    def _next(self, told: View | None, ready_at: float) -> tuple[View, Callable[[], Guide], Answer | None]:
        """Waits until there is something to do.

        Returns:
          What to look at, the guide through these very samples, and what somebody asked for besides guidance.
        """
        with self._changed:
            while True:
                wait = None
                if self._view is not None:
                    wait = self._seconds_until_due(self._view, told, ready_at)
                    if wait == 0.0:
                        return self._view, self._guide, self._asked.popitem()[1] if self._asked else None
                self._changed.wait(wait)

    def _seconds_until_due(self, view: View, told: View | None, ready_at: float) -> float | None:
        """0 where a view is to be looked at now, None where it is not for as long as nothing changes."""
        if self._asked:
            return 0.0
        now = time.monotonic()
        if view is told or now > self._wanted_until:
            return None
        # Other labels are another array, and so are new states and other samples.
        if told is None or told.labels is not view.labels or told.embedded is not view.embedded:
            return 0.0
        return max(ready_at - now, 0.0)


def _made_when_wanted(features: NDArray[np.float32], P: sp.csr_matrix) -> Callable[[], Guide]:
    """Makes the guide when it is first called: it takes a while, and nobody may ever ask."""
    return cache(lambda: Guide(features, P))
