"""k-means: clusters for other policies, and DropQuery's first batch: the samples nearest to their centres."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.policies.geometry import unit_rows
from tb_tsne_plugin.evaluation.policies.policy import Knowledge, Samples

MOST_WHOLE = 50
"""Clusters that are found on all samples at once; more are found on batches, as TypiClust's own code does."""
BATCH_SIZE = 5000


class Clusters(NamedTuple):
    """What k-means found."""

    of: NDArray[np.int32]  # (N,) the cluster of each sample
    centers: NDArray[np.floating]  # (k, D)


def k_means(points: NDArray[np.floating], n_clusters: int, seed: int) -> Clusters:
    """Clusters (N, D) points, from one k-means++ start; n_clusters <= N."""
    from sklearn.cluster import KMeans, MiniBatchKMeans
    from sklearn.exceptions import ConvergenceWarning

    if n_clusters <= MOST_WHOLE:
        model = KMeans(n_clusters, n_init=1, random_state=seed)
    else:
        model = MiniBatchKMeans(n_clusters, n_init=1, batch_size=BATCH_SIZE, random_state=seed)
    with warnings.catch_warnings():
        # Of copies there are fewer clusters, which is as it should be.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(points)
    return Clusters(model.labels_, model.cluster_centers_)


def central(points: NDArray[np.floating], count: int, seed: int) -> NDArray[np.intp]:
    """Of (N, D) points, the one nearest to the centre of each of so many clusters; all where there are no more."""
    if len(points) <= count:
        return np.arange(len(points))
    of, centers = k_means(points, count, seed)
    distances = ((points - centers[of]) ** 2).sum(axis=1)
    order = np.lexsort((distances, of))
    # The first of each cluster, since its nearest come first. Of copies there are fewer clusters than were asked for.
    return np.asarray(order[np.unique(of[order], return_index=True)[1]])


class Central:
    """The samples nearest to the centres of as many clusters as there are to ask about."""

    def __init__(self, samples: Samples) -> None:
        """Scales the features."""
        self._points, self._seed = unit_rows(samples.features), samples.seed

    def __call__(self, knowledge: Knowledge, count: int) -> NDArray[np.intp]:
        """Clusters what has no label."""
        rows = knowledge.open
        return rows[central(self._points[rows], count, self._seed)]
