"""Labels given on pages that a second model contradicts: strays that were overlooked, most doubtful first.

A stray is on a page because the models that suggest took it for one of the page's class. With all other labels known
by now, and its own left out, a model of another kind is asked: one that remembers single images (`kernel`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.graph import Graph
from tb_tsne_plugin.guidance.kernel import Kernel
from tb_tsne_plugin.guidance.label_issues import left_out_probabilities, neighbor_shares
from tb_tsne_plugin.guidance.linear import probabilities

SHARPNESS = 7.0


class SecondLook(NamedTuple):
    """A label, and what a second model expects instead."""

    row: int
    label: int
    expected: int
    confidence: float
    """Probability of the label, from 0 to 1, its own left out."""


def find_second_looks(
    kernel: Kernel,
    inputs: NDArray[np.floating],
    graph: Graph,
    labels: NDArray[np.integer],
    among: NDArray[np.bool_],
) -> list[SecondLook]:
    """Finds the labels that a second model disagrees with.

    Args:
      kernel: Of the same samples.
      inputs: (N, d) components.
      graph: Of the same samples.
      labels: (N,) classes from 0 on, negative where there is none.
      among: (N,) labels to look at again.

    Returns:
      The contradicted ones, the most doubtful first; none with fewer than two classes.
    """
    rows = np.flatnonzero(np.asarray(labels) >= 0)
    present, classes = np.unique(np.asarray(labels)[rows], return_inverse=True)
    if len(present) < 2:
        return []
    chances = left_out_probabilities(inputs[rows], neighbor_shares(graph, labels, rows, present), classes)
    if kernel.takes(len(rows)):
        chances = chances * probabilities(kernel.left_out_scores(rows, classes, len(present)), SHARPNESS)
        chances /= chances.sum(axis=1, keepdims=True)
    own, expected = chances[np.arange(len(rows)), classes], chances.argmax(axis=1)
    places = np.flatnonzero(among[rows] & (expected != classes))
    order = places[np.argsort(own[places], kind="stable")]
    return [
        SecondLook(int(rows[place]), int(present[classes[place]]), int(present[expected[place]]), float(own[place]))
        for place in order
    ]
