"""Groups whose labels their surroundings contradict, most doubtful first.

A group that was misnamed as a whole vouches for itself: labels that were given together are left out together, of
both models that doubt a single label (`label_issues`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.graph import Graph
from tb_tsne_plugin.guidance.label_issues import LOOKED_AT, PENALTY, SHARPNESS, class_shares
from tb_tsne_plugin.guidance.linear import LinearModel, probabilities


class GroupIssue(NamedTuple):
    """A group to verify: labels of one class that were given in one edit."""

    batch: int
    """Its number in `batches`."""
    rows: NDArray[np.int64]
    """Its samples, the most doubtful first."""
    label: int
    """Their class."""
    expected: int
    """The class that the surroundings of the group expect of it."""
    confidence: float
    """Mean probability of its class, from 0 to 1, by models that have seen none of its labels."""
    doubt: float
    """What groups are ranked by: one minus the confidence, times the root of how many there are."""


def find_group_issues(
    inputs: NDArray[np.floating],
    graph: Graph,
    labels: NDArray[np.integer],
    batches: NDArray[np.integer],
    verified: NDArray[np.bool_] | None = None,
    seen: NDArray[np.bool_] | None = None,
) -> list[GroupIssue]:
    """Ranks all groups of two or more labels.

    Args:
      inputs: (N, d) components.
      graph: Of the same samples.
      labels: (N,) classes from 0 on, negative where there is none.
      batches: (N,) samples with the same number were labelled together; negative where that is not known.
      verified: (N,) labels that need no second look: a group of such is left out.
      seen: (N,) labels given to images that were seen by themselves, on a page say: they are in no group.

    Returns:
      The groups, the most doubtful first; none with fewer than two classes.
    """
    rows = np.flatnonzero(np.asarray(labels) >= 0)
    present, classes = np.unique(np.asarray(labels)[rows], return_inverse=True)
    if len(present) < 2:
        return []
    together = batches if seen is None else np.where(seen, -1, batches)
    blocks = group_numbers(np.asarray(labels)[rows], np.asarray(together)[rows])
    chances = group_left_out_probabilities(inputs, graph, rows, classes, blocks)
    own = chances[np.arange(len(rows)), classes]
    found = []
    order = np.lexsort((own, blocks))
    for places in np.split(order, np.flatnonzero(np.diff(blocks[order])) + 1):
        if len(places) < 2 or (verified is not None and verified[rows[places]].all()):
            continue
        confidence = float(own[places].mean())
        expected = int(present[chances[places].mean(axis=0).argmax()])
        label = int(present[classes[places[0]]])
        doubt = (1.0 - confidence) * float(np.sqrt(len(places)))
        found.append(GroupIssue(int(batches[rows[places[0]]]), rows[places], label, expected, confidence, doubt))
    return sorted(found, key=lambda issue: -issue.doubt)


def group_numbers(labels: NDArray[np.integer], batches: NDArray[np.integer]) -> NDArray[np.intp]:
    """(n,) which group each label is of: labels of one class given together; each by itself where that is not known."""
    together = np.where(batches >= 0, batches.astype(np.int64), -1 - np.arange(len(batches)))
    _, numbers = np.unique(np.stack([together, labels.astype(np.int64)]), axis=1, return_inverse=True)
    return np.asarray(numbers).ravel()


def group_left_out_probabilities(
    inputs: NDArray[np.floating],
    graph: Graph,
    rows: NDArray[np.integer],
    classes: NDArray[np.integer],
    blocks: NDArray[np.integer],
) -> NDArray[np.float64]:
    """(n, C) probabilities of each labelled sample's class, all labels of its group left out.

    Args:
      inputs: (N, d) components.
      graph: Of the same samples.
      rows: (n,) the labelled samples.
      classes: (n,) their classes, from 0 to C - 1.
      blocks: (n,) their groups.
    """
    model = LinearModel(inputs[rows], classes, int(classes.max()) + 1, PENALTY)
    both = probabilities(model.block_left_out_scores(blocks), SHARPNESS) * _shares(graph, rows, classes, blocks)
    return np.asarray(both / both.sum(axis=1, keepdims=True))


def _shares(
    graph: Graph, rows: NDArray[np.integer], classes: NDArray[np.integer], blocks: NDArray[np.integer]
) -> NDArray[np.float64]:
    """(n, C) share of each class among the labelled neighbours of other groups, with a little of every class."""
    n_classes = int(classes.max()) + 1
    place = np.full(graph.n_samples, -1)
    place[rows] = np.arange(len(rows))
    around = place[graph.neighbors[rows, :LOOKED_AT]]
    counted = (around >= 0) & (blocks[around] != blocks[:, None])
    weights = np.where(counted, graph.similarities[rows, :LOOKED_AT], 0.0)
    return class_shares(classes[around], weights, np.arange(n_classes))
