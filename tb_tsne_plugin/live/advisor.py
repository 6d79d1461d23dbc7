"""Guidance beside the running t-SNE: a thread of the worker that looks at the newest state while guidance is wanted.

Its kernels are serial (numba's threads have one caller, the t-SNE) and run without Python's lock, so an epoch waits for
it no longer than it takes to copy positions.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.guide import Guide
from tb_tsne_plugin.guidance.label_issues import LabelIssue
from tb_tsne_plugin.guidance.query_candidates import QueryCandidate
from tb_tsne_plugin.guidance.states import SampleState
from tb_tsne_plugin.live.protocol import (
    CandidateRows,
    Event,
    GuidanceFound,
    LabelIssueRow,
    LabelIssuesFound,
    NoGuidance,
)
from tb_tsne_plugin.tsne.parameters import UNLABELED

WANTED_SECONDS = 40.0
"""How long one question keeps the guidance coming; pages ask again at least every 25 seconds."""
REST = 4.0
"""Seconds of rest for each second of work, while only the positions change."""
SHORTEST_REST = 1.0
COUNT = 5
MORE = 20
"""Candidates that are looked for beyond these, where samples were set aside: nobody is asked about those."""
MAX_LABEL_ISSUES = 500


class View(NamedTuple):
    """What the t-SNE shows at one moment."""

    epoch: int
    column: str  # the label column
    revision: int  # of its labels
    Y: NDArray[np.float32]  # (d, n) positions of the embedded samples, a copy
    labels: NDArray[np.int32]  # (N,) of all samples, -1 where there is none
    states: NDArray[np.uint8]  # (N,) what became of each (`guidance.states`)
    batches: NDArray[np.int32]  # (N,) samples with the same number were labelled together


class Advisor:
    """Owns the thread. Its methods return at once."""

    def __init__(
        self,
        emit: Callable[[Event], None],
        embedded: NDArray[np.int64],
        n_samples: int,
        features: NDArray[np.float32],
        P: sp.csr_matrix,
    ) -> None:
        """Starts the thread, which waits for something to look at.

        Args:
          emit: Sends an event.
          embedded: (n,) rows of the embedded samples, ascending: guidance is on these.
          n_samples: N, how many samples there are.
          features: (n, D) of the embedded samples.
          P: (n, n) their affinities.
        """
        self._emit = emit
        self._embedded = embedded
        self._n_samples = n_samples
        self._features = features
        self._changed = threading.Condition()
        self._P = P
        self._guide: Guide | None = None
        self._view: View | None = None
        self._wanted_until = 0.0
        self._issues_wanted = False
        self._number = 0
        threading.Thread(target=self._run, name="advisor", daemon=True).start()

    def replace_affinities(self, P: sp.csr_matrix) -> None:
        """Takes other (n, n) affinities of the same samples; waits for a view of the new embedding."""
        with self._changed:
            self._P, self._guide, self._view = P, None, None

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
        with self._changed:
            self._issues_wanted = True
        self.find_guidance()

    def _run(self) -> None:
        told: View | None = None
        ready_at = 0.0
        while True:
            view, issues_wanted = self._next(told, ready_at)
            began = time.monotonic()
            try:
                guide = self._newest_guide()
                if issues_wanted:
                    self._tell_label_issues(guide, view)
                if view is not told:
                    self._tell_guidance(guide, view)
                    # Nobody waits for this; what it changes is told next.
                    if guide.calibrate(view.labels[self._embedded], view.batches[self._embedded]):
                        self._tell_guidance(guide, view)
            except Exception as error:  # no guidance is no reason to end the t-SNE
                self._emit(NoGuidance(f"There is no guidance ({type(error).__name__}: {error})."))
            told = view
            ready_at = time.monotonic() + max(SHORTEST_REST, REST * (time.monotonic() - began))

    def _next(self, told: View | None, ready_at: float) -> tuple[View, bool]:
        """Waits until there is something to do: what to look at, and whether label issues are wanted."""
        with self._changed:
            while True:
                wait = None
                if self._view is not None:
                    wait = self._seconds_until_due(self._view, told, ready_at)
                    if wait == 0.0:
                        issues_wanted, self._issues_wanted = self._issues_wanted, False
                        return self._view, issues_wanted
                self._changed.wait(wait)

    def _seconds_until_due(self, view: View, told: View | None, ready_at: float) -> float | None:
        """0 where a view is to be looked at now, None where it is not for as long as nothing changes."""
        if self._issues_wanted:
            return 0.0
        now = time.monotonic()
        if view is told or now > self._wanted_until:
            return None
        if told is None or told.revision != view.revision:
            return 0.0
        return max(ready_at - now, 0.0)

    def _newest_guide(self) -> Guide:
        with self._changed:
            P, guide = self._P, self._guide
        if guide is None:
            guide = Guide(self._features, P)
            with self._changed:
                if self._P is P:
                    self._guide = guide
        return guide

    def _tell_guidance(self, guide: Guide, view: View) -> None:
        set_aside = view.states[self._embedded] >= SampleState.UNSURE
        most = COUNT + min(int(set_aside.sum()), MORE)
        guidance = guide.guidance(view.Y, view.labels[self._embedded], most)
        candidates = [each for each in guidance.candidates if not set_aside[each.focus]][:COUNT]
        self._number += 1
        labels = np.full(self._n_samples, UNLABELED, dtype="<i4")
        percent = np.zeros(self._n_samples, dtype=np.uint8)
        labels[self._embedded] = guidance.suggestions.labels
        percent[self._embedded] = np.floor(100.0 * guidance.suggestions.confidence)
        labels[self._embedded[set_aside]], percent[self._embedded[set_aside]] = UNLABELED, 0
        self._emit(
            GuidanceFound(
                number=self._number,
                epoch=view.epoch,
                column=view.column,
                revision=view.revision,
                candidates=tuple(self._candidate(candidate, set_aside) for candidate in candidates),
                labels=labels.tobytes(),
                percent=percent.tobytes(),
            )
        )

    def _candidate(self, candidate: QueryCandidate, set_aside: NDArray[np.bool_]) -> CandidateRows:
        asked = ~set_aside[candidate.rows]
        return CandidateRows(
            focus=int(self._embedded[candidate.focus]),
            rows=tuple(self._embedded[candidate.rows[asked]].tolist()),
            belongs=tuple(round(float(chance), 3) for chance in candidate.belongs[asked]),
            k=candidate.k,
            label=candidate.label,
            confidence=round(candidate.confidence, 3),
            gain=round(candidate.gain, 3),
        )

    def _tell_label_issues(self, guide: Guide, view: View) -> None:
        found = guide.label_issues(view.labels[self._embedded])[:MAX_LABEL_ISSUES]
        issues = tuple(self._label_issue(issue) for issue in found)
        self._emit(LabelIssuesFound(column=view.column, revision=view.revision, label_issues=issues))

    def _label_issue(self, issue: LabelIssue) -> LabelIssueRow:
        return LabelIssueRow(
            row=int(self._embedded[issue.row]),
            label=issue.label,
            expected=issue.expected,
            self_confidence=round(issue.self_confidence, 4),
            n_labeled=issue.n_labeled,
            n_same=issue.n_same,
            n_expected=issue.n_expected,
        )
