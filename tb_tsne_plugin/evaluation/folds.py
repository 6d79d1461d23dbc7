"""Stratified cross-validation, the same folds for every method."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

N_FOLDS = 5


class Fold(NamedTuple):
    """One split of the samples."""

    train: NDArray[np.int64]  # rows that are embedded and labelled, ascending
    validation: NDArray[np.int64]  # rows that only the classifier's accuracy is measured on, ascending


def stratified_folds(labels: NDArray[np.integer], n_folds: int = N_FOLDS, seed: int = 0) -> list[Fold]:
    """Splits samples so that every class is spread evenly.

    Args:
      labels: (N,) classes.
      n_folds: How many folds; every class needs as many samples.
      seed: Of the shuffling.

    Returns:
      `n_folds` folds whose validation rows cover every sample once.

    Raises:
      ValueError: If a class has fewer samples than there are folds.
    """
    from sklearn.model_selection import StratifiedKFold

    smallest = int(np.unique(labels, return_counts=True)[1].min(initial=n_folds))
    if smallest < n_folds:
        raise ValueError(f"A class has only {smallest} samples, too few for {n_folds} folds.")
    splitter = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    return [Fold(train, validation) for train, validation in splitter.split(np.zeros(len(labels)), labels)]
