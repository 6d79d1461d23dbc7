"""DropQuery (Gupte et al. 2024, arXiv 2401.14555): clusters of what is predicted otherwise when inputs are dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.policies.kmeans import Central, central
from tb_tsne_plugin.evaluation.policies.policy import Knowledge, Samples, first_then

N_DRAWS = 3
"""M."""
DROPPED = 0.75
"""rho, the share of the inputs that a draw sets to 0; what is left is scaled up by 1 / (1 - rho)."""


def disagreements(
    logits: Callable[[NDArray[np.float32]], NDArray[np.floating]],
    inputs: NDArray[np.float32],
    masks: Iterable[NDArray[np.bool_]],
) -> NDArray[np.int64]:
    """(n,) in how many draws another class is predicted: sum_m [y_m != y*].

    Args:
      logits: The judge's, of inputs.
      inputs: (n, D).
      masks: For each draw, (n, D) what is kept.
    """
    whole = logits(inputs).argmax(axis=1)
    scale = np.float32(1 / (1 - DROPPED))
    draws = [logits(np.where(mask, inputs * scale, np.float32(0))).argmax(axis=1) != whole for mask in masks]
    return np.asarray(np.sum(draws, axis=0, dtype=np.int64))


def undecided(counts: NDArray[np.integer], n_draws: int, at_least: int) -> NDArray[np.intp]:
    """Rows that more than half of the draws disagree on, ascending; where these are too few, the next by draws too."""
    order = np.argsort(-counts, kind="stable")
    return np.sort(order[: max(int((counts > n_draws / 2).sum()), min(at_least, len(counts)))])


class Undecided:
    """The second half of it, once a judge was trained."""

    def __init__(self, samples: Samples) -> None:
        """Seeds it."""
        self._inputs, self._seed = samples.inputs, samples.seed
        self._random = np.random.default_rng(samples.seed)

    def __call__(self, knowledge: Knowledge, count: int) -> NDArray[np.intp]:
        """Of each cluster of candidates, in what the last layer sees of them, the one nearest to its centre."""
        assert knowledge.judge is not None
        rows = knowledge.open
        inputs = self._inputs[rows]
        masks = (self._random.random(inputs.shape, dtype=np.float32) >= DROPPED for _ in range(N_DRAWS))
        counts = disagreements(knowledge.judge.logits, inputs, masks)
        candidates = undecided(counts, N_DRAWS, count)
        return rows[candidates[central(knowledge.judge.embedding(inputs[candidates]), count, self._seed)]]


dropquery = first_then(Central, Undecided)
"""It begins with the samples nearest to the centres of clusters."""
