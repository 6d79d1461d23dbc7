"""Groups of the whole set, found without a label: communities of the neighbourhoods of the features."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.graph import Graph
from tb_tsne_plugin.guidance.suggestions import Suggestions

ITERATIONS = 2
LARGEST_SEED = 2**32


class Cluster(NamedTuple):
    """A group of the whole set, and what is known of it."""

    number: int
    """In `find_clusters`' answer."""
    rows: NDArray[np.int64]
    """The most typical first: those with the most likeness to others of the cluster."""
    n_unlabeled: int
    label: int
    """The class that most of it has, or probably has; -1 where nothing is known."""
    purity: float
    """Share of it that is of that class, labelled or expected."""


def find_clusters(graph: Graph, resolution: float = 1.0, random_state: int = 0) -> NDArray[np.int32]:
    """Leiden's communities (Traag, Waltman and van Eck, 2019) of the samples' likeness, by modularity.

    Args:
      graph: Of the features.
      resolution: Above 0: the larger, the more clusters, and the smaller.
      random_state: Seed; the same seed gives the same clusters.

    Returns:
      (N,) numbers from 0 on, the largest cluster first.
    """
    from graspologic_native import leiden_csr

    n = graph.n_samples
    if not len(graph.indices):
        return np.arange(n, dtype=np.int32)
    likeness = np.repeat(graph.degrees, np.diff(graph.indptr)).astype(np.float64) * graph.steps
    _, found = leiden_csr(
        graph.indptr.astype(np.int64),
        graph.indices,
        likeness,
        n,
        resolution=resolution,
        iterations=ITERATIONS,
        seed=random_state % LARGEST_SEED,
    )
    return by_size(np.fromiter((found[row] for row in range(n)), np.int64, n))


def by_size(communities: NDArray[np.integer]) -> NDArray[np.int32]:
    """(N,) communities by other numbers: from 0 on, the largest first."""
    _, numbers, sizes = np.unique(communities, return_inverse=True, return_counts=True)
    order = np.argsort(-sizes, kind="stable")
    rank = np.empty(len(sizes), dtype=np.int32)
    rank[order] = np.arange(len(sizes))
    return rank[numbers]


def clusters(
    numbers: NDArray[np.integer],
    graph: Graph,
    labels: NDArray[np.integer],
    suggestions: Suggestions,
    aside: NDArray[np.bool_] | None = None,
) -> list[Cluster]:
    """What there is in each cluster, and what to expect of it.

    Args:
      numbers: (N,) of `find_clusters`.
      graph: The same.
      labels: (N,) classes, negative where there is none.
      suggestions: For these labels.
      aside: (N,) samples that take no part.

    Returns:
      All clusters with a sample that takes part, the largest first.
    """
    part = np.ones(len(numbers), dtype=bool) if aside is None else ~aside
    labels, numbers = np.asarray(labels), np.asarray(numbers)
    of = np.repeat(np.arange(graph.n_samples), np.diff(graph.indptr))
    within = numbers[of] == numbers[graph.indices]
    typical = np.bincount(of[within], graph.steps[within] * graph.degrees[of[within]], minlength=graph.n_samples)
    chances = np.array(suggestions.probabilities, dtype=np.float64)
    known = np.flatnonzero((labels >= 0) & np.isin(labels, suggestions.classes))
    chances[known] = 0.0
    chances[known, np.searchsorted(suggestions.classes, labels[known])] = 1.0
    order = np.lexsort((-typical, numbers))
    order = order[part[order]]
    found = []
    for rows in np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1) if len(order) else []:
        shares = chances[rows].mean(axis=0)
        place = int(shares.argmax()) if len(shares) else -1
        label, purity = (int(suggestions.classes[place]), float(shares[place])) if place >= 0 else (-1, 0.0)
        found.append(Cluster(int(numbers[rows[0]]), rows, int((labels[rows] < 0).sum()), label, purity))
    return sorted(found, key=lambda cluster: -len(cluster.rows))
