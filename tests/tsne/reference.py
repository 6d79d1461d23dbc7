"""Eq. (1) of the paper, term by term in plain Python and float64: the oracle for the kernels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

UNLABELED = -1


def priors(labels: NDArray[np.integer[Any]], u: NDArray[np.float64], f: float) -> NDArray[np.float64]:
    """a_ij as the paper and docs/algorithm.md define it, for all pairs."""
    n = len(labels)
    labeled = labels != UNLABELED
    a = np.full((n, n), 1.0 / n)
    for i in range(n):
        for j in range(n):
            if not (labeled[i] and labeled[j]):
                continue
            both = u[i] * u[j] * f
            of_i = _one_sided(labels, labeled, i, j, both, n)
            of_j = _one_sided(labels, labeled, j, i, both, n)
            a[i, j] = max((of_i + of_j) / 2.0, 0.0)
    return a


def _one_sided(
    labels: NDArray[np.integer[Any]], labeled: NDArray[np.bool_], i: int, j: int, both: float, n: int
) -> float:
    n_same = int((labeled & (labels == labels[i])).sum())
    n_other = int((labeled & (labels != labels[i])).sum())
    if labels[i] == labels[j]:
        return 1.0 / n + both / n_same
    return 1.0 / n - both / n_other


def repulsion_weights(labels: NDArray[np.integer[Any]], u: NDArray[np.float64], r: float) -> NDArray[np.float64]:
    """b_ij for all pairs."""
    n = len(labels)
    b = np.ones((n, n))
    for i in range(n):
        for j in range(n):
            if labels[i] != UNLABELED and labels[j] != UNLABELED and labels[i] != labels[j]:
                b[i, j] += u[i] * u[j] * r
    return b


def cost(P: NDArray[np.float64], Y: NDArray[np.float64], a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """KL(P~ || Q~), with P~ = a p / sum(a p) and Q~ = b t / sum(b t)."""
    squared = ((Y[:, None, :] - Y[None, :, :]) ** 2).sum(axis=2)
    q = b / (1.0 + squared)
    np.fill_diagonal(q, 0.0)
    q /= q.sum()
    p = a * P
    p /= p.sum()
    there = p > 0
    return float((p[there] * np.log(p[there] / q[there])).sum())
