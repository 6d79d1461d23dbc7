"""Distances and kernels between samples; the published policies all take features scaled to length 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NEGLIGIBLE = np.float32(2.0**-16)
"""Squared distances below are 0: in float32 those of copies come out at about a hundredth of it."""


def unit_rows(features: NDArray[np.floating]) -> NDArray[np.float32]:
    """(N, D) features, each row scaled to length 1."""
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(features / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def squared_distances(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, N) squared euclidean distances between (N, D) points."""
    lengths = (points**2).sum(axis=1)
    found = points @ points.T
    found *= -2
    found += lengths
    found += lengths[:, None]
    found[found < NEGLIGIBLE] = 0
    return np.asarray(found)


def gaussian(squared: NDArray[np.float32], radius: float) -> NDArray[np.float32]:
    """k(x, y) = exp(-|x - y|^2 / radius^2), the kernel of both herding papers, of squared distances."""
    found = squared * np.float32(-1 / radius**2)
    return np.asarray(np.exp(found, out=found))
