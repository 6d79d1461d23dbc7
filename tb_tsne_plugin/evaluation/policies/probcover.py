"""ProbCover (Yehuda, Dekel, Hacohen and Weinshall 2022, arXiv 2205.11320): balls round few samples that cover many."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.policies.geometry import squared_distances, unit_rows
from tb_tsne_plugin.evaluation.policies.kmeans import k_means
from tb_tsne_plugin.evaluation.policies.policy import Knowledge, Samples
from tb_tsne_plugin.tsne import UNLABELED

PURITY = 0.95


def pure_radius(distances: NDArray[np.floating], clusters: NDArray[np.integer], purity: float = PURITY) -> float:
    """delta* = max {delta: purity(delta) >= 0.95}: how large balls may be so that nearly all are of one cluster.

    purity(delta) is the share of samples whose open ball holds samples of their own cluster only, the clusters standing
    in for classes. A ball is pure up to the distance to the nearest sample of another cluster, so that delta* is a
    quantile of these distances, and is found without the search that the paper describes.

    Args:
      distances: (N, N).
      clusters: (N,) the cluster of each sample.
      purity: The share.

    Returns:
      delta; infinite with a single cluster.
    """
    foreign = np.where(clusters[:, None] != clusters, distances, np.inf).min(axis=1)
    return float(np.sort(foreign)[int((1 - purity) * len(foreign) + 1e-9)])


def cover(
    balls: sp.csr_matrix, covered: NDArray[np.bool_], open_: NDArray[np.bool_], count: int, random: np.random.Generator
) -> NDArray[np.intp]:
    """Greedily takes the sample whose ball holds the most that is not covered yet (the paper's Algorithm 1).

    Args:
      balls: (N, N) 1 where the ball of the row holds the column.
      covered: (N,) what is covered already.
      open_: (N,) what may be taken.
      count: How many to take; there are as many.
      random: Of what is taken when nothing is left to cover.

    Returns:
      Rows; the lowest on ties.
    """
    covered, open_ = covered.copy(), open_.copy()
    found: list[int] = []
    for _ in range(count):
        gains = np.where(open_, balls @ (~covered).astype(np.float32), -1)
        row = int(gains.argmax()) if gains.max() > 0 else int(random.choice(np.flatnonzero(open_)))
        found.append(row)
        open_[row] = False
        covered[balls.indices[balls.indptr[row] : balls.indptr[row + 1]]] = True
    return np.array(found, dtype=np.intp)


class ProbCover:
    """Balls of one radius, from the purity of as many clusters as there are classes."""

    def __init__(self, samples: Samples) -> None:
        """Finds the radius and the balls."""
        points = unit_rows(samples.features)
        distances = np.sqrt(squared_distances(points))
        clusters = k_means(points, min(samples.n_classes, len(points)), samples.seed).of
        self._balls = sp.csr_matrix(distances < pure_radius(distances, clusters), dtype=np.float32)
        self._random = np.random.default_rng(samples.seed)

    def __call__(self, knowledge: Knowledge, count: int) -> NDArray[np.intp]:
        """What has a label covers its ball, too."""
        open_ = knowledge.labels == UNLABELED
        covered = (self._balls.T @ (~open_).astype(np.float32)) > 0
        return cover(self._balls, covered, open_, min(count, int(open_.sum())), self._random)
