"""Everything a person can be told about one set of samples, again and again, while they label it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.components import Components
from tb_tsne_plugin.guidance.graph import build_graph
from tb_tsne_plugin.guidance.groups import group_around
from tb_tsne_plugin.guidance.label_issues import LabelIssue, find_label_issues
from tb_tsne_plugin.guidance.query_candidates import QueryCandidate, rank_foci
from tb_tsne_plugin.guidance.suggestions import Suggester, Suggestions, no_suggestions

MOST_CLASSES = 1_000
MOST_CHANCES = 1 << 27
"""Samples times classes, where these are more than `MOST_CLASSES`: to work with them takes some 20 bytes each. Beyond,
classes are mostly names or numbers that were imported as labels, and nothing can be learned of them."""


class Guidance(NamedTuple):
    """What `Guide.guidance` answers."""

    candidates: list[QueryCandidate]
    """Where to look next, best first."""
    suggestions: Suggestions


class Guide:
    """Guides through one set of samples. What depends on the features alone is found once, when it is made."""

    def __init__(self, features: NDArray[np.floating], P: sp.csr_matrix) -> None:
        """Prepares.

        Args:
          features: (N, D) finite numbers; may be a mapped file.
          P: (N, N) their affinities, as the t-SNE has them.
        """
        self.components = Components(features)
        self.inputs = self.components(features)
        self.graph = build_graph(P)
        self.suggester = Suggester(self.inputs, self.graph)

    def suggest(self, labels: NDArray[np.integer], batches: NDArray[np.integer] | None = None) -> Suggestions:
        """Label probabilities of every sample, calibrated (`Suggester`)."""
        self.suggester.calibrate(labels, batches)
        return self.suggester.suggest(labels)

    def calibrate(self, labels: NDArray[np.integer], batches: NDArray[np.integer] | None = None) -> bool:
        """Sees to it that suggestions are as sure as they should be; whether that took any work."""
        if too_many_classes(labels):
            return False
        return self.suggester.calibrate(labels, batches)

    def guidance(
        self,
        Y: NDArray[np.floating],
        labels: NDArray[np.integer],
        count: int = 5,
    ) -> Guidance:
        """The next best groups, and the suggestions they rest on, as sure as they were last calibrated.

        Args:
          Y: (d, N) positions.
          labels: (N,) classes from 0 on, negative where there is none.
          count: How many groups at most.

        Returns:
          The guidance; no candidates where every sample is labelled; none at all where there are too many classes.
        """
        if too_many_classes(labels):
            return Guidance([], no_suggestions(len(labels)))
        suggestions = self.suggester.suggest(labels)
        foci = rank_foci(self.graph, labels, suggestions, count)
        candidates = [group_around(row, gain, Y, self.graph, labels, suggestions) for row, gain in foci]
        return Guidance(candidates, suggestions)

    def label_issues(self, labels: NDArray[np.integer]) -> list[LabelIssue]:
        """The labels given, the most doubtful first; none where there are too many classes."""
        if too_many_classes(labels):
            return []
        return find_label_issues(self.inputs, self.graph, labels)


def too_many_classes(labels: NDArray[np.integer]) -> bool:
    """Whether there are so many classes that what can be told of them would take all memory.

    Args:
      labels: (N,) classes from 0 on, negative where there is none.
    """
    n_classes = len(np.unique(labels[labels >= 0]))
    return n_classes > MOST_CLASSES and n_classes * len(labels) > MOST_CHANCES
