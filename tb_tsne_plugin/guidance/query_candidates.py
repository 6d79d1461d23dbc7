"""Where to look next: the unlabelled samples whose label would tell most about samples that nothing is known of yet.

A label arrives at other samples along the neighbourhoods of the features, as `suggestions` has it. What a sample needs
is one minus what is known of it: it is reached by labels, and they agree. A focus gains what it would bring to all
samples, each by its need: dense groups first, then groups away from them, then borders; never the same group twice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.graph import Graph, arriving_from, spread
from tb_tsne_plugin.guidance.reduction import Reduction
from tb_tsne_plugin.guidance.suggestions import DAMPING, PRIOR, STEPS, Suggestions


class QueryCandidate(NamedTuple):
    """A sample to ask a person about, with the unlabelled samples nearest to it, and what to expect of them."""

    focus: int
    """Its row."""
    gain: float
    """How much its label would tell, in samples that nothing is known of."""
    label: int
    """The class expected of the focus; -1 where nothing is known yet."""
    confidence: float
    """Probability of that class."""
    rows: NDArray[np.int32]
    """(k,) unlabelled neighbours to begin with, nearest first; without the focus."""
    belongs: NDArray[np.float32]
    """(k,) probability of each that it is of the focus' class: the least probable are the first to drop."""
    k: int
    """How many neighbours, labelled ones too, reach as far as the last of `rows`: where to set the slider."""

    @property
    def expected_labels(self) -> float:
        """Samples that are probably of the focus' class, the focus too."""
        return 1.0 + float(self.belongs.sum())

    @property
    def purity(self) -> float:
        """Expected share of the group, the focus too, that is of the focus' class."""
        return self.expected_labels / (1.0 + len(self.rows))


def needs(labels: NDArray[np.integer], suggestions: Suggestions) -> NDArray[np.float32]:
    """(N,) how much a label near each sample would tell: 1 where nothing is known, 0 where all is."""
    reached = suggestions.reach / (suggestions.reach + PRIOR)
    decided = np.ones_like(reached)
    if len(suggestions.classes) > 1:
        first_two = -np.partition(-suggestions.probabilities, 1, axis=1)[:, :2]
        decided = first_two[:, 0] - first_two[:, 1]
    return np.where(np.asarray(labels) < 0, 1.0 - reached * decided, 0.0).astype(np.float32)


def gains(graph: Graph, need: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N,) sum over all samples of need times the mass that a label at each focus would bring there."""
    # The walk is reversible: what arrives at j from i is what arrives at i from j, times the ratio of their degrees.
    return np.asarray(graph.degrees * spread(graph, (need / graph.degrees)[:, None], DAMPING, STEPS)[:, 0])


def rank_foci(
    graph: Graph, labels: NDArray[np.integer], suggestions: Suggestions, count: int
) -> list[tuple[int, float]]:
    """The best foci, away from each other: each gains less where one before it would bring its label.

    Args:
      graph: Of the features.
      labels: (N,) labels, negative where there is none.
      suggestions: For these labels.
      count: How many at most.

    Returns:
      Rows of unlabelled samples, and the gain of each, best first.
    """
    gain = gains(graph, needs(labels, suggestions))
    gain[np.asarray(labels) >= 0] = -1.0
    found: list[tuple[int, float]] = []
    for _ in range(min(count, int((gain >= 0).sum()))):
        focus = int(gain.argmax())
        found.append((focus, float(gain[focus])))
        gain *= PRIOR / (PRIOR + arriving_from(graph, focus, DAMPING, STEPS))
        gain[focus] = -1.0
    return found


def rank_kept_foci(
    reduction: Reduction,
    labels: NDArray[np.integer],
    taken: NDArray[np.integer],
    suggestions: Suggestions,
    count: int,
) -> list[tuple[int, float]]:
    """As `rank_foci`, among the samples that a reduction keeps: they and their labels are as a set of their own.

    Args:
      reduction: Of the features.
      labels: (N,) labels, negative where there is none.
      taken: (N,) the same, and a number from 0 on for what takes no part.
      suggestions: For these labels.
      count: How many at most.
    """
    given = np.flatnonzero(np.asarray(labels) >= 0)
    mass = reduction.gathered(given, np.zeros(len(given), dtype=np.int64), 1)
    reach = spread(reduction.graph, mass, DAMPING, STEPS)[:, 0]
    kept = reduction.rows
    among = replace(suggestions.at(kept), reach=reach)
    found = rank_foci(reduction.graph, np.asarray(taken)[kept], among, count)
    return [(int(kept[place]), gain / reduction.kept_share) for place, gain in found]
