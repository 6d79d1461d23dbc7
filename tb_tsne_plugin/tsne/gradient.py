"""The gradient of eq. (1) and its cost, as one pure function of arrays."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.attraction import attract, cost_rows
from tb_tsne_plugin.tsne.parameters import UNLABELED
from tb_tsne_plugin.tsne.repulsion import repel_exact
from tb_tsne_plugin.tsne.supervision import weighted_affinities


def gradient(
    P: sp.csr_matrix,
    Y: NDArray[np.floating],
    labels: NDArray[np.integer] | None = None,
    point_rate: NDArray[np.floating] | None = None,
    *,
    label_importance: float = 0.0,
    repulsion_emphasis: float = 0.0,
    early_exaggeration: float = 1.0,
) -> tuple[NDArray[np.floating], float]:
    """dC/dY = 4 (alpha F_attr - F_rep) and the cost C = KL(P~ || Q~).

    Args:
      P: (N, N) CSR affinities: symmetric, zero diagonal, sum 1.
      Y: (N, d) positions, d = 2 or 3. float64 positions are computed with in float64, anything else in float32.
      labels: (N,) labels, -1 unlabelled; None for none at all.
      point_rate: (N,) u in [0, 1]; None for 1 at every labelled point. Ignored at unlabelled points.
      label_importance: f.
      repulsion_emphasis: r.
      early_exaggeration: alpha. The cost is the gradient's own at alpha = 1.

    Returns:
      (N, d) gradient, and the cost.
    """
    dtype = np.float64 if Y.dtype == np.float64 else np.float32
    n = len(Y)
    known = np.full(n, UNLABELED, dtype=np.int32) if labels is None else np.asarray(labels, dtype=np.int32)
    rate = np.ones(n) if point_rate is None else np.asarray(point_rate)
    rate = np.where(known != UNLABELED, rate, 0.0).astype(dtype)
    weights = weighted_affinities(P.astype(dtype), known, rate, label_importance)

    columns = np.ascontiguousarray(Y.T, dtype=dtype)
    attraction, repulsion, z_rows = np.empty_like(columns), np.empty_like(columns), np.empty(n, dtype=dtype)
    attract(P.indptr, P.indices, weights, columns, attraction)
    z = repel_exact(columns, known, rate, repulsion_emphasis, repulsion, z_rows)
    cost = cost_rows(P.indptr, P.indices, weights, columns, known, rate, repulsion_emphasis).sum() + np.log(z)
    slope = 4.0 * (dtype(early_exaggeration) * attraction - repulsion / dtype(z))
    return np.ascontiguousarray(slope.T), float(cost)
