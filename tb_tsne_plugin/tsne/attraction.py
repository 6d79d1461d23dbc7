"""Attractive forces along the stored neighbours, and the cost (eq. 1)."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.kernel import inner, kernel


@kernel
def attract_2d(indptr, indices, weights, Y, forces):  # type: ignore[no-untyped-def]
    """Fills (2, N) `forces` with sum_j w_ij t_ij (y_i - y_j); arguments as for `attract`."""
    x, y = Y[0], Y[1]
    for i in numba.prange(Y.shape[1]):
        xi, yi = x[i], y[i]
        one = Y.dtype.type(1)
        fx = fy = Y.dtype.type(0)
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            dx, dy = xi - x[j], yi - y[j]
            w = weights[e] / (one + dx * dx + dy * dy)
            fx += w * dx
            fy += w * dy
        forces[0, i], forces[1, i] = fx, fy


@kernel
def attract_3d(indptr, indices, weights, Y, forces):  # type: ignore[no-untyped-def]
    """Fills (3, N) `forces` with sum_j w_ij t_ij (y_i - y_j); arguments as for `attract`."""
    x, y, z = Y[0], Y[1], Y[2]
    for i in numba.prange(Y.shape[1]):
        xi, yi, zi = x[i], y[i], z[i]
        one = Y.dtype.type(1)
        fx = fy = fz = Y.dtype.type(0)
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            dx, dy, dz = xi - x[j], yi - y[j], zi - z[j]
            w = weights[e] / (one + dx * dx + dy * dy + dz * dz)
            fx += w * dx
            fy += w * dy
            fz += w * dz
        forces[0, i], forces[1, i], forces[2, i] = fx, fy, fz


def attract(
    indptr: NDArray[np.integer],
    indices: NDArray[np.integer],
    weights: NDArray[np.floating],
    Y: NDArray[np.floating],
    forces: NDArray[np.floating],
) -> None:
    """Fills the attractive forces F_attr.

    Args:
      indptr: (N + 1,) row starts of the affinities (CSR).
      indices: (nnz,) neighbours.
      weights: (nnz,) a_ij p_ij / sum_kl a_kl p_kl.
      Y: (d, N) positions, d = 2 or 3.
      forces: (d, N) filled with sum_j w_ij t_ij (y_i - y_j).
    """
    (attract_2d if Y.shape[0] == 2 else attract_3d)(indptr, indices, weights, Y, forces)


@inner
def _squared_distance(Y, i, j):  # type: ignore[no-untyped-def]
    total = Y.dtype.type(0)
    for axis in range(Y.shape[0]):
        d = Y[axis, i] - Y[axis, j]
        total += d * d
    return total


@kernel
def cost_rows(indptr, indices, weights, Y, labels, rate, repulsion_emphasis):  # type: ignore[no-untyped-def]
    """Each point's part of sum_ij w_ij (log w_ij - log(b_ij t_ij)).

    Adding log Z gives the cost C = KL(P~ || Q~), because the weights sum to 1.

    Args:
      indptr: (N + 1,) row starts (CSR).
      indices: (nnz,) neighbours.
      weights: (nnz,) P~; entries of 0 count nothing.
      Y: (d, N) positions.
      labels: (N,) labels.
      rate: (N,) point rates u.
      repulsion_emphasis: r.

    Returns:
      (N,) float64.
    """
    n = Y.shape[1]
    rows = np.zeros(n, dtype=np.float64)
    for i in numba.prange(n):
        total = 0.0
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            w = np.float64(weights[e])
            if w > 0.0:
                b = 1.0
                if labels[i] != labels[j]:
                    b += repulsion_emphasis * rate[i] * rate[j]
                total += w * (np.log(w) - np.log(b) + np.log1p(np.float64(_squared_distance(Y, i, j))))
        rows[i] = total
    return rows
