"""TypiClust (Hacohen, Dekel and Weinshall 2022, arXiv 2202.02794): the most typical sample of each new cluster."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.policies.geometry import unit_rows
from tb_tsne_plugin.evaluation.policies.kmeans import k_means
from tb_tsne_plugin.evaluation.policies.policy import Knowledge, Samples

N_NEIGHBORS = 20
MOST_CLUSTERS = 500
SMALLEST_CLUSTER = 5
"""Clusters of no more samples are passed over."""
SMALLEST = 1e-5
"""Added to a mean distance before it is divided by."""


def typicality(points: NDArray[np.floating], n_neighbors: int) -> NDArray[np.floating]:
    """How dense it is round each of (n, D) points: one over the mean distance to its nearest others.

        Typicality(x) = (1/K sum_{x_i in K-NN(x)} |x - x_i|)^-1

    The neighbours are sought among the points given: those of a cluster that have no label.
    """
    from sklearn.neighbors import NearestNeighbors

    if len(points) < 2:
        return np.ones(len(points))
    nearest = NearestNeighbors(n_neighbors=max(1, min(n_neighbors, len(points) // 2))).fit(points)
    distances, _ = nearest.kneighbors()  # of the points themselves, each without itself
    return np.asarray(1 / (distances.mean(axis=1) + SMALLEST))


def most_typical(
    points: NDArray[np.floating], clusters: NDArray[np.integer], open_rows: NDArray[np.intp], count: int
) -> NDArray[np.intp]:
    """Goes round the clusters, those with the fewest labels first and the largest of them, one sample each.

    Args:
      points: (N, D).
      clusters: (N,) the cluster of each.
      open_rows: Rows without a label.
      count: How many to choose.

    Returns:
      Rows.
    """
    sizes = np.bincount(clusters)
    labeled = sizes - np.bincount(clusters[open_rows], minlength=len(sizes))
    order = np.lexsort((-sizes, labeled))
    large = order[sizes[order] > SMALLEST_CLUSTER]
    # Where what is open lies in small clusters only, these have to do.
    order = large if np.isin(clusters[open_rows], large).any() else order
    left = {cluster: open_rows[clusters[open_rows] == cluster] for cluster in order}
    found: list[int] = []
    while len(found) < count and any(len(rows) for rows in left.values()):
        for cluster in order:
            rows = left[cluster]
            if len(rows) and len(found) < count:
                best = int(typicality(points[rows], N_NEIGHBORS).argmax())
                found.append(int(rows[best]))
                left[cluster] = np.delete(rows, best)
    return np.array(found, dtype=np.intp)


def cluster_count(knowledge: Knowledge, count: int) -> int:
    """As many clusters as questions were asked and are to be asked now: a group is one question."""
    return min(len(knowledge.asked) + count, MOST_CLUSTERS, len(knowledge.labels))


class TypiClust:
    """Clusters anew whenever it is asked."""

    def __init__(self, samples: Samples) -> None:
        """Scales the features."""
        self._points, self._seed = unit_rows(samples.features), samples.seed

    def __call__(self, knowledge: Knowledge, count: int) -> NDArray[np.intp]:
        """Rows of those clusters that have the fewest labels."""
        clusters = k_means(self._points, cluster_count(knowledge, count), self._seed).of
        return most_typical(self._points, clusters, knowledge.open, count)
