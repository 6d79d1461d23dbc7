"""Which samples are embedded: those with finite features, less what is left out. The others are shown beside them."""

from __future__ import annotations

from copy import copy

import numpy as np
from numpy.typing import NDArray

CHUNK = 8_192
SHOWN = 5
EDGE = 0.98
"""Share of the embedded samples that are nearer to the origin than the edge."""


class FiniteRows:
    """Which samples are embedded. Where all are, nothing is copied."""

    def __init__(self, features: NDArray[np.float32]) -> None:
        """All whose features are finite; looks at every value once.

        Args:
          features: (N, D).
        """
        finite = [np.isfinite(features[begin : begin + CHUNK]).all(axis=1) for begin in range(0, len(features), CHUNK)]
        is_finite = np.concatenate(finite) if finite else np.zeros(0, dtype=bool)
        self.is_finite = is_finite
        """(N,) whose features are finite."""
        self._take(is_finite)

    def without(self, left_out: NDArray[np.bool_]) -> FiniteRows:
        """All whose features are finite, but for some.

        Args:
          left_out: (N,) samples that are not embedded either.
        """
        others = copy(self)
        others._take(self.is_finite & ~left_out)
        return others

    def _take(self, is_embedded: NDArray[np.bool_]) -> None:
        self.is_embedded = is_embedded
        """(N,) which are embedded."""
        self.embedded = np.flatnonzero(is_embedded)
        """(n,) their rows, ascending."""
        self._place = np.full(len(is_embedded), -1, dtype=np.int64)
        self._place[self.embedded] = np.arange(len(self.embedded))

    @property
    def count(self) -> int:
        """How many are embedded."""
        return len(self.embedded)

    @property
    def note(self) -> str | None:
        """A sentence for the user, where there are features that are not finite."""
        broken = np.flatnonzero(~self.is_finite)
        if not len(broken):
            return None
        rows = ", ".join(str(row) for row in broken[:SHOWN])
        more = f" and {len(broken) - SHOWN:,} more" if len(broken) > SHOWN else ""
        what = "1 sample has" if len(broken) == 1 else f"{len(broken):,} samples have"
        return f"{what} features that are not finite (rows {rows}{more}, counted from 0): left out, and shown aside."

    @property
    def _are_all(self) -> bool:
        return self.count == len(self._place)

    def of(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """The embedded samples' rows of (N, …) values."""
        return values if self._are_all else values[self.embedded]

    def places(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where rows stand among the embedded, and which of them do."""
        places = self._place[rows]
        embedded = places >= 0
        return places[embedded], embedded

    def spread(self, positions: NDArray[np.float32]) -> NDArray[np.float32]:
        """(d, N) positions of all samples.

        Those whose features are not finite stand together beyond the farthest of the embedded. The others that are left
        out are mostly not drawn: they stand at the edge, where they make no view larger that holds nearly all points.
        """
        if self._are_all:
            return positions
        everything = np.zeros((len(positions), len(self._place)), dtype=np.float32)
        everything[:, self.embedded] = positions
        everything[0, ~self.is_finite] = -1.3 * max(float(np.abs(positions).max(initial=0.0)), 1e-3)
        edge = np.quantile(np.linalg.norm(positions, axis=0), EDGE) if self.count else 0.0
        everything[0, self.is_finite & ~self.is_embedded] = -edge
        return everything
