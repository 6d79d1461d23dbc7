"""The focus kernel: an approximate neighbourhood whose density falls off with distance (docs/algorithm.md, section 5).

A point-region tree: samples are inserted in index order, the first one to reach an empty octant makes a cell there and
is its anchor, later ones go on to a child. So every sample is the anchor of exactly one cell.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.kernel import inner, kernel

MAX_DEPTH = 32
"""Samples that would go deeper (duplicates) get cells beside each other, which are always entered."""
ALWAYS = 1e15
"""The edge of a cell that every walk enters."""
FOCUS_THETA = 0.8


class AnchorTree(NamedTuple):
    """N cells in preorder: all cells below c lie between c and after[c]."""

    anchor: NDArray[np.int32]  # (N,) the sample that made each cell
    after: NDArray[np.int32]  # (N,) the first later cell that is not below this one
    shape: NDArray[np.float32]  # (N, 4) centre of mass x, y, z; edge length


@inner
def _insert(Y, middle, edge):  # type: ignore[no-untyped-def]
    """First child, next sibling, centre of mass and edge of the cell that each sample makes."""
    d, n = Y.shape
    first, sibling, octants = np.full(n, np.int32(-1)), np.full(n, np.int32(-1)), np.zeros(n, dtype=np.int8)
    mass, shape = np.ones(n), np.zeros((n, 4))
    shape[0, 3] = edge
    for axis in range(d):
        shape[0, axis] = Y[axis, 0]
    at = np.empty(d)
    for i in range(1, n):
        c, depth, half = 0, 0, 0.5 * edge
        at[:] = middle
        while True:
            mass[c] += 1
            for axis in range(d):
                shape[c, axis] += Y[axis, i]
            octant = np.int8(0)
            half *= 0.5
            for axis in range(d):
                above = Y[axis, i] > at[axis]
                octant |= np.int8(above << axis)
                at[axis] += half if above else -half
            depth += 1
            child = first[c]
            while child >= 0 and octants[child] != octant:
                child = sibling[child]
            if child < 0 or depth > MAX_DEPTH:
                break
            c = child
        first[c], sibling[i], octants[i] = i, first[c], octant
        shape[i, 3] = ALWAYS if depth > MAX_DEPTH else 2.0 * half
        for axis in range(d):
            shape[i, axis] = Y[axis, i]
    for c in range(n):
        shape[c, :3] /= mass[c]
    return first, sibling, shape


@inner
def _in_preorder(first, sibling, shape):  # type: ignore[no-untyped-def]
    n = len(first)
    anchor, after, ordered = (
        np.empty(n, dtype=np.int32),
        np.empty(n, dtype=np.int32),
        np.empty((n, 4), dtype=np.float32),
    )
    parent, stack = np.full(n, np.int32(-1)), np.empty((n + 1, 2), dtype=np.int32)
    stack[0, 0], stack[0, 1], top = 0, -1, 1
    for place in range(n):
        top -= 1
        c = stack[top, 0]
        anchor[place], parent[place], after[place] = c, stack[top, 1], place + 1
        ordered[place] = shape[c]
        child = first[c]
        while child >= 0:
            stack[top, 0], stack[top, 1] = child, place
            top += 1
            child = sibling[child]
    for place in range(n - 1, 0, -1):
        after[parent[place]] = max(after[parent[place]], after[place])
    return anchor, after, ordered


def grow(Y: NDArray[np.floating]) -> AnchorTree:
    """The tree of (d, N) positions, d = 2 or 3, N >= 1; its root is the cube round the bounding box."""
    low, high = Y.min(axis=1).astype(np.float64), Y.max(axis=1).astype(np.float64)
    return AnchorTree(*_in_preorder(*_insert(Y, 0.5 * (low + high), float((high - low).max()))))


@inner
def _enters(Y, i, cell, theta):  # type: ignore[no-untyped-def]
    squared = np.float32(0)
    for axis in range(Y.shape[0]):
        offset = np.float32(Y[axis, i]) - cell[axis]
        squared += offset * offset
    return (squared == 0) | (cell[3] * cell[3] > theta * theta * squared)


@inner
def _neighborhood(i, Y, anchor, after, shape, theta):  # type: ignore[no-untyped-def]
    found = np.empty(len(anchor), dtype=np.int32)
    n = c = 0
    while c < len(anchor):
        if _enters(Y, i, shape[c], theta):
            found[n] = anchor[c]
            n += anchor[c] != i
            c += 1
        else:
            c = after[c]
    return found[:n].copy()


@kernel
def _count(Y, anchor, after, shape, theta, labels, true_labels):  # type: ignore[no-untyped-def]
    n = len(anchor)
    counts, wanted = np.zeros(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    for c in numba.prange(n):
        wanted[c] = true_labels[anchor[c]] if labels[anchor[c]] < 0 else -1
    for place in numba.prange(n):  # along the tree: the same cells are met again and again
        i = anchor[place]
        mine, count, c = true_labels[i], np.int32(0), 0
        while c < n:
            if _enters(Y, i, shape[c], theta):
                count += (wanted[c] == mine) & (c != place)
                c += 1
            else:
                c = after[c]
        counts[i] = count
    return counts


def neighborhood(i: int, Y: NDArray[np.floating], tree: AnchorTree, theta: float = FOCUS_THETA) -> NDArray[np.int32]:
    """The anchors that a walk for sample i meets, i left out, in the tree's order; Y is (d, N)."""
    return np.asarray(_neighborhood(i, Y, *tree, np.float32(theta)))


def focus_counts(
    Y: NDArray[np.floating],
    tree: AnchorTree,
    labels: NDArray[np.int32],
    true_labels: NDArray[np.int32],
    theta: float = FOCUS_THETA,
) -> NDArray[np.int32]:
    """n_i of Algorithm 1: of the anchors that i meets, those that are unlabelled and of i's true class.

    Args:
      Y: (d, N) positions.
      tree: Their tree, from `grow`.
      labels: (N,) labels, negative where there is none.
      true_labels: (N,) true classes, not negative.
      theta: theta_K; a cell is entered when its edge is greater than theta_K times the distance of its centre.

    Returns:
      (N,) counts.
    """
    return np.asarray(_count(Y, *tree, np.float32(theta), labels, true_labels))
