"""The tree over the embedding: points along a Morton curve, cells in preorder (docs/algorithm.md, section 4).

A cell is a run of places along the curve. In preorder every subtree is a run of cells too: the children of a cell `c`
are `c + 1`, `after[c + 1]` and so on below `after[c]`. A quadtree is an octree whose third coordinate is 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.kernel import inner, kernel
from tb_tsne_plugin.tsne.simd import LANES

BITS = 21
"""Bits of a key for each axis, and so the greatest depth: points that share a key stay in one leaf."""
CAPACITY = 48
"""Points of the fullest leaf."""
_DIGIT_BITS = 11
_LARGEST = (2**BITS - 1) * 0.999999


class Octree(NamedTuple):
    """The tree of all N points and, side by side with it, one of the L labelled ones and one for each class.

    A labelled point has three places, then: M = N + 2 L. The roots are the cells of depth 0.
    """

    order: NDArray[np.int32]  # (M,) the point at each place along the curve
    start: NDArray[np.int32]  # (C,) first place of each cell
    stop: NDArray[np.int32]  # (C,) the place after its last
    after: NDArray[np.int32]  # (C,) the first later cell outside this one; c + 1 for a leaf
    depth: NDArray[np.int32]  # (C,) 0 at a root
    parent: NDArray[np.int32]  # (C,) the cell this one was split from, -1 at a root


def build(Y: NDArray[np.floating], labels: NDArray[np.int32] | None = None, capacity: int = CAPACITY) -> Octree:
    """Trees of positions.

    Args:
      Y: (d, N) finite positions, d = 2 or 3, N >= 1.
      labels: (N,) labels, negative where there is none; None to leave out the trees of labelled points.
      capacity: Points of the fullest leaf; only points that share a key make a fuller one.
    """
    low = Y.min(axis=1).astype(np.float64)
    extent = float((Y.max(axis=1) - low).max())
    order, keys = _sorted_keys(_morton_keys(Y, low, _LARGEST / extent if extent > 0.0 else 0.0))
    roots = np.array([0, len(order)], dtype=np.int32)
    labeled = np.flatnonzero(labels[order] >= 0) if labels is not None else roots[:0]
    if labels is not None and len(labeled):
        classes = labels[order[labeled]]
        grouped = np.argsort(classes, kind="stable")  # along the curve within each class
        of_class = np.flatnonzero(np.diff(classes[grouped], prepend=-1))
        places = np.concatenate([np.arange(len(order)), labeled, labeled[grouped]])
        roots = np.concatenate([[0], len(order) + np.concatenate([[0], len(labeled) + of_class, [2 * len(labeled)]])])
        order, keys, roots = order[places], keys[places], roots.astype(np.int32)
    return Octree(order, *_split(keys, roots, capacity))


@kernel
def positions_along(Y, order):  # type: ignore[no-untyped-def]
    """(3, M + 16) positions along the curve, from (d, N); what is missing is 0."""
    out = np.zeros((3, len(order) + LANES), dtype=Y.dtype)
    for p in numba.prange(len(order)):
        for axis in range(Y.shape[0]):
            out[axis, p] = Y[axis, order[p]]
    return out


@inner
def _spread(v):  # type: ignore[no-untyped-def]
    """Moves the bits of a number three apart."""
    v = np.uint64(v)
    v = (v | (v << np.uint64(32))) & np.uint64(0x1F00000000FFFF)
    v = (v | (v << np.uint64(16))) & np.uint64(0x1F0000FF0000FF)
    v = (v | (v << np.uint64(8))) & np.uint64(0x100F00F00F00F00F)
    v = (v | (v << np.uint64(4))) & np.uint64(0x10C30C30C30C30C3)
    return (v | (v << np.uint64(2))) & np.uint64(0x1249249249249249)


@kernel
def _morton_keys(Y, low, scale):  # type: ignore[no-untyped-def]
    """(N,) uint64 keys: the bits of the three coordinates, counted from `low`, in turn."""
    d, n = Y.shape
    keys = np.empty(n, dtype=np.uint64)
    for i in numba.prange(n):
        key = np.uint64(0)
        for axis in range(d):
            key |= _spread(np.uint32((Y[axis, i] - low[axis]) * scale)) << np.uint64(axis)
        keys[i] = key
    return keys


@inner
def _sorted_keys(keys):  # type: ignore[no-untyped-def]
    """Stable argsort and the sorted keys: least significant digit first, digits that never vary left out."""
    n = len(keys)
    order, next_order = np.arange(n).astype(np.int32), np.empty(n, dtype=np.int32)
    current, following = keys.copy(), np.empty(n, dtype=np.uint64)
    varying = np.uint64(0)
    for i in range(n):
        varying |= keys[i] ^ keys[0]
    places = np.empty(1 << _DIGIT_BITS, dtype=np.int32)
    mask = np.uint64((1 << _DIGIT_BITS) - 1)
    for bit in range(0, 3 * BITS, _DIGIT_BITS):
        shift = np.uint64(bit)
        if (varying >> shift) & mask == 0:
            continue
        places[:] = 0
        for i in range(n):
            places[(current[i] >> shift) & mask] += 1
        total = 0
        for digit in range(len(places)):
            count = places[digit]
            places[digit] = total
            total += count
        for i in range(n):
            digit = (current[i] >> shift) & mask
            to = places[digit]
            places[digit] = to + 1
            following[to], next_order[to] = current[i], order[i]
        current, following, order, next_order = following, current, next_order, order
    return order, current


@inner
def _first_of(keys, low, high, shift):  # type: ignore[no-untyped-def]
    """First place in [low, high] whose key agrees with that at `high` above `shift` bits."""
    prefix = keys[high] >> shift
    while low < high:
        middle = (low + high) >> 1
        if keys[middle] >> shift < prefix:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def _split(keys, roots, capacity):  # type: ignore[no-untyped-def]
    """start, stop, after, depth and parent of the cells; roots: (R + 1,) first places of the trees, and M.

    A cell is split at the highest bits in which its keys differ, so that no cell has an only child.
    """
    room = 2 * len(keys)  # C < 2 M, for every inner cell has two children or more
    start, stop = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
    depth, parent = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
    stack = np.empty((8 * BITS + 8, 4), dtype=np.int32)
    n = 0
    for root in range(len(roots) - 1):
        stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = roots[root], roots[root + 1], 0, -1
        top = 1
        while top > 0:
            top -= 1
            low, high = stack[top, 0], stack[top, 1]
            start[n], stop[n], depth[n], parent[n] = low, high, stack[top, 2], stack[top, 3]
            n += 1
            differing = keys[low] ^ keys[high - 1]
            if high - low <= capacity or differing == 0:
                continue
            shift = 0
            while differing >> np.uint64(shift + 3):
                shift += 3
            while high > low:  # the last child goes on the stack first
                first = _first_of(keys, low, high - 1, np.uint64(shift))
                stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = first, high, depth[n - 1] + 1, n - 1
                top += 1
                high = first
    after = np.arange(1, n + 1).astype(np.int32)
    for c in range(n - 1, -1, -1):
        if parent[c] >= 0:
            after[parent[c]] = max(after[parent[c]], after[c])
    return start[:n].copy(), stop[:n].copy(), after, depth[:n].copy(), parent[:n].copy()
