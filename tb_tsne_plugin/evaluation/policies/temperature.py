"""Temperature scaling (Guo et al. 2017): what to divide logits by so that probabilities are honest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TEMPERATURES = np.arange(1.0, 20.0, 0.1)
"""Those that UHerding's own code tries."""


def calibration_error(probabilities: NDArray[np.floating], labels: NDArray[np.integer], n_bins: int) -> float:
    """Expected calibration error: |accuracy - mean confidence| in bins of confidence, weighted by how many are in each.

    Args:
      probabilities: (n, n_classes).
      labels: (n,) true classes.
      n_bins: Bins of equal width from 0 to 1, each with its upper end.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    bins = np.ceil(confidence * n_bins).astype(int)
    surplus = np.bincount(bins, weights=right - confidence, minlength=n_bins + 1)
    return float(np.abs(surplus).sum() / len(labels))


def best_temperature(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """The temperature of the smallest calibration error, with as many bins as classes; the lowest on ties.

    Args:
      logits: (n, n_classes).
      labels: (n,) true classes.
    """
    from scipy.special import softmax

    errors = [calibration_error(softmax(logits / t, axis=1), labels, logits.shape[1]) for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(errors))])
