"""Features made small: principal components, computed once, that every later step is fast on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

N_COMPONENTS = 256
SAMPLED_ROWS = 10_000
"""Rows that the components are found on: more change them little, and cost a square of the width each."""
BLOCK_ROWS = 4096


class Components:
    """A projection of features; the same for the samples at hand and for further ones of their kind.

    Attributes:
      scale: Factor on the features.
      is_rooted: Whether their roots are taken then; what is below 0 counts as 0.
      center: (D,) what is subtracted then, before rows are brought to unit length.
      axes: (D, d) the axes that they are projected on.
    """

    def __init__(self, features: NDArray[np.floating], n_components: int = N_COMPONENTS, random_state: int = 0) -> None:
        """Finds the principal components of features that are centred and brought to unit length.

        Args:
          features: (N, D) finite numbers; may be a mapped file, read in blocks.
          n_components: Width of the result at most.
          random_state: Seed of the sample of rows.
        """
        n = len(features)
        rows = np.arange(n)
        if n > SAMPLED_ROWS:
            rows = np.sort(np.random.default_rng(random_state).choice(n, SAMPLED_ROWS, replace=False))
        sampled = np.asarray(features[rows], dtype=np.float64)
        # What a network's units say before the last layer is never negative, and skewed: roots are less so.
        self.is_rooted = bool(n) and float(sampled.min()) >= 0.0
        self.scale = 1.0 / max(float(np.abs(sampled).max(initial=0.0)), np.finfo(np.float32).tiny)
        sampled = self._shaped(sampled)
        self.center = sampled.mean(axis=0) if n else np.zeros(sampled.shape[1])
        unit = unit_rows(sampled - self.center)
        _, axes = np.linalg.eigh(unit.T @ unit)
        self.axes = np.ascontiguousarray(axes[:, ::-1][:, :n_components])
        # A mean square norm of 1, so that one penalty means the same whatever the features.
        self.axes /= max(float(np.sqrt(((unit @ self.axes) ** 2).sum() / max(len(unit), 1))), 1e-12)

    def __call__(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """Projects features.

        Args:
          features: (M, D), of these samples or of further ones.

        Returns:
          (M, d) components, d at most `n_components`.
        """
        found = np.empty((len(features), self.axes.shape[1]), dtype=np.float32)
        for first in range(0, len(features), BLOCK_ROWS):
            block = self._shaped(np.asarray(features[first : first + BLOCK_ROWS], dtype=np.float64))
            found[first : first + BLOCK_ROWS] = unit_rows(block - self.center) @ self.axes
        return found

    def _shaped(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        scaled = values * self.scale
        return np.asarray(np.sqrt(np.maximum(scaled, 0.0))) if self.is_rooted else scaled


def unit_rows(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """(M, d) values, each row of length 1; rows without any length stay so."""
    norms = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.where(norms > 0, norms, 1.0))
