"""Where newcomers begin in an embedding that stands: in the midst of their neighbors (docs/algorithm.md, section 3)."""

from __future__ import annotations

import numba
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.affinities import NEIGHBORS_PER_PERPLEXITY
from tb_tsne_plugin.tsne.kernel import inner, kernel
from tb_tsne_plugin.tsne.neighbors import neighbors_among
from tb_tsne_plugin.tsne.perplexity import conditional_similarities

TOWARDS_MEAN = np.float32(0.01)
"""How far from the medoid to the mean a newcomer stands: at the very same place two samples would never part."""


@inner
def _squared_distance(Y, i, j):  # type: ignore[no-untyped-def]
    total = np.float32(0)
    for axis in range(Y.shape[0]):
        difference = Y[axis, i] - Y[axis, j]
        total += difference * difference
    return total


@kernel
def _place(Y, indptr, indices, weights, placed):  # type: ignore[no-untyped-def]
    for i in numba.prange(len(indptr) - 1):
        members, w = indices[indptr[i] : indptr[i + 1]], weights[indptr[i] : indptr[i + 1]]
        medoid, least, total = -1, np.float32(np.inf), np.float32(0)
        for a in range(len(members)):
            cost = np.float32(0)
            for b in range(len(members)):
                cost += w[b] * np.log1p(_squared_distance(Y, members[a], members[b]))
            if medoid < 0 or cost < least:
                medoid, least = members[a], cost
            total += w[a]
        if total <= 0:
            continue
        for axis in range(Y.shape[0]):
            mean = np.float32(0)
            for a in range(len(members)):
                mean += w[a] / total * (Y[axis, members[a]] - Y[axis, medoid])
            placed[axis, i] = Y[axis, medoid] + TOWARDS_MEAN * mean


def place(similarities: sp.csr_matrix, positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Places newcomers by their similarities to samples that stand, each by itself.

    A newcomer takes the place of the medoid of its neighbors, the one j for which sum_k p_k log(1 + |y_j - y_k|^2) is
    least: there what attracts it in the t-SNE's cost costs least. Their mean may lie between two groups, in none.

    Args:
      similarities: (n, N) how near each newcomer is to each sample that stands, at any scale; few in a row.
      positions: (d, N) of those that stand.

    Returns:
      (d, n) positions; the origin for one without neighbors.
    """
    placed = np.zeros((len(positions), similarities.shape[0]), dtype=np.float32)
    Y = np.ascontiguousarray(positions, dtype=np.float32)
    indptr, indices = similarities.indptr.astype(np.int64), similarities.indices.astype(np.int64)
    _place(Y, indptr, indices, similarities.data.astype(np.float32), placed)
    return placed


def place_by_features(
    newcomers: NDArray[np.float32],
    features: NDArray[np.float32],
    positions: NDArray[np.float32],
    perplexity: float,
    metric: str = "euclidean",
) -> NDArray[np.float32]:
    """Places newcomers by their features. One with the very features of a sample that stands stands where it does.

    Args:
      newcomers: (n, D), conditioned as `features`.
      features: (N, D) of those that stand, as `conditioned` makes them.
      positions: (d, N) of these.
      perplexity: Of the t-SNE that they come from; lowered as there where they are few.
      metric: "euclidean" or "cosine".

    Returns:
      (d, n) positions.
    """
    usable = min(perplexity, max((len(features) - 1) / NEIGHBORS_PER_PERPLEXITY, 1.0))
    k = min(round(NEIGHBORS_PER_PERPLEXITY * usable), len(features))
    distances, rows = neighbors_among(newcomers, features, k, metric)
    weights = conditional_similarities(distances.astype(np.float64) ** 2, usable)
    indptr = np.arange(len(newcomers) + 1) * k
    placed = place(
        sp.csr_matrix((weights.ravel(), rows.ravel(), indptr), shape=(len(newcomers), len(features))), positions
    )
    same = (newcomers == features[rows[:, 0]]).all(axis=1)
    placed[:, same] = positions[:, rows[same, 0]]
    return placed
