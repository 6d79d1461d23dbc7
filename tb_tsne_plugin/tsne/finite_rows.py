"""Samples whose features are not finite: left out of the t-SNE, and shown beside it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CHUNK = 8_192
SHOWN = 5


class FiniteRows:
    """Which samples are embedded. Where all are, nothing is copied."""

    def __init__(self, features: NDArray[np.float32]) -> None:
        """Looks at every value once.

        Args:
          features: (N, D).
        """
        finite = [np.isfinite(features[begin : begin + CHUNK]).all(axis=1) for begin in range(0, len(features), CHUNK)]
        is_finite = np.concatenate(finite) if finite else np.zeros(0, dtype=bool)
        self._aside = np.flatnonzero(~is_finite)
        self.embedded = np.flatnonzero(is_finite)
        """Their rows, ascending."""
        self._place = np.full(len(features), -1, dtype=np.int64)
        self._place[self.embedded] = np.arange(len(self.embedded))
        self._n = len(features)

    @property
    def count(self) -> int:
        """How many are embedded."""
        return len(self.embedded)

    @property
    def note(self) -> str | None:
        """A sentence for the user, where samples are left out."""
        if not len(self._aside):
            return None
        rows = ", ".join(str(row) for row in self._aside[:SHOWN])
        more = f" and {len(self._aside) - SHOWN:,} more" if len(self._aside) > SHOWN else ""
        what = "1 sample has" if len(self._aside) == 1 else f"{len(self._aside):,} samples have"
        return f"{what} features that are not finite (rows {rows}{more}, counted from 0): left out, and shown aside."

    def of(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """The embedded samples' rows of (N, …) values."""
        return values if not len(self._aside) else values[self.embedded]

    def places(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where rows stand among the embedded, and which of them do."""
        places = self._place[rows]
        embedded = places >= 0
        return places[embedded], embedded

    def spread(self, positions: NDArray[np.float32]) -> NDArray[np.float32]:
        """(d, N) positions of all samples: those left out stand together, beyond the farthest of the embedded."""
        if not len(self._aside):
            return positions
        everything = np.zeros((len(positions), self._n), dtype=np.float32)
        everything[:, self.embedded] = positions
        everything[0, self._aside] = -1.3 * max(float(np.abs(positions).max(initial=0.0)), 1e-3)
        return everything
