"""Repulsive forces by cells: far cells enter as expansions, near ones point by point (docs/algorithm.md, section 4).

A pair of cells is far where their sizes together are below STRICTNESS * theta times their distance. A far cell is
summed once for all points of the other cell, as an expansion about its centre that is handed down to its leaves; so the
work grows with N, not with N log N. theta = 0 leaves only near pairs.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.expansion import SOURCE_ROWS, TERMS, add_sources, shifted
from tb_tsne_plugin.tsne.kernel import inner, kernel
from tb_tsne_plugin.tsne.moments import RADIUS_SHARE, Moments, measure
from tb_tsne_plugin.tsne.octree import Octree, build, positions_along
from tb_tsne_plugin.tsne.simd import LANES, copy_run, load_columns

STRICTNESS = {2: 0.7, 3: 0.8}
"""For 2-D and 3-D: makes errors stay below those of scikit-learn's tree at the same theta."""
SOFTENING = np.float32(0.3)
"""t is smooth on the scale of 1, so cells much smaller than that are far from each other at any distance."""
FARAWAY = np.float32(1e18)
"""Where empty lanes are put: t = 1e-36, and no force."""
LABEL_THETA = 1.5
"""Label terms weigh a tenth of the rest, so their cells may be this much coarser."""
REBUILD_EVERY = 5
LOOSE = 1.5
"""A tree whose leaves have grown so many times larger is built again: points that fly apart take cells along."""
_LOG_TASKS, _STRIDE = 6, 27
_POINTS_PER_TASK = 512
"""At least: every task walks its ancestors and fills buffers of its own."""
_NEAR_ROOM, _FAR_ROOM = 2048, 256


@inner
def _sum_near(near, n, xi, yi, zi):  # type: ignore[no-untyped-def]
    fx = fy = fz = total = np.float32(0)
    one = np.float32(1)
    x, y, z = near[0], near[1], near[2]
    for k in range((n >> 5) << 5):
        dx, dy, dz = xi - x[k], yi - y[k], zi - z[k]
        t = one / (one + dx * dx + dy * dy + dz * dz)
        total += t
        t *= t
        fx += t * dx
        fy += t * dy
        fz += t * dz
    return fx, fy, fz, total


@inner
def _sum_near_weighted(near, n, xi, yi, zi):  # type: ignore[no-untyped-def]
    fx = fy = fz = total = np.float32(0)
    one = np.float32(1)
    x, y, z, w = near[0], near[1], near[2], near[3]
    for k in range((n >> 5) << 5):
        dx, dy, dz = xi - x[k], yi - y[k], zi - z[k]
        t = one / (one + dx * dx + dy * dy + dz * dz)
        wt = w[k] * t
        total += wt
        t *= wt
        fx += t * dx
        fy += t * dy
        fz += t * dz
    return fx, fy, fz, total


@inner
def _classify(a, queue, queued, waiting, end, far, reach, centers, opens, after):  # type: ignore[no-untyped-def]
    """Sorts candidate cells b; returns how many are far from cell a, and the end of `waiting`.

    Far ones go to `far`; those that wait for a's children (near ones, if a is a leaf) go to `waiting`; larger ones are
    opened.
    """
    x, y, z, size = centers[a, 0], centers[a, 1], centers[a, 2], centers[a, 3]
    at_least = size if opens[a] >= 0 else np.float32(0)
    n_far, seen = 0, 0
    while seen < queued:
        b = queue[seen]
        seen += 1
        dx, dy, dz = x - centers[b, 0], y - centers[b, 1], z - centers[b, 2]
        sizes = size + centers[b, 3]
        is_far = sizes * sizes < reach * (dx * dx + dy * dy + dz * dz + SOFTENING)
        is_open = (opens[b] >= at_least) & (not is_far)
        far[n_far] = b
        n_far += is_far
        waiting[end] = b
        end += not (is_far | is_open)
        if is_open:
            child = b + 1
            while child < after[b]:
                queue[queued] = child
                queued += 1
                child = after[child]
    return n_far, end


