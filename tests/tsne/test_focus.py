"""The focus kernel against a tree built as the text describes it, object by object."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.focus import focus_counts, grow, neighborhood

THETA = 0.8


class Cell:
    """A cell of the point-region tree, as docs/algorithm.md section 5 has it."""

    def __init__(self, anchor: int, middle: NDArray[np.floating[Any]], edge: float) -> None:
        self.anchor, self.middle, self.edge = anchor, middle, edge
        self.samples = [anchor]
        self.children: dict[tuple[bool, ...], Cell] = {}

    def insert(self, i: int, Y: NDArray[np.floating[Any]]) -> None:
        self.samples.append(i)
        above = tuple(bool(value) for value in Y[i] > self.middle)
        if above in self.children:
            self.children[above].insert(i, Y)
        else:
            offset = np.where(above, 0.25, -0.25) * self.edge
            self.children[above] = Cell(i, self.middle + offset, self.edge / 2)

    def anchors(self, i: int, Y: NDArray[np.floating[Any]]) -> list[int]:
        distance = np.linalg.norm(Y[i] - Y[self.samples].mean(axis=0))
        if distance > 0 and self.edge <= THETA * distance:
            return []
        found = [] if self.anchor == i else [self.anchor]
        return found + [anchor for child in self.children.values() for anchor in child.anchors(i, Y)]


def literal_tree(Y: NDArray[np.floating[Any]]) -> Cell:
    low, high = Y.min(axis=0), Y.max(axis=0)
    root = Cell(0, (low + high) / 2, float((high - low).max()))
    for i in range(1, len(Y)):
        root.insert(i, Y)
    return root


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize("seed", range(5))
def test_anchors_are_those_of_the_tree_in_the_text(d: int, seed: int) -> None:
    Y = np.random.default_rng(seed).standard_normal((120, d))
    root, tree = literal_tree(Y), grow(np.ascontiguousarray(Y.T))
    for i in range(120):
        assert sorted(neighborhood(i, np.ascontiguousarray(Y.T), tree, THETA)) == sorted(root.anchors(i, Y))


@pytest.mark.parametrize("d", [2, 3])
def test_counts_are_the_unlabelled_anchors_of_the_samples_own_class(d: int) -> None:
    random = np.random.default_rng(1)
    Y = random.standard_normal((d, 300)).astype(np.float32)
    true_labels = random.integers(0, 4, 300).astype(np.int32)
    labels = np.where(random.random(300) < 0.3, true_labels, -1).astype(np.int32)
    tree = grow(Y)
    counts = focus_counts(Y, tree, labels, true_labels)
    for i in range(300):
        met = neighborhood(i, Y, tree)
        assert counts[i] == ((labels[met] < 0) & (true_labels[met] == true_labels[i])).sum()


@pytest.mark.parametrize("Y", [np.zeros((3, 1)), np.zeros((3, 500)), np.repeat(np.eye(3), 100, axis=1)])
def test_equal_points_make_no_endless_tree(Y: NDArray[np.floating[Any]]) -> None:
    Y = Y.astype(np.float32)
    tree = grow(Y)
    assert sorted(tree.anchor) == list(range(Y.shape[1]))
    found = neighborhood(0, Y, tree)
    twins = set(np.flatnonzero((Y[:, :1] == Y).all(axis=0))) - {0}
    assert twins <= set(found)
