"""Everything a person can be told about one set of samples, again and again, while they label it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.components import Components
from tb_tsne_plugin.guidance.doubtful import Doubt, doubtful_labels
from tb_tsne_plugin.guidance.graph import build_graph
from tb_tsne_plugin.guidance.groups import Group, group_around
from tb_tsne_plugin.guidance.prospects import rank_foci
from tb_tsne_plugin.guidance.suggestions import Suggester, Suggestions


class Prospect(NamedTuple):
    """A focus with the group it would label.

    Attributes:
      gain: How much its label would tell, in samples that nothing is known of.
      group: Who is round it.
    """

    gain: float
    group: Group


class Advice(NamedTuple):
    """What `Guide.advise` answers."""

    prospects: list[Prospect]
    suggestions: Suggestions


class Guide:
    """Advises on one set of samples. What depends on the features alone is found once, when it is made."""

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
        return self.suggester.calibrate(labels, batches)

    def advise(
        self,
        Y: NDArray[np.floating],
        labels: NDArray[np.integer],
        count: int = 5,
    ) -> Advice:
        """The next best groups, and the suggestions they rest on, as sure as they were last calibrated.

        Args:
          Y: (d, N) positions.
          labels: (N,) classes from 0 on, negative where there is none.
          count: How many groups at most.

        Returns:
          The advice; no prospects where every sample is labelled.
        """
        suggestions = self.suggester.suggest(labels)
        foci = rank_foci(self.graph, labels, suggestions, count)
        prospects = [Prospect(gain, group_around(row, Y, self.graph, labels, suggestions)) for row, gain in foci]
        return Advice(prospects, suggestions)

    def doubtful_labels(self, labels: NDArray[np.integer]) -> list[Doubt]:
        """The labels given, the most doubtful first."""
        return doubtful_labels(self.inputs, self.graph, labels)
