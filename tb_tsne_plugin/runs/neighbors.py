"""The nearest samples of one sample, by looking at all of them: for one query that is as fast as reading them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def distances_to(
    query: NDArray[np.floating], chunks: Iterable[NDArray[np.floating]], metric: str = "euclidean"
) -> NDArray[np.float64]:
    """How far every row is from a point.

    Args:
      query: (D,).
      chunks: (N, D) in pieces.
      metric: "euclidean" or "cosine" (1 - cos).

    Returns:
      (N,) distances; not finite where a row is not.
    """
    point = np.asarray(query, dtype=np.float64)
    with np.errstate(all="ignore"):
        return np.concatenate([_distances(point, np.asarray(chunk, dtype=np.float64), metric) for chunk in chunks])


def nearest(distances: NDArray[np.float64], row: int, k: int) -> NDArray[np.int64]:
    """The k nearest rows, nearest first, without `row` itself and without rows at no finite distance."""
    others = np.where(np.isfinite(distances), distances, np.inf)
    others[row] = np.inf
    return np.argsort(others, kind="stable")[: min(k, int(np.isfinite(others).sum()))]


def _distances(point: NDArray[np.float64], rows: NDArray[np.float64], metric: str) -> NDArray[np.float64]:
    if metric == "euclidean":
        return np.asarray(np.linalg.norm(rows - point, axis=1))
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(point)
    return 1.0 - (rows @ point) / np.where(lengths > 0, lengths, 1.0)
