"""The group round a focus: who probably belongs, who probably does not, and how many to take."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.graph import Graph, arriving_from
from tb_tsne_plugin.guidance.query_candidates import QueryCandidate
from tb_tsne_plugin.guidance.suggestions import DAMPING, PRIOR, STEPS, Suggestions

LARGEST = 200
# Logistic regression of "same class as the focus", fitted on pairs met while three of the five sets were labelled
# (docs/results.md holds it against all five): agreement of the suggested labels where they reach, and how
# easily a walker along the features comes from the neighbour to the focus.
AGREEMENT, REACHED, WALK, ALWAYS = 0.78, -0.95, 0.23, 2.54


def group_around(
    focus: int,
    gain: float,
    Y: NDArray[np.floating],
    graph: Graph,
    labels: NDArray[np.integer],
    suggestions: Suggestions,
) -> QueryCandidate:
    """Proposes the group of a focus.

    Args:
      focus: Row of an unlabelled sample.
      gain: How much its label would tell.
      Y: (d, N) positions.
      graph: Of the features.
      labels: (N,) labels, negative where there is none.
      suggestions: For these labels.

    Returns:
      The k nearest neighbours with the most labels to be expected an action: one action for the focus, one for the
      size, one for each that does not belong; at most `LARGEST`.
    """
    distances = ((Y - Y[:, focus, None]) ** 2).sum(axis=0)
    distances[focus] = -1.0
    n = min(LARGEST + 1, len(distances))
    nearest = np.argpartition(distances, n - 1)[:n] if n < len(distances) else np.arange(n)
    nearest = nearest[np.argsort(distances[nearest], kind="stable")][1:]
    places = np.flatnonzero(labels[nearest] < 0)
    rows = nearest[places].astype(np.int32)
    belongs = _belonging(focus, rows, graph, suggestions)
    efficiency = (1.0 + np.cumsum(belongs)) / (2.0 + np.cumsum(1.0 - belongs))
    size = int(efficiency.argmax()) + 1 if len(efficiency) and efficiency.max() > 1.0 else 0
    of_focus = suggestions.at([focus])
    label, confidence = int(of_focus.labels[0]), float(of_focus.confidence[0])
    k = int(places[size - 1]) + 1 if size else 0
    return QueryCandidate(focus, gain, label, confidence, rows[:size], belongs[:size], k)


def _belonging(focus: int, rows: NDArray[np.int32], graph: Graph, suggestions: Suggestions) -> NDArray[np.float32]:
    """Probability of each row that it is of the focus' class."""
    walk = np.log(arriving_from(graph, focus, DAMPING, STEPS)[rows] + 1e-5)
    agreement, reached = np.zeros(len(rows)), 0.0
    if len(suggestions.classes) > 1:
        same = suggestions.probabilities[rows] @ suggestions.probabilities[focus]
        reached = float(suggestions.reach[focus] / (suggestions.reach[focus] + PRIOR))
        agreement = reached * np.log((same + 0.02) / (1.02 - same))
    logit = AGREEMENT * agreement + REACHED * reached + WALK * walk + ALWAYS
    return np.asarray(1.0 / (1.0 + np.exp(-logit)), dtype=np.float32)
