"""High-dimensional similarities p_ij: nearest neighbours, bandwidths, symmetrisation (docs/algorithm.md, section 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.neighbors import nearest_neighbors
from tb_tsne_plugin.tsne.perplexity import conditional_similarities

NEIGHBORS_PER_PERPLEXITY = 3


@dataclass(frozen=True)
class Affinities:
    """The similarities of one set of features; never changed in place.

    Attributes:
      P: (N, N) float32 CSR matrix, symmetric, zero diagonal, sum 1.
      perplexity: The perplexity used, lowered where there are too few samples.
      note: A sentence for the user if the perplexity was lowered, else None.
    """

    P: sp.csr_matrix
    perplexity: float
    note: str | None

    @property
    def n_samples(self) -> int:
        """N."""
        return int(self.P.shape[0])


class Conditioning(NamedTuple):
    """What features are scaled by, and centered on, so that float32 squares neither overflow nor cancel.

    Attributes:
      largest: Their largest magnitude, which becomes 1.
      center: (D,) their mean after that; None where they stay where they are, for it would change angles.
    """

    largest: float
    center: NDArray[np.float64] | None

    @classmethod
    def of(cls, features: NDArray[np.floating], metric: str) -> Conditioning:
        """What (N, D) features need for a metric; distances stay as they are but for the scale.

        Raises:
          ValueError: If the features are not a finite two-dimensional array.
        """
        features = np.asarray(features)
        if features.ndim != 2:
            raise ValueError(f"Features must be a two-dimensional array, not {features.ndim}-dimensional.")
        if not np.isfinite(features).all():
            bad = np.flatnonzero(~np.isfinite(features).all(axis=1))
            raise ValueError(f"Features of {len(bad)} samples are not finite (the first is row {bad[0]}).")
        largest = float(np.abs(features).max(initial=0.0))
        if largest == 0.0 or metric != "euclidean":
            return cls(largest or 1.0, None)
        return cls(largest, (features / largest).mean(axis=0, dtype=np.float64))

    def __call__(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """These features, or others that are to be compared with them."""
        scaled = np.asarray(features) / self.largest
        return np.asarray(scaled if self.center is None else scaled - self.center, dtype=np.float32)


def compute_affinities(features: NDArray[np.floating], perplexity: float, metric: str = "euclidean") -> Affinities:
    """Computes p_ij = (p_j|i + p_i|j) / 2N over each point's `3 * perplexity` nearest neighbours.

    Args:
      features: (N, D) finite numbers; any scale.
      perplexity: Wanted perplexity; lowered to (N - 1) / 3 where N is too small for it.
      metric: "euclidean" or "cosine".

    Returns:
      The affinities. For N < 2 the matrix is empty.

    Raises:
      ValueError: If the features are not a finite two-dimensional array.
    """
    features = Conditioning.of(features, metric)(features)
    n = len(features)
    usable = min(perplexity, max((n - 1) / NEIGHBORS_PER_PERPLEXITY, 1.0))
    note = None
    if usable < perplexity:
        note = f"Perplexity lowered from {perplexity:g} to {usable:.3g}: it needs at least three times as many samples."
    if n < 2:
        return Affinities(sp.csr_matrix((n, n), dtype=np.float32), usable, note)
    n_neighbors = min(round(NEIGHBORS_PER_PERPLEXITY * usable), n - 1)
    distances, neighbors = nearest_neighbors(features, n_neighbors, metric)
    conditional = conditional_similarities(distances.astype(np.float64) ** 2, usable)
    indptr = np.arange(n + 1, dtype=np.int64) * n_neighbors
    p = sp.csr_matrix((conditional.ravel(), neighbors.ravel(), indptr), shape=(n, n))
    p = sp.csr_matrix(p + p.T)
    p.sum_duplicates()
    p.data /= p.data.sum()
    # One index type whatever scipy chose: kernels are compiled, and cached, for a type.
    indices, indptr = p.indices.astype(np.int32), p.indptr.astype(np.int32)
    return Affinities(sp.csr_matrix((p.data.astype(np.float32), indices, indptr), shape=(n, n)), usable, note)
