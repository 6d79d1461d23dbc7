"""BADGE (Ash et al. 2020, arXiv 1906.03671): samples whose gradients are long and differ from each other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.policies.chance import Chance
from tb_tsne_plugin.evaluation.policies.policy import Knowledge, Samples, first_then


class Gradients(NamedTuple):
    """Gradients of the loss with respect to the last layer, were the likeliest class the true one.

    Each is the outer product g_x = (p(x) - e_y) h(x)^T, y = argmax p(x) (the paper's equation 1), and is not computed:
    inner products of outer products are products of inner products.
    """

    residuals: NDArray[np.float64]  # (n, C) p - e_y
    embedding: NDArray[np.float64]  # (n, E) h

    def squared_lengths(self) -> NDArray[np.float64]:
        """(n,) |g|^2."""
        return np.asarray((self.residuals**2).sum(axis=1) * (self.embedding**2).sum(axis=1))

    def squared_distances(self, row: int) -> NDArray[np.float64]:
        """(n,) |g - g_row|^2."""
        lengths = self.squared_lengths()
        inner = (self.residuals @ self.residuals[row]) * (self.embedding @ self.embedding[row])
        return np.asarray(np.maximum(lengths + lengths[row] - 2 * inner, 0))


def gradients(probabilities: NDArray[np.float64], embedding: NDArray[np.float64]) -> Gradients:
    """Those of (n, C) probabilities and (n, E) inputs of the last layer."""
    residuals = probabilities.copy()
    residuals[np.arange(len(residuals)), probabilities.argmax(axis=1)] -= 1
    return Gradients(residuals, embedding)


def chances(found: Gradients, chosen: list[int]) -> NDArray[np.float64]:
    """(n,) the chance of each to be chosen next by k-means++: its squared distance to the nearest that was chosen.

    Args:
      found: Of n samples.
      chosen: Rows; the first is the longest gradient, so that nothing is left to chance there.

    Returns:
      Chances of sum 1; the same for all others where all distances are 0.
    """
    nearest = np.min([found.squared_distances(row) for row in chosen], axis=0)
    nearest[chosen] = 0
    if not nearest.any():
        nearest[:] = 1
        nearest[chosen] = 0
    return np.asarray(nearest / nearest.sum())


def plus_plus(found: Gradients, count: int, random: np.random.Generator) -> NDArray[np.intp]:
    """k-means++: the longest gradient, then each at random by its squared distance to those chosen before."""
    n = len(found.residuals)
    chosen = [int(found.squared_lengths().argmax())]
    while len(chosen) < min(count, n):
        chosen.append(int(random.choice(n, p=chances(found, chosen))))
    return np.array(chosen, dtype=np.intp)


class Diverse:
    """The second half of it, once a judge was trained."""

    def __init__(self, samples: Samples) -> None:
        """Seeds it."""
        self._inputs, self._random = samples.inputs, np.random.default_rng(samples.seed)

    def __call__(self, knowledge: Knowledge, count: int) -> NDArray[np.intp]:
        """Among what has no label."""
        assert knowledge.judge is not None
        rows = knowledge.open
        inputs, judge = self._inputs[rows], knowledge.judge
        found = gradients(judge.probabilities(inputs), judge.embedding(inputs))
        return rows[plus_plus(found, count, self._random)]


badge = first_then(Chance, Diverse)
"""It begins with random ones."""
