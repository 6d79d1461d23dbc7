"""Attractive forces along the stored neighbours, and the cost (eq. 1).

Rows are padded to whole SIMD registers, and positions fetched four numbers a neighbour: one cache line each.
"""

from __future__ import annotations

import numba
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.kernel import inner, kernel
from tb_tsne_plugin.tsne.simd import LANES, load_columns

_ROOM = 512
_TASKS = 64


def padded(P: sp.csr_matrix) -> sp.csr_matrix:
    """The same matrix with the length of every row a multiple of 16: entries of 0 on the diagonal fill it up."""
    n = P.shape[0]
    lengths = np.diff(P.indptr)
    wide = -(-lengths // LANES) * LANES
    indptr = np.concatenate([[0], np.cumsum(wide)]).astype(np.int64 if wide.sum() > 2**31 - 1 else np.int32)
    indices, data = np.repeat(np.arange(n, dtype=np.int32), wide), np.zeros(int(wide.sum()), dtype=P.dtype)
    places = np.arange(P.nnz) + np.repeat(indptr[:-1] - P.indptr[:-1], lengths)
    indices[places], data[places] = P.indices, P.data
    wider = sp.csr_matrix((n, n), dtype=P.dtype)
    wider.data, wider.indices, wider.indptr = data, indices, indptr  # the constructor may choose another index type
    return wider


@kernel
def _rows(Y):  # type: ignore[no-untyped-def]
    """(N, 4) positions by rows, from (d, N); what is missing is 0."""
    d, n = Y.shape
    rows = np.zeros((n, 4), dtype=Y.dtype)
    for i in numba.prange(n):
        for axis in range(d):
            rows[i, axis] = Y[axis, i]
    return rows


@inner
def _sum_block(block, n, weights, first, xi, yi, zi):  # type: ignore[no-untyped-def]
    one = block.dtype.type(1)
    fx = fy = fz = block.dtype.type(0)
    n = (n >> 4) << 4  # says that nothing is left over
    x, y, z, w = block[0], block[1], block[2], weights[first : first + n]
    for k in range(n):
        dx, dy, dz = xi - x[k], yi - y[k], zi - z[k]
        pull = w[k] / (one + dx * dx + dy * dy + dz * dz)
        fx += pull * dx
        fy += pull * dy
        fz += pull * dz
    return fx, fy, fz


@inner
def _attract_rows(first, last, indptr, indices, weights, rows, forces):  # type: ignore[no-untyped-def]
    block = np.empty((4, _ROOM), dtype=rows.dtype)
    for i in range(first, last):
        fx = fy = fz = rows.dtype.type(0)
        for begin in range(indptr[i], indptr[i + 1], _ROOM):
            n = min(indptr[i + 1] - begin, _ROOM)
            for k in range(0, n, LANES):
                load_columns(rows, indices, begin + k, block, 0, k)
            sx, sy, sz = _sum_block(block, n, weights, begin, rows[i, 0], rows[i, 1], rows[i, 2])
            fx, fy, fz = fx + sx, fy + sy, fz + sz
        forces[0, i], forces[1, i] = fx, fy
        if len(forces) == 3:
            forces[2, i] = fz


@kernel
def _attract(indptr, indices, weights, rows, forces):  # type: ignore[no-untyped-def]
    n = len(rows)
    for task in numba.prange(_TASKS):
        _attract_rows(n * task // _TASKS, n * (task + 1) // _TASKS, indptr, indices, weights, rows, forces)


def attract(
    indptr: NDArray[np.integer],
    indices: NDArray[np.int32],
    weights: NDArray[np.floating],
    Y: NDArray[np.floating],
    forces: NDArray[np.floating],
) -> None:
    """Fills the attractive forces F_attr.

    Args:
      indptr: (N + 1,) row starts of the affinities (CSR), as from `padded`.
      indices: (nnz,) neighbours.
      weights: (nnz,) a_ij p_ij / sum_kl a_kl p_kl; 0 where rows are filled up.
      Y: (d, N) positions, d = 2 or 3.
      forces: (d, N) filled with sum_j w_ij t_ij (y_i - y_j).

    Raises:
      ValueError: If rows are not filled up: sixteen entries are loaded at a time, beyond the arrays' end if need be.
    """
    if (indptr % LANES).any():
        raise ValueError("The rows of the affinities are not filled up; see `padded`.")
    _attract(indptr, indices, weights, _rows(Y), forces)


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
