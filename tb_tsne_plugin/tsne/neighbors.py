"""Nearest neighbours: exact by blocks, one BLAS product for each pair of blocks; beyond that, by a partition."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.neighbor_lists import ascending, empty_lists, offer_columns, offer_rows, squared_lengths
from tb_tsne_plugin.tsne.partition import partitioned_neighbors

EXACT_NEIGHBORS_UP_TO = 30_000
"""Samples up to which all pairs are looked at (docs/performance.md)."""
BLOCK = 2048


def nearest_neighbors(
    features: NDArray[np.float32], n_neighbors: int, metric: str = "euclidean"
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """The nearest other rows of every row.

    Args:
      features: (N, D) of moderate scale; centred, if the metric is euclidean, so that products lose no digits.
      n_neighbors: k < N.
      metric: "euclidean" or "cosine" (1 - cos; a row of zeros is at distance 1 from all rows that are none).

    Returns:
      (N, k) distances, ascending, and (N, k) row numbers.
    """
    if metric == "cosine":
        distances, rows = _nearest(_directions(features), n_neighbors)
        return 0.5 * distances**2, rows  # |a - b|^2 = 2 (1 - cos) for unit vectors
    return _nearest(np.ascontiguousarray(features), n_neighbors)


def neighbors_among(
    queries: NDArray[np.float32], features: NDArray[np.float32], n_neighbors: int, metric: str = "euclidean"
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """The nearest rows of others, by all pairs; a row with the very same values comes first, at distance 0.

    Args:
      queries: (n, D), of the scale and center of `features`.
      features: (N, D), as for `nearest_neighbors`.
      n_neighbors: k <= N.
      metric: As for `nearest_neighbors`.

    Returns:
      (n, k) distances, ascending, and (n, k) rows of `features`.
    """
    if metric == "cosine":
        both = _directions(np.concatenate([queries, features]))
        distances, rows = neighbors_among(both[: len(queries)], both[len(queries) :], n_neighbors)
        return 0.5 * distances**2, rows
    n = len(queries)
    queries, features = np.ascontiguousarray(queries), np.ascontiguousarray(features)
    # The lists' rows count on from the queries': none is taken for a query itself.
    norms = np.concatenate([np.zeros(n, dtype=np.float32), squared_lengths(features)])
    distances, rows = empty_lists(n, n_neighbors)
    for a in range(0, n, BLOCK):
        for b in range(0, len(features), BLOCK):
            products = queries[a : a + BLOCK] @ features[b : b + BLOCK].T
            offer_columns(products, norms, a, n + b, distances, rows)
    rows -= np.int32(n)
    # Products lose digits where rows are close.
    for a in range(0, n, BLOCK):
        differences = features[rows[a : a + BLOCK]] - queries[a : a + BLOCK, None]
        distances[a : a + BLOCK] = np.sqrt(np.einsum("ikd,ikd->ik", differences, differences))
    order = np.argsort(distances, axis=1, kind="stable")
    return np.take_along_axis(distances, order, axis=1), np.take_along_axis(rows, order, axis=1)


def _directions(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of unit length; zeros point along an axis of their own."""
    norms = np.linalg.norm(features, axis=1, keepdims=True)
    unit = features / np.where(norms > 0, norms, 1)
    return np.ascontiguousarray(np.hstack([unit, norms == 0]) if not norms.all() else unit, dtype=np.float32)


def _nearest(features: NDArray[np.float32], n_neighbors: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    if len(features) > EXACT_NEIGHBORS_UP_TO:
        found = partitioned_neighbors(features, n_neighbors)
        if found is not None:
            return found
    return exact_neighbors(features, n_neighbors)


def exact_neighbors(features: NDArray[np.float32], n_neighbors: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """As `nearest_neighbors`, euclidean, by all pairs."""
    n = len(features)
    norms = squared_lengths(features)
    distances, rows = empty_lists(n, n_neighbors)
    for a in range(0, n, BLOCK):
        for b in range(a, n, BLOCK):
            products = features[a : a + BLOCK] @ features[b : b + BLOCK].T
            offer_columns(products, norms, a, b, distances, rows)
            if b > a:
                offer_rows(products, norms, a, b, distances, rows)
    return ascending(features, rows)