@inner
def _expand(far, n, centers, masses, seconds, a, sources, expansion):  # type: ignore[no-untyped-def]
    """Adds the far cells' potentials to a's expansion."""
    none = len(centers) - 1
    while n % LANES:
        far[n] = none
        n += 1
    for first in range(0, n, _FAR_ROOM):
        count = min(n - first, _FAR_ROOM)
        for k in range(0, count, LANES):
            load_columns(centers, far, first + k, sources, 0, k)
            load_columns(masses, far, first + k, sources, 4, k)
            load_columns(seconds, far, first + k, sources, 8, k)
        add_sources(sources, count, centers[a, 0], centers[a, 1], centers[a, 2], expansion)


@inner
def _sum_leaf(a, neighbors, points, weights, start, stop, plain, near, sums):  # type: ignore[no-untyped-def]  # noqa: PLR0912
    """Adds the pairs of leaf a with its neighbour leaves to `sums` (4, M); True if a is among them."""
    met = False
    next_leaf = 0
    place = start[neighbors[0]] if len(neighbors) else 0
    while next_leaf < len(neighbors):
        n, own, own_stop, shift = 0, 0, 0, 0  # the leaf's own points among these: places own to own_stop, plus shift
        while next_leaf < len(neighbors) and n < _NEAR_ROOM:
            b = neighbors[next_leaf]
            count = min(stop[b] - place, _NEAR_ROOM - n)
            if b == a:
                met = True
                own, own_stop, shift = place, place + count, n - place
            for k in range(0, count, LANES):
                copy_run(points, place + k, near, n + k)
            if not plain:
                for k in range(count):
                    near[3, n + k] = weights[place + k]
            n += count
            place += count
            if place == stop[b]:
                next_leaf += 1
                place = start[neighbors[next_leaf]] if next_leaf < len(neighbors) else 0
        while n % (2 * LANES):
            near[0, n], near[1, n], near[2, n], near[3, n] = FARAWAY, FARAWAY, FARAWAY, np.float32(0)
            n += 1
        for p in range(start[a], stop[a]):
            x, y, z = points[0, p], points[1, p], points[2, p]
            is_own = own <= p < own_stop
            if is_own:
                near[0, p + shift] = FARAWAY  # not taken off afterwards: 1 + tiny - 1 is not tiny in float32
            if plain:
                fx, fy, fz, t = _sum_near(near, n, x, y, z)
            else:
                fx, fy, fz, t = _sum_near_weighted(near, n, x, y, z)
            if is_own:
                near[0, p + shift] = x
            sums[0, p] += fx
            sums[1, p] += fy
            sums[2, p] += fz
            sums[3, p] += t
    return met


@inner
def _sum_expansion(a, expansion, centers, points, start, stop, sums):  # type: ignore[no-untyped-def]
    half = np.float32(-0.5)
    for p in range(start[a], stop[a]):
        x, y, z = points[0, p] - centers[a, 0], points[1, p] - centers[a, 1], points[2, p] - centers[a, 2]
        value, px, py, pz, _, _, _, _, _, _ = shifted(expansion, x, y, z)
        sums[0, p], sums[1, p], sums[2, p], sums[3, p] = half * px, half * py, half * pz, value


