"""Where an embedding starts: the principal components, tiny (docs/algorithm.md, section 3)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

INITIAL_DEVIATION = 1e-4
SMALLEST_DEVIATION = 1e-12
WHOLE_SIDE = 2048
"""Matrices of up to so many columns or rows are decomposed whole, beyond by Lanczos iteration."""


def initial_positions(features: NDArray[np.floating], n_components: int, random_state: int = 0) -> NDArray[np.float32]:
    """Principal components scaled to a standard deviation of 1e-4 along the first; seeded noise where there are none.

    Args:
      features: (N, D) finite numbers.
      n_components: d.
      random_state: Seed.

    Returns:
      (N, d) positions.
    """
    n = len(features)
    noise = np.random.default_rng(random_state).standard_normal((n, n_components), dtype=np.float32)
    start = np.zeros((n, n_components), dtype=np.float32)
    scaled = features / max(float(np.abs(features).max(initial=0.0)), np.finfo(np.float32).tiny)
    if n > 1 and np.ptp(scaled, axis=0).any():
        components = _principal_components(scaled, min(n_components, *features.shape), random_state)
        start[:, : components.shape[1]] = components
    deviation = float(start[:, 0].std()) if n else 0.0
    if deviation < SMALLEST_DEVIATION:
        return np.asarray(noise * np.float32(INITIAL_DEVIATION))
    start *= np.float32(INITIAL_DEVIATION / deviation)
    # An axis without variance would stay empty for ever, the gradient along it being zero.
    empty = start.std(axis=0) < 1e-3 * INITIAL_DEVIATION
    start[:, empty] = noise[:, empty] * np.float32(0.01 * INITIAL_DEVIATION)
    return start


def _principal_components(features: NDArray[np.floating], count: int, random_state: int) -> NDArray[np.floating]:
    """(N, count) scores, largest variance first; the largest score along each axis is positive."""
    from scipy.linalg import eigh
    from scipy.sparse.linalg import svds

    centered = np.asarray(features - features.mean(axis=0, dtype=np.float64), dtype=np.float32)
    size = centered.shape[1]
    if size <= WHOLE_SIDE:
        products = (centered.T @ centered).astype(np.float64)
        scores = centered @ eigh(products, subset_by_index=[size - count, size - 1])[1].astype(np.float32)
    elif len(centered) <= WHOLE_SIDE:
        left, values, _ = np.linalg.svd(centered, full_matrices=False)
        scores = left[:, :count] * values[:count]
    else:
        left, values, _ = svds(centered, k=count, rng=np.random.default_rng(random_state), return_singular_vectors="u")
        scores = left * values
    scores = scores[:, np.argsort(-scores.var(axis=0), kind="stable")]
    return np.asarray(scores * np.sign(np.take_along_axis(scores, np.abs(scores).argmax(axis=0)[None], axis=0)))
