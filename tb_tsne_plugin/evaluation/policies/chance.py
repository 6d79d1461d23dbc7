"""Random selection: what every policy has to be better than."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.policies.policy import Knowledge, Samples
from tb_tsne_plugin.tsne import UNLABELED


class Chance:
    """All samples in one random order."""

    def __init__(self, samples: Samples) -> None:
        """Draws the order."""
        self._order = np.random.default_rng(samples.seed).permutation(len(samples.inputs))

    def __call__(self, knowledge: Knowledge, count: int) -> NDArray[np.intp]:
        """The next in the order that have no label."""
        return np.asarray(self._order[knowledge.labels[self._order] == UNLABELED][:count])