@inner
def _sum_cells(first, last, levels, points, weights, n_plain, n_points, cells, moments, reaches, sums):  # type: ignore[no-untyped-def]
    """Fills the sums of the leaves among cells first to last, which are in preorder.

    Their ancestors are gone through as well, as every task does: the candidates that wait for a cell's children are
    those between bounds[depth] and bounds[depth + 1], and its expansion is expansions[depth].
    """
    start, stop, after, depth, parent = cells
    centers, masses, seconds, opens = moments
    n_cells = len(start)
    expansions, bounds = np.zeros((levels, TERMS), dtype=np.float32), np.zeros(levels + 1, dtype=np.int64)
    waiting, queue = np.empty(4 * n_cells, dtype=np.int32), np.empty(n_cells, dtype=np.int32)
    far = np.empty(n_cells + LANES, dtype=np.int32)
    sources = np.empty((SOURCE_ROWS, _FAR_ROOM), dtype=np.float32)
    near = np.empty((4, _NEAR_ROOM + 2 * LANES), dtype=np.float32)
    path = np.empty(levels, dtype=np.int32)
    ancestors = depth[first]
    up = parent[first]
    for k in range(ancestors - 1, -1, -1):
        path[k] = up
        up = parent[up]
    for step in range(ancestors + last - first):
        a = path[step] if step < ancestors else first + step - ancestors
        level = depth[a]
        expansion = expansions[level]
        if level == 0:
            expansion[:] = 0
            queue[0], queued, end = a, 1, 0  # trees side by side do not see each other
        else:
            up, begin, end = parent[a], bounds[level - 1], bounds[level]
            queued = end - begin
            queue[:queued] = waiting[begin:end]
            outer = expansions[level - 1]
            x, y, z = centers[a, 0] - centers[up, 0], centers[a, 1] - centers[up, 1], centers[a, 2] - centers[up, 2]
            ten = shifted(outer, x, y, z)
            for k in range(10):
                expansion[k], expansion[10 + k] = ten[k], outer[10 + k]
        if end + n_cells > len(waiting):
            larger = np.empty(2 * len(waiting), dtype=np.int32)
            larger[:end] = waiting[:end]
            waiting = larger
        bounds[level] = end
        plain = stop[a] <= n_plain
        reach = reaches[0] if stop[a] <= n_points else reaches[1]
        n_far, end_of = _classify(a, queue, queued, waiting, end, far, reach, centers, opens, after)
        bounds[level + 1] = end_of
        _expand(far, n_far, centers, masses, seconds, a, sources, expansion)
        if opens[a] < 0:
            _sum_expansion(a, expansion, centers, points, start, stop, sums)
            if not _sum_leaf(a, waiting[end:end_of], points, weights, start, stop, plain, near, sums):
                for p in range(start[a], stop[a]):  # some cell that holds the leaf was far from itself: no self terms
                    sums[3, p] -= weights[p]


@kernel
def _sum_trees(cuts, points, weights, n_plain, n_points, cells, moments, reaches):  # type: ignore[no-untyped-def]
    """(4, M) sum_j w_j t^2 (y - y_j) and sum_j w_j t at every place.

    Args:
      cuts: (T + 1,) cells at which the tasks part.
      points: (3, M + 16) positions along the curve.
      weights: (M,) weights; 1 at the first `n_plain` places.
      n_plain: N or, where every weight is 1, M.
      n_points: N: the first N places are the tree of all points.
      cells: start, stop, after, depth, parent of an `Octree`.
      moments: As from `measure`.
      reaches: as from `_reach`, for the tree of all points and for the others.
    """
    sums = np.empty((4, len(weights)), dtype=np.float32)
    tasks, levels = len(cuts) - 1, cells[3].max() + 1
    for k in numba.prange(tasks):
        task = (k * _STRIDE) % tasks  # a permutation: every thread gets some of everywhere
        if cuts[task] < cuts[task + 1]:
            first, last = cuts[task], cuts[task + 1]
            _sum_cells(first, last, levels, points, weights, n_plain, n_points, cells, moments, reaches, sums)
    return sums


@kernel
def _collect(sums, order, factors, forces, z_rows):  # type: ignore[no-untyped-def]
    """Each point's sum over all points, plus its factor times that over the labelled ones, less that over its class."""
    d, n = forces.shape
    half = (len(order) - n) // 2
    for p in numba.prange(n):
        i = order[p]
        for axis in range(d):
            forces[axis, i] = sums[axis, p]
        z_rows[i] = sums[3, p]
    for p in numba.prange(n, n + half):  # no point is here twice
        i = order[p]
        for axis in range(d):
            forces[axis, i] += factors[i] * sums[axis, p]
        z_rows[i] += factors[i] * sums[3, p]
    for p in numba.prange(n + half, n + 2 * half):
        i = order[p]
        for axis in range(d):
            forces[axis, i] -= factors[i] * sums[axis, p]
        z_rows[i] -= factors[i] * sums[3, p]


