"""Guidance beside the running t-SNE: a thread of the worker that looks at the newest state while advice is wanted.

Its kernels are serial (numba's threads have one caller, the t-SNE) and run without Python's lock, so an epoch waits for
it no longer than it takes to copy positions. Answers that are long (one number a sample) go into a file, which
TensorBoard's side reads and removes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.guide import Advice, Guide, Prospect
from tb_tsne_plugin.tsne.parameters import UNLABELED

WANTED_SECONDS = 40.0
"""How long one question keeps the advice coming; pages ask again at least every 25 seconds."""
REST = 4.0
"""Seconds of rest for each second of work, while only the positions change."""
SHORTEST_REST = 1.0
COUNT = 5
MAX_DOUBTS = 500


class View(NamedTuple):
    """What the t-SNE shows at one moment."""

    epoch: int
    column: str  # the label column
    revision: int  # of its labels
    Y: NDArray[np.float32]  # (d, n) positions of the embedded samples, a copy
    labels: NDArray[np.int32]  # (N,) of all samples
    batches: NDArray[np.int32]  # (N,) samples with the same number were labelled together


class Advisor:
    """Owns the thread. Its methods return at once."""

    def __init__(
        self, emit: Callable[[dict[str, Any]], None], folder: Path, embedded: NDArray[np.int64], n: int
    ) -> None:
        """Starts the thread, which waits for something to advise on.

        Args:
          emit: Sends an event.
          folder: Where long answers are written.
          embedded: (n,) rows of the embedded samples, ascending: the others get no advice.
          n: N, how many samples there are.
        """
        self._emit = emit
        self._folder = folder
        self._embedded = embedded
        self._n = n
        self._changed = threading.Condition()
        self._source: tuple[NDArray[np.float32], sp.csr_matrix] | None = None
        self._view: View | None = None
        self._wanted_until = 0.0
        self._doubts_wanted = False
        self._guide: Guide | None = None
        self._number = 0
        threading.Thread(target=self._run, name="advisor", daemon=True).start()

    def start(self, features: NDArray[np.float32], P: sp.csr_matrix) -> None:
        """Advises on these samples from now on.

        Args:
          features: (n, D) of the embedded samples.
          P: (n, n) their affinities.
        """
        with self._changed:
            self._source, self._guide, self._view = (features, P), None, None

    def show(self, view: View) -> None:
        """Lets it know how things stand now."""
        with self._changed:
            self._view = view
            self._changed.notify()

    def want(self, doubts: bool = False) -> None:
        """Somebody asks for advice; or for the doubtful labels."""
        with self._changed:
            self._wanted_until = time.monotonic() + WANTED_SECONDS
            self._doubts_wanted = self._doubts_wanted or doubts
            self._changed.notify()

    def _run(self) -> None:
        told: View | None = None
        ready_at = 0.0
        while True:
            with self._changed:
                while (wait := self._wait(told, ready_at)) != 0:
                    self._changed.wait(wait)
                view, doubts, self._doubts_wanted = self._view, self._doubts_wanted, False
            assert view is not None
            began = time.monotonic()
            try:
                guide = self._guide_now()
                if doubts:
                    self._tell_doubts(guide, view)
                if view is not told:
                    self._tell(guide, view)
                    # Nobody waits for this; what it changes is told next.
                    if guide.calibrate(view.labels[self._embedded], view.batches[self._embedded]):
                        self._tell(guide, view)
            except Exception as error:  # advice is no reason to end the t-SNE
                self._emit({"event": "no_advice", "message": f"There is no advice ({type(error).__name__}: {error})."})
            told = view
            ready_at = time.monotonic() + max(SHORTEST_REST, REST * (time.monotonic() - began))

    def _wait(self, told: View | None, ready_at: float) -> float | None:
        """Seconds until there is something to do; 0 for now, None for as long as nothing changes."""
        if self._view is None or self._source is None:
            return None
        if self._doubts_wanted:
            return 0.0
        now = time.monotonic()
        if self._view is told or now > self._wanted_until:
            return None
        if told is None or told.revision != self._view.revision:
            return 0.0
        return max(ready_at - now, 0.0)

    def _guide_now(self) -> Guide:
        with self._changed:
            source, guide = self._source, self._guide
        assert source is not None
        if guide is None:
            guide = Guide(*source)
            with self._changed:
                if self._source is source:
                    self._guide = guide
        return guide

    def _tell(self, guide: Guide, view: View) -> None:
        advice = guide.advise(view.Y, view.labels[self._embedded], COUNT)
        self._number += 1
        path = self._folder / f"advice-{self._number}.npy"
        np.save(path, self._columns(advice))
        self._emit(
            {
                "event": "advice",
                "number": self._number,
                "epoch": view.epoch,
                "column": view.column,
                "revision": view.revision,
                "prospects": [self._prospect(prospect) for prospect in advice.prospects],
                "file": path.name,
            }
        )

    def _columns(self, advice: Advice) -> NDArray[np.int32]:
        """(2, N) class and confidence in per cent of every sample."""
        columns = np.zeros((2, self._n), dtype=np.int32)
        columns[0] = UNLABELED
        columns[0, self._embedded] = advice.suggestions.labels
        columns[1, self._embedded] = np.floor(100.0 * advice.suggestions.confidence)
        return columns

    def _prospect(self, prospect: Prospect) -> dict[str, Any]:
        group = prospect.group
        return {
            "focus": int(self._embedded[group.focus]),
            "rows": self._embedded[group.rows].tolist(),
            "belongs": [round(float(chance), 3) for chance in group.belongs],
            "k": group.k,
            "label": group.label,
            "confidence": round(group.confidence, 3),
            "gain": round(prospect.gain, 3),
        }

    def _tell_doubts(self, guide: Guide, view: View) -> None:
        found = guide.doubtful_labels(view.labels[self._embedded])[:MAX_DOUBTS]
        doubts = [{**doubt._asdict(), "row": int(self._embedded[doubt.row])} for doubt in found]
        for doubt in doubts:
            doubt["self_confidence"] = round(doubt["self_confidence"], 4)
        self._emit({"event": "doubts", "column": view.column, "revision": view.revision, "doubts": doubts})
