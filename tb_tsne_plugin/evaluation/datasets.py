"""Labelled features, as every evaluation takes them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.errors import EvaluationError


@dataclass(frozen=True)
class Dataset:
    """One set of features with its true classes.

    Attributes:
      run: The run's name.
      features: The features' name.
      X: (N, D) features.
      labels: (N,) classes from 0 on.
      digest: Tells this data from any other.
    """

    run: str
    features: str
    X: NDArray[np.float32]
    labels: NDArray[np.int64]
    digest: str


def make_dataset(
    run: str, features: str, X: NDArray[np.floating], classes: list[str], *, normalize: bool = True
) -> Dataset:
    """Leaves out what has no class, and numbers the classes in the order of their names.

    Args:
      run: The run's name.
      features: The features' name.
      X: (N, D) features.
      classes: N class names; empty or "unlabeled" where there is none.
      normalize: Whether to centre the features and scale every row to unit length, as the paper does.

    Returns:
      The dataset.

    Raises:
      EvaluationError: If fewer than two classes are left.
    """
    names = np.array(classes, dtype=object)
    known = np.flatnonzero((names != "") & (names != "unlabeled"))
    found, labels = np.unique(names[known].astype(str), return_inverse=True)
    if len(found) < 2:
        raise EvaluationError(f"{run}: an evaluation needs true labels of two classes at least, not {len(found)}.")
    X = np.asarray(X[known], dtype=np.float32)
    X = np.ascontiguousarray(normalized(X) if normalize else X)
    digest = hashlib.sha256(X.tobytes() + labels.astype(np.int64).tobytes()).hexdigest()
    return Dataset(run, features, X, labels.astype(np.int64), digest)


def normalized(X: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, D) features, centred, each row of length 1."""
    centered = X - X.mean(axis=0, dtype=np.float64)
    lengths = np.linalg.norm(centered, axis=1, keepdims=True)
    return np.asarray(centered / np.where(lengths > 0, lengths, 1), dtype=np.float32)