def _reach(theta: float, d: int) -> np.float32:
    """How far is far, squared; capped, because beyond the share a cell could be far from a point that it holds."""
    reach: np.float32 = np.float32(min(STRICTNESS[d] * theta, RADIUS_SHARE) ** 2)
    return reach


class BarnesHut:
    """The trees of one embedding, built now and then.

    Points that move on keep their cells, which are measured anew at every epoch: an old tree costs time, not accuracy.
    While an embedding unfolds that would be much time, so a tree that has come loose is not kept.
    """

    def __init__(self, rebuild_every: int = REBUILD_EVERY) -> None:
        """Starts without trees."""
        self._every = rebuild_every
        self.reset()

    def reset(self) -> None:
        """Has the trees built at the next call: positions have jumped, or labels changed."""
        self._age = 0
        self._with_labels = False
        self._tree: Octree | None = None
        self._leaf_size = 0.0

    def __call__(
        self,
        Y: NDArray[np.floating],
        labels: NDArray[np.int32],
        rate: NDArray[np.floating],
        repulsion_emphasis: float,
        theta: float,
        forces: NDArray[np.floating],
        z_rows: NDArray[np.floating],
    ) -> float:
        """Fills the repulsive forces (not yet divided by Z); arguments and result as for `repel_exact`, and theta.

        For a labelled i, sum_j b_ij (...) is the sum over all points, plus r u_i times the u-weighted sum over the
        labelled ones, less r u_i times the u-weighted sum over those of i's class.
        """
        n = Y.shape[1]
        with_labels = repulsion_emphasis != 0.0 and bool(rate.any())
        if self._tree is None or self._age >= self._every or with_labels != self._with_labels:
            self._tree, self._age, self._with_labels = None, 0, with_labels
        tree, points, weights, moments = self._measured(Y, rate, labels if with_labels else None)
        self._age += 1
        tasks = 1 << min(_LOG_TASKS, (len(tree.order) // _POINTS_PER_TASK).bit_length())
        cuts = np.searchsorted(tree.start, np.arange(tasks + 1) * len(tree.order) // tasks)
        reaches = _reach(theta, len(Y)), _reach(LABEL_THETA * theta, len(Y))
        n_plain = len(weights) if (weights == 1).all() else n
        sums = _sum_trees(cuts, points, weights, n_plain, n, tree[1:], tuple(moments), reaches)
        _collect(sums, tree.order, np.float32(repulsion_emphasis) * rate, forces, z_rows)
        return float(z_rows.sum(dtype=np.float64))

    def _measured(
        self, Y: NDArray[np.floating], rate: NDArray[np.floating], labels: NDArray[np.int32] | None
    ) -> tuple[Octree, NDArray[np.floating], NDArray[np.float32], Moments]:
        """The tree, built if there is none or it has come loose, its points and weights, and its cells' moments."""
        tree = build(Y, labels) if self._tree is None else self._tree
        weights = np.ones(len(tree.order), dtype=np.float32)
        weights[Y.shape[1] :] = rate[tree.order[Y.shape[1] :]]
        points = positions_along(Y, tree.order)
        moments = Moments(*measure(points, weights, tree.start, tree.stop, tree.after))
        leaf_size = float(moments.centers[:-1, 3][moments.opens < 0].mean())
        if self._tree is None:
            self._tree, self._leaf_size = tree, leaf_size
        elif leaf_size > LOOSE * self._leaf_size:
            self._tree, self._age = None, 0
            return self._measured(Y, rate, labels)
        return tree, points, weights, moments
