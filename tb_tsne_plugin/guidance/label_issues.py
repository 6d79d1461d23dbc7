"""Labels that their surroundings contradict, most doubtful first.

Confident learning's ranking (Northcutt et al., 2021, "self-confidence"): the probability of the label given, by a model
that has not seen it. Ours is the product of two models whose left-out answers cost no second training: a ridge
classifier, and the label's share among the nearest labelled neighbours.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.graph import Graph
from tb_tsne_plugin.guidance.linear import LinearModel, probabilities

PENALTY = 0.1
SHARPNESS = 20.0
LOOKED_AT = 10
"""Nearest neighbours whose labels count."""
PRIOR = 0.1


class LabelIssue(NamedTuple):
    """A label to verify, and why."""

    row: int
    label: int
    """Its class."""
    expected: int
    """The most probable class."""
    self_confidence: float
    """Probability of its class, from 0 to 1, by models that have not seen its label."""
    n_labeled: int
    """How many of its `LOOKED_AT` nearest neighbours are labelled …"""
    n_same: int
    """… and how many of those as it is …"""
    n_expected: int
    """… and how many of those as expected."""


def find_label_issues(inputs: NDArray[np.floating], graph: Graph, labels: NDArray[np.integer]) -> list[LabelIssue]:
    """Ranks all labels given.

    Args:
      inputs: (N, d) components.
      graph: Of the same samples.
      labels: (N,) classes from 0 on, negative where there is none.

    Returns:
      A `LabelIssue` for every labelled sample, the most doubtful first; none with fewer than two classes.
    """
    rows = np.flatnonzero(labels >= 0)
    present, classes = np.unique(labels[rows], return_inverse=True)
    if len(present) < 2:
        return []
    chances = left_out_probabilities(inputs[rows], neighbor_shares(graph, labels, rows, present), classes)
    confidence = chances[np.arange(len(rows)), classes]
    expected = present[chances.argmax(axis=1)]
    around = np.asarray(labels)[graph.neighbors[rows, :LOOKED_AT]]
    found = []
    for place in np.argsort(confidence, kind="stable"):
        near, label, other = around[place], labels[rows[place]], expected[place]
        counts = (int((near >= 0).sum()), int((near == label).sum()), int((near == other).sum()))
        found.append(LabelIssue(int(rows[place]), int(label), int(other), float(confidence[place]), *counts))
    return found


def left_out_probabilities(
    inputs: NDArray[np.floating], shares: NDArray[np.floating], classes: NDArray[np.integer]
) -> NDArray[np.floating]:
    """(n, C) probabilities of each labelled sample's class, its own label left out.

    Args:
      inputs: (n, d) components.
      shares: (n, C) of each class among its labelled neighbours.
      classes: (n,) from 0 to C - 1.

    Returns:
      (n, C), every row summing to 1.
    """
    model = LinearModel(inputs, classes, shares.shape[1], PENALTY)
    both = probabilities(model.left_out_scores(), SHARPNESS) * shares
    return np.asarray(both / both.sum(axis=1, keepdims=True))


def neighbor_shares(
    graph: Graph, labels: NDArray[np.integer], rows: NDArray[np.integer], present: NDArray[np.integer]
) -> NDArray[np.float64]:
    """(n, C) share of each class among the labelled neighbours, with a little of every class."""
    around = np.asarray(labels)[graph.neighbors[rows, :LOOKED_AT]]
    return class_shares(around, graph.similarities[rows, :LOOKED_AT], present)


def class_shares(
    around: NDArray[np.integer], weights: NDArray[np.floating], present: NDArray[np.integer]
) -> NDArray[np.float64]:
    """(n, C) share of each of C classes among (n, k) weighted neighbours, with a little of every class."""
    shares = np.full((len(around), len(present)), PRIOR / len(present))
    for place, label in enumerate(present):
        shares[:, place] += (weights * (around == label)).sum(axis=1)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))
