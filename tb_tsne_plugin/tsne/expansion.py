"""Potentials of far cells as polynomials about a centre, of third order (Dehnen 2002, J. Comput. Phys. 179).

The force is a gradient: with phi(y) = sum_j w_j t(y - y_j), t = 1 / (1 + r^2), the sum of w_j t^2 (y - y_j) is
-1/2 grad phi, and phi itself is the point's part of Z. An expansion is 20 coefficients: the value, 3 first, 6 second
(xx xy xz yy yz zz) and 10 third derivatives (xxx xxy xxz xyy xyz xzz yyy yyz yzz zzz) of phi at the centre.
"""

from __future__ import annotations

import numpy as np

from tb_tsne_plugin.tsne.kernel import inner

TERMS = 20
SOURCE_ROWS = 12


@inner
def add_sources(sources, n, x0, y0, z0, expansion):  # type: ignore[no-untyped-def]
    """Adds n cells' potentials to an expansion.

    Args:
      sources: (12, >= n) centre x, y, z; unused; mass; second moments xx, xy, xz, yy, yz, zz; unused.
      n: Number of sources, a multiple of 16.
      x0: Centre of the expansion.
      y0: Likewise.
      z0: Likewise.
      expansion: (20,) changed.
    """
    p0 = px = py = pz = pxx = pxy = pxz = pyy = pyz = pzz = np.float32(0)
    pxxx = pxxy = pxxz = pxyy = pxyz = pxzz = pyyy = pyyz = pyzz = pzzz = np.float32(0)
    one, half = np.float32(1), np.float32(0.5)
    for k in range((n >> 4) << 4):
        x, y, z, mass = x0 - sources[0, k], y0 - sources[1, k], z0 - sources[2, k], sources[4, k]
        qxx, qxy, qxz = sources[5, k], sources[6, k], sources[7, k]
        qyy, qyz, qzz = sources[8, k], sources[9, k], sources[10, k]
        t = one / (one + x * x + y * y + z * z)
        d1 = np.float32(-2) * t * t  # t_x = d1 x,  t_xy = d2 x y + d1 [x = y],  t_xyz = d3 x y z + d2 (...)
        d2 = np.float32(-4) * d1 * t
        d3 = np.float32(-6) * d2 * t
        qx = qxx * x + qxy * y + qxz * z
        qy = qxy * x + qyy * y + qyz * z
        qz = qxz * x + qyz * y + qzz * z
        trace, form = qxx + qyy + qzz, qx * x + qy * y + qz * z
        p0 += mass * t + half * (d2 * form + d1 * trace)
        along = mass * d1 + half * (d3 * form + d2 * trace)
        px += along * x + d2 * qx
        py += along * y + d2 * qy
        pz += along * z + d2 * qz
        d1, d2, d3 = mass * d1, mass * d2, mass * d3
        x2, y2, z2 = d2 * x, d2 * y, d2 * z
        pxx += x2 * x + d1
        pxy += x2 * y
        pxz += x2 * z
        pyy += y2 * y + d1
        pyz += y2 * z
        pzz += z2 * z + d1
        x3, y3, z3 = d3 * x * x + d2, d3 * y * y + d2, d3 * z * z + d2
        pxxx += x * x3 + x2 + x2
        pxxy += y * x3
        pxxz += z * x3
        pxyy += x * y3
        pxyz += d3 * x * y * z
        pxzz += x * z3
        pyyy += y * y3 + y2 + y2
        pyyz += z * y3
        pyzz += y * z3
        pzzz += z * z3 + z2 + z2
    sums = (p0, px, py, pz, pxx, pxy, pxz, pyy, pyz, pzz, pxxx, pxxy, pxxz, pxyy, pxyz, pxzz, pyyy, pyyz, pyzz, pzzz)
    for k in range(TERMS):
        expansion[k] += sums[k]


@inner
def shifted(e, x, y, z):  # type: ignore[no-untyped-def]
    """The value and the first and second derivatives, ten numbers, of an expansion at an offset from its centre."""
    half = np.float32(0.5)
    txx, txy, txz = (
        e[10] * x + e[11] * y + e[12] * z,
        e[11] * x + e[13] * y + e[14] * z,
        e[12] * x + e[14] * y + e[15] * z,
    )
    tyy, tyz, tzz = (
        e[13] * x + e[16] * y + e[17] * z,
        e[14] * x + e[17] * y + e[18] * z,
        e[15] * x + e[18] * y + e[19] * z,
    )
    sx, sy, sz = e[4] * x + e[5] * y + e[6] * z, e[5] * x + e[7] * y + e[8] * z, e[6] * x + e[8] * y + e[9] * z
    cx, cy, cz = txx * x + txy * y + txz * z, txy * x + tyy * y + tyz * z, txz * x + tyz * y + tzz * z
    value = e[0] + e[1] * x + e[2] * y + e[3] * z
    value += half * (sx * x + sy * y + sz * z) + np.float32(1 / 6) * (cx * x + cy * y + cz * z)
    first = e[1] + sx + half * cx, e[2] + sy + half * cy, e[3] + sz + half * cz
    return (value, *first, e[4] + txx, e[5] + txy, e[6] + txz, e[7] + tyy, e[8] + tyz, e[9] + tzz)
