"""Linear discriminant analysis: classes as clouds of one shape, which unlabelled samples help to know."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SHRINKAGE = 0.1
"""How much every axis varies at least, in mean variances of an axis."""
PRIOR_LABELS = 50.0
"""How many labels the shape that is expected before any counts for …"""
PRIOR_SHARE = 0.7
"""… which is that of all samples together, a little smaller."""


class Discriminant:
    """Gaussian classes with one covariance, shrunk towards what all samples show; every class equally probable."""

    def __init__(
        self,
        inputs: NDArray[np.floating],
        labels: NDArray[np.integer],
        n_classes: int,
        variances: NDArray[np.floating],
    ) -> None:
        """Fits.

        Args:
          inputs: (n, d) components of the labelled samples.
          labels: (n,) classes from 0 on.
          n_classes: C.
          variances: (d,) of all samples' components, which are uncorrelated.
        """
        inputs = np.asarray(inputs, dtype=np.float32)
        counts = np.bincount(labels, minlength=n_classes)
        sums = np.zeros((n_classes, inputs.shape[1]))
        np.add.at(sums, labels, inputs)
        means = sums / (counts[:, None] + 1.0)
        away = inputs - means[labels].astype(np.float32)
        within = (away.T @ away).astype(np.float64)
        axes = np.diag_indices(len(within))
        within[axes] += PRIOR_LABELS * PRIOR_SHARE * variances
        within /= len(inputs) + PRIOR_LABELS
        within[axes] += SHRINKAGE * float(np.mean(variances)) + 1e-12
        coefficients = np.linalg.solve(within, means.T)
        self.coefficients = coefficients.astype(np.float32)
        """(d, C)."""
        self.offsets = (0.5 * np.einsum("cd,dc->c", means, coefficients)).astype(np.float32)
        """(C,)."""

    def scores(self, inputs: NDArray[np.floating]) -> NDArray[np.float32]:
        """(M, C) log-likelihoods of (M, d) inputs, up to a constant of each row."""
        return np.asarray(inputs @ self.coefficients - self.offsets, dtype=np.float32)
