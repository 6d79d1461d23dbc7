"""The gradient of eq. (1) and its cost, as one pure function of arrays."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.attraction import attract, cost_rows, padded
from tb_tsne_plugin.tsne.barnes_hut import BarnesHut
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
    method: str = "exact",
    theta: float = 0.8,
) -> tuple[NDArray[np.floating], float]:
    """dC/dY = 4 (alpha F_attr - F_rep) and the cost C = KL(P~ || Q~).

    Args:
      P: (N, N) CSR affinities: symmetric, zero diagonal, sum 1.
      Y: (N, d) positions, d = 2 or 3. "exact" computes with float64 positions in float64, everything else in float32.
      labels: (N,) labels, -1 unlabelled; None for none at all.
      point_rate: (N,) u in [0, 1]; None for 1 at every labelled point. Ignored at unlabelled points.
      label_importance: f.
      repulsion_emphasis: r.
      early_exaggeration: alpha. The cost is the gradient's own at alpha = 1.
      method: "exact" for all pairs, or "barnes_hut".
      theta: Barnes-Hut's accuracy against speed; 0 is exact.

    Returns:
      (N, d) gradient, and the cost.

    Raises:
      ValueError: If the method is neither.
    """
    dtype = np.float64 if Y.dtype == np.float64 and method == "exact" else np.float32
    n = len(Y)
    known = np.full(n, UNLABELED, dtype=np.int32) if labels is None else np.asarray(labels, dtype=np.int32)
    rate = np.ones(n) if point_rate is None else np.asarray(point_rate)
    rate = np.where(known != UNLABELED, rate, 0.0).astype(dtype)
    P = padded(P.astype(dtype))
    weights = weighted_affinities(P, known, rate, label_importance)

    positions: NDArray[np.floating] = np.ascontiguousarray(Y.T, dtype=dtype)
    attraction, repulsion, z_rows = np.empty_like(positions), np.empty_like(positions), np.empty(n, dtype=dtype)
    attract(P.indptr, P.indices, weights, positions, attraction)
    if method == "exact":
        z = repel_exact(positions, known, rate, repulsion_emphasis, repulsion, z_rows)
    elif method == "barnes_hut":
        z = BarnesHut()(positions, known, rate, repulsion_emphasis, theta, repulsion, z_rows)
    else:
        raise ValueError(f'method must be "exact" or "barnes_hut", not {method!r}.')
    cost = cost_rows(P.indptr, P.indices, weights, positions, known, rate, repulsion_emphasis).sum() + np.log(z)
    slope = 4.0 * (dtype(early_exaggeration) * attraction - repulsion / dtype(z))
    return np.ascontiguousarray(slope.T), float(cost)
