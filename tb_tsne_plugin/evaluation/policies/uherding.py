"""UHerding (Bae, Oliveira and Sutherland 2025, arXiv 2412.20644): coverage of what the judge is unsure of.

The uncertainty coverage of a set S is U(S) = 1/N sum_x u(x) max_{s in S} k(x, s), u(x) = 1 - margin of the judge's
probabilities at x, 0 where there is a label. Two parameters follow what is known: the temperature of the probabilities,
and the radius of the kernel. Without a label it is MaxHerding.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.judges import Judge
from tb_tsne_plugin.evaluation.policies.geometry import gaussian, squared_distances, unit_rows
from tb_tsne_plugin.evaluation.policies.maxherding import RADIUS, herd
from tb_tsne_plugin.evaluation.policies.policy import Knowledge, Samples
from tb_tsne_plugin.evaluation.policies.temperature import best_temperature
from tb_tsne_plugin.evaluation.policies.uncertainty import margin
from tb_tsne_plugin.tsne import UNLABELED

HELD_OUT = 0.3
"""Share of the labels, those given last, that the temperature is chosen on; a judge learns from the others for it."""


def adapted_radius(squared: NDArray[np.float32], rows: NDArray[np.integer]) -> float:
    """The smallest distance, not 0, between two of the samples that were asked about; 1 where there is none.

    Args:
      squared: (N, N) squared distances.
      rows: Those asked about. Of a group only the focus is: its neighbours are near by design.
    """
    between = squared[np.ix_(rows, rows)]
    apart = between[between > 0]
    return float(np.sqrt(apart.min())) if len(apart) else RADIUS


def adapted_temperature(judge: Judge, inputs: NDArray[np.float32], labels: NDArray[np.integer], seed: int) -> float:
    """The temperature at which a judge that has not seen the last labels is right as often as it thinks.

    Args:
      judge: Of the kind that is to be trained.
      inputs: (n, D), in the order in which their labels were given.
      labels: (n,) these labels.
      seed: Of the other judge.
    """
    n_held_out = int(HELD_OUT * len(labels))
    if n_held_out == 0:
        return 1.0
    other = judge.fresh(seed)
    other.train(inputs[:-n_held_out], labels[:-n_held_out])
    return best_temperature(other.logits(inputs[-n_held_out:]), labels[-n_held_out:])


class UHerding:
    """Distances once; kernel, temperature and uncertainty anew whenever it is asked."""

    def __init__(self, samples: Samples) -> None:
        """Computes the distances."""
        self._squared = squared_distances(unit_rows(samples.features))
        self._inputs, self._seed = samples.inputs, samples.seed

    def __call__(self, knowledge: Knowledge, count: int) -> NDArray[np.intp]:
        """What has a label covers what is like it."""
        kernel = gaussian(self._squared, adapted_radius(self._squared, knowledge.asked))
        return herd(kernel, knowledge.labels != UNLABELED, count, self._uncertainty(knowledge))

    def _uncertainty(self, knowledge: Knowledge) -> NDArray[np.float32] | None:
        """(N,) u; None, all the same, where no judge was trained, or is sure of everything: it knows one class only."""
        from scipy.special import softmax

        if knowledge.judge is None:
            return None
        rows = knowledge.given
        temperature = adapted_temperature(knowledge.judge, self._inputs[rows], knowledge.labels[rows], self._seed)
        probabilities = softmax(knowledge.judge.logits(self._inputs) / temperature, axis=1)
        found = np.where(knowledge.labels == UNLABELED, 1 + margin(probabilities), 0).astype(np.float32)
        return found if found.any() else None
