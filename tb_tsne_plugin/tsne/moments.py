"""What a cell is to the points far from it: mass, centre, second moments and size."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.kernel import inner, kernel

RADIUS_SHARE = 0.65
"""A cell is as large as its points' root mean square distance from the centre, or this share of the greatest one."""
CROWD, CROWD_POWER = 16, 0.25
"""A cell of n > 16 points counts (n / 16)^0.25 times as large: strict where one sum stands for many points."""
_SMALLEST_MASS = np.float32(1e-30)


class Moments(NamedTuple):
    """Of C cells, and a last row for none, which has no mass."""

    centers: NDArray[np.float32]  # (C + 1, 4) centre of mass x, y, z; size
    masses: NDArray[np.float32]  # (C + 1, 4) mass; second moments xx, xy, xz about the centre
    seconds: NDArray[np.float32]  # (C + 1, 4) second moments yy, yz, zz; unused
    opens: NDArray[np.float32]  # (C,) size where the cell has children, -1 at a leaf


@inner
def _add_second(masses, seconds, c, w, x, y, z):  # type: ignore[no-untyped-def]
    masses[c, 1] += w * x * x
    masses[c, 2] += w * x * y
    masses[c, 3] += w * x * z
    seconds[c, 0] += w * y * y
    seconds[c, 1] += w * y * z
    seconds[c, 2] += w * z * z


@inner
def _measure_leaf(points, weights, start, stop, c, centers, masses, seconds, boxes):  # type: ignore[no-untyped-def]
    x0, y0, z0 = points[0, start], points[1, start], points[2, start]  # sums of offsets keep float32 exact enough
    mass = sx = sy = sz = np.float32(0)
    box = boxes[c]
    box[0], box[1], box[2], box[3], box[4], box[5] = x0, x0, y0, y0, z0, z0
    for p in range(start, stop):
        w = weights[p]
        x, y, z = points[0, p], points[1, p], points[2, p]
        mass += w
        sx += w * (x - x0)
        sy += w * (y - y0)
        sz += w * (z - z0)
        box[0], box[1] = min(box[0], x), max(box[1], x)
        box[2], box[3] = min(box[2], y), max(box[3], y)
        box[4], box[5] = min(box[4], z), max(box[5], z)
    share = np.float32(1) / max(mass, _SMALLEST_MASS)
    x0, y0, z0 = x0 + sx * share, y0 + sy * share, z0 + sz * share
    centers[c, 0], centers[c, 1], centers[c, 2], masses[c, 0] = x0, y0, z0, mass
    for p in range(start, stop):
        _add_second(masses, seconds, c, weights[p], points[0, p] - x0, points[1, p] - y0, points[2, p] - z0)


@inner
def _merge_children(after, c, centers, masses, seconds, boxes):  # type: ignore[no-untyped-def]
    first = c + 1
    mass = sx = sy = sz = np.float32(0)
    for k in range(6):
        boxes[c, k] = boxes[first, k]
    child = first
    while child < after[c]:
        w = masses[child, 0]
        mass += w
        sx += w * (centers[child, 0] - centers[first, 0])
        sy += w * (centers[child, 1] - centers[first, 1])
        sz += w * (centers[child, 2] - centers[first, 2])
        for axis in range(3):
            boxes[c, 2 * axis] = min(boxes[c, 2 * axis], boxes[child, 2 * axis])
            boxes[c, 2 * axis + 1] = max(boxes[c, 2 * axis + 1], boxes[child, 2 * axis + 1])
        child = after[child]
    share = np.float32(1) / max(mass, _SMALLEST_MASS)
    x0, y0, z0 = centers[first, 0] + sx * share, centers[first, 1] + sy * share, centers[first, 2] + sz * share
    centers[c, 0], centers[c, 1], centers[c, 2], masses[c, 0] = x0, y0, z0, mass
    child = first
    while child < after[c]:
        for k in range(3):
            masses[c, 1 + k] += masses[child, 1 + k]
            seconds[c, k] += seconds[child, k]
        x, y, z = centers[child, 0] - x0, centers[child, 1] - y0, centers[child, 2] - z0
        _add_second(masses, seconds, c, masses[child, 0], x, y, z)
        child = after[child]


@inner
def _size(center, box, spread, mass, n):  # type: ignore[no-untyped-def]
    farthest = np.float32(0)
    for axis in range(3):
        reach = max(center[axis] - box[2 * axis], box[2 * axis + 1] - center[axis])
        farthest += reach * reach
    size = max(np.sqrt(spread / max(mass, _SMALLEST_MASS)), np.float32(RADIUS_SHARE) * np.sqrt(farthest))
    return size * np.float32(max(n / CROWD, 1.0) ** CROWD_POWER)


@kernel
def measure(points, weights, start, stop, after):  # type: ignore[no-untyped-def]
    """The moments of every cell, leaves first.

    Args:
      points: (3, >= M) positions along the curve.
      weights: (M,) the points' weights, not negative.
      start: (C,) first places, and so on as in `Octree`.
      stop: (C,)
      after: (C,)

    Returns:
      centers, masses, seconds, opens: as in `Moments`.
    """
    n = len(start)
    centers, opens = np.zeros((n + 1, 4), dtype=np.float32), np.full(n, np.float32(-1))
    masses, seconds = np.zeros((n + 1, 4), dtype=np.float32), np.zeros((n + 1, 4), dtype=np.float32)
    boxes = np.empty((n, 6), dtype=np.float32)
    for c in numba.prange(n):
        if after[c] == c + 1:
            _measure_leaf(points, weights, start[c], stop[c], c, centers, masses, seconds, boxes)
    for c in range(n - 1, -1, -1):
        if after[c] > c + 1:
            _merge_children(after, c, centers, masses, seconds, boxes)
    for c in numba.prange(n):
        spread = masses[c, 1] + seconds[c, 0] + seconds[c, 2]
        centers[c, 3] = _size(centers[c], boxes[c], spread, masses[c, 0], stop[c] - start[c])
        if after[c] > c + 1:
            opens[c] = centers[c, 3]
    return centers, masses, seconds, opens
