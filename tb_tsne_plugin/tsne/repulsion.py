"""Repulsive forces between all pairs: sum_j b_ij t_ij^2 (y_i - y_j) and Z_i = sum_j b_ij t_ij, j != i (eq. 1).

b_ij = 1 + u_i u_j r for two labelled points of different classes, else 1. Unlabelled points have u = 0, so comparing
labels is all the test it takes. Positions are (d, N): the inner loops then fill whole SIMD registers.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.kernel import inner, kernel

# The self term is left out by two ranges rather than taken off afterwards: 1 + tiny - 1 is not tiny in float32.


@inner
def _sum_2d(Y, i, start, stop):  # type: ignore[no-untyped-def]
    xi, yi = Y[0, i], Y[1, i]
    x, y = Y[0, start:stop], Y[1, start:stop]
    one = Y.dtype.type(1)
    fx = fy = z = Y.dtype.type(0)
    for j in range(len(x)):
        dx, dy = xi - x[j], yi - y[j]
        t = one / (one + dx * dx + dy * dy)
        z += t
        t *= t
        fx += t * dx
        fy += t * dy
    return fx, fy, z


@inner
def _sum_3d(Y, i, start, stop):  # type: ignore[no-untyped-def]
    xi, yi, zi = Y[0, i], Y[1, i], Y[2, i]
    x, y, z = Y[0, start:stop], Y[1, start:stop], Y[2, start:stop]
    one = Y.dtype.type(1)
    fx = fy = fz = total = Y.dtype.type(0)
    for j in range(len(x)):
        dx, dy, dz = xi - x[j], yi - y[j], zi - z[j]
        t = one / (one + dx * dx + dy * dy + dz * dz)
        total += t
        t *= t
        fx += t * dx
        fy += t * dy
        fz += t * dz
    return fx, fy, fz, total


@inner
def _sum_labeled_2d(Y, labels, rate, emphasis, i, start, stop):  # type: ignore[no-untyped-def]
    xi, yi, label, strength = Y[0, i], Y[1, i], labels[i], emphasis * rate[i]
    x, y, c, u = Y[0, start:stop], Y[1, start:stop], labels[start:stop], rate[start:stop]
    one = Y.dtype.type(1)
    fx = fy = z = Y.dtype.type(0)
    for j in range(len(x)):
        dx, dy = xi - x[j], yi - y[j]
        t = one / (one + dx * dx + dy * dy)
        b = one + strength * u[j] if c[j] != label else one
        z += b * t
        t *= b * t
        fx += t * dx
        fy += t * dy
    return fx, fy, z


@inner
def _sum_labeled_3d(Y, labels, rate, emphasis, i, start, stop):  # type: ignore[no-untyped-def]
    xi, yi, zi, label, strength = Y[0, i], Y[1, i], Y[2, i], labels[i], emphasis * rate[i]
    x, y, z, c, u = Y[0, start:stop], Y[1, start:stop], Y[2, start:stop], labels[start:stop], rate[start:stop]
    one = Y.dtype.type(1)
    fx = fy = fz = total = Y.dtype.type(0)
    for j in range(len(x)):
        dx, dy, dz = xi - x[j], yi - y[j], zi - z[j]
        t = one / (one + dx * dx + dy * dy + dz * dz)
        b = one + strength * u[j] if c[j] != label else one
        total += b * t
        t *= b * t
        fx += t * dx
        fy += t * dy
        fz += t * dz
    return fx, fy, fz, total


@kernel
def _repel_2d(Y, forces, z_rows):  # type: ignore[no-untyped-def]
    n = Y.shape[1]
    for i in numba.prange(n):
        ax, ay, az = _sum_2d(Y, i, 0, i)
        bx, by, bz = _sum_2d(Y, i, i + 1, n)
        forces[0, i], forces[1, i], z_rows[i] = ax + bx, ay + by, az + bz


@kernel
def _repel_3d(Y, forces, z_rows):  # type: ignore[no-untyped-def]
    n = Y.shape[1]
    for i in numba.prange(n):
        ax, ay, az, a = _sum_3d(Y, i, 0, i)
        bx, by, bz, b = _sum_3d(Y, i, i + 1, n)
        forces[0, i], forces[1, i], forces[2, i], z_rows[i] = ax + bx, ay + by, az + bz, a + b


@kernel
def _repel_labeled_2d(Y, labels, rate, emphasis, forces, z_rows):  # type: ignore[no-untyped-def]
    n = Y.shape[1]
    for i in numba.prange(n):
        ax, ay, az = _sum_labeled_2d(Y, labels, rate, emphasis, i, 0, i)
        bx, by, bz = _sum_labeled_2d(Y, labels, rate, emphasis, i, i + 1, n)
        forces[0, i], forces[1, i], z_rows[i] = ax + bx, ay + by, az + bz


@kernel
def _repel_labeled_3d(Y, labels, rate, emphasis, forces, z_rows):  # type: ignore[no-untyped-def]
    n = Y.shape[1]
    for i in numba.prange(n):
        ax, ay, az, a = _sum_labeled_3d(Y, labels, rate, emphasis, i, 0, i)
        bx, by, bz, b = _sum_labeled_3d(Y, labels, rate, emphasis, i, i + 1, n)
        forces[0, i], forces[1, i], forces[2, i], z_rows[i] = ax + bx, ay + by, az + bz, a + b


def repel_exact(
    Y: NDArray[np.floating],
    labels: NDArray[np.int32],
    rate: NDArray[np.floating],
    repulsion_emphasis: float,
    forces: NDArray[np.floating],
    z_rows: NDArray[np.floating],
) -> float:
    """Fills the repulsive forces (not yet divided by Z) from all pairs.

    Args:
      Y: (d, N) positions, d = 2 or 3.
      labels: (N,) labels.
      rate: (N,) point rates u, of Y's dtype; 0 for unlabelled points.
      repulsion_emphasis: r.
      forces: (d, N) filled with sum_j b_ij t_ij^2 (y_i - y_j).
      z_rows: (N,) filled with sum_j b_ij t_ij.

    Returns:
      Z = sum_k!=l b_kl t_kl: rows in Y's precision, their sum in float64.
    """
    flat = Y.shape[0] == 2
    if repulsion_emphasis == 0.0 or not rate.any():
        (_repel_2d if flat else _repel_3d)(Y, forces, z_rows)
    else:
        emphasis = Y.dtype.type(repulsion_emphasis)
        (_repel_labeled_2d if flat else _repel_labeled_3d)(Y, labels, rate, emphasis, forces, z_rows)
    return float(z_rows.sum(dtype=np.float64))
