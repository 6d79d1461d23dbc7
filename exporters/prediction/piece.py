"""Some samples on their way to their labels: features, and what was skipped between them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from exporters.images.outcomes import Skipped

NOT_FINITE = "its features are not finite"


class Piece(NamedTuple):
    """Some samples: id and file of each, (n, D) features if there are any, and what was skipped between them."""

    names: list[tuple[str, str]]
    features: npt.NDArray[np.float32] | None
    skipped: list[Skipped]

    def finite(self) -> Piece:
        """The same with finite features only; the others are skipped."""
        if self.features is None:
            return self
        rows = np.asarray(np.isfinite(self.features).all(axis=1))
        names, others = [], list(self.skipped)
        for name, is_finite in zip(self.names, rows, strict=True):
            if is_finite:
                names.append(name)
            else:
                others.append(Skipped(name[1], NOT_FINITE))
        return Piece(names, self.features[rows], others)
