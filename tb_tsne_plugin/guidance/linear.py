"""A linear classifier in closed form: trained in a moment, and cross-validated without being trained again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class LinearModel:
    """Ridge regression on class indicators, every class counting the same.

    Source: leave-one-out residuals of a linear smoother are r_i / (1 - h_i), h_i its leverage (Allen's PRESS).
    """

    def __init__(
        self, inputs: NDArray[np.floating], labels: NDArray[np.integer], n_classes: int, penalty: float
    ) -> None:
        """Fits.

        Args:
          inputs: (n, d) components of the labelled samples.
          labels: (n,) classes from 0 on.
          n_classes: C.
          penalty: Ridge penalty, in mean variances of an input axis.
        """
        counts = np.bincount(labels, minlength=n_classes)
        weights = 1.0 / np.sqrt(np.maximum(counts, 1))[labels]
        self._targets = np.eye(n_classes)[labels] - 1.0 / n_classes
        self._inputs = np.asarray(inputs, dtype=np.float64)
        weighted = self._inputs * weights[:, None]
        gram = weighted.T @ weighted
        width = gram.shape[0]
        gram[np.diag_indices(width)] += penalty * np.trace(gram) / max(width, 1) + 1e-12
        self._weighted, self._gram, self._weights = weighted, gram, weights[:, None]
        self.coefficients = np.linalg.solve(gram, weighted.T @ (self._targets * weights[:, None]))
        """(d, C)."""

    def scores(self, inputs: NDArray[np.floating]) -> NDArray[np.float32]:
        """(M, C) scores of (M, d) inputs, about 1 - 1/C for a sure class and -1/C for a class ruled out."""
        return np.asarray(inputs @ self.coefficients.astype(np.float32), dtype=np.float32)

    def left_out_scores(self) -> NDArray[np.float64]:
        """(n, C) scores of the training samples, each by the model of all others."""
        leverage = np.einsum("nd,dn->n", self._weighted, np.linalg.solve(self._gram, self._weighted.T))
        own = np.minimum(leverage, 1.0 - 1e-6)[:, None]
        return np.asarray((self._inputs @ self.coefficients - own * self._targets) / (1.0 - own))

    def block_left_out_scores(self, blocks: NDArray[np.integer]) -> NDArray[np.float64]:
        """(n, C) scores of the training samples, each by the model of all that are not in its block.

        The residuals of a block that is left out are (I - H_bb)^-1 r_b, H_bb its block of the hat matrix; of a block
        larger than the inputs are wide, the model without it is cheaper.

        Args:
          blocks: (n,) the number of each sample's block.
        """
        order = np.argsort(blocks, kind="stable")
        apart = np.split(order, np.flatnonzero(np.diff(blocks[order])) + 1) if len(order) else []
        scores = self.left_out_scores()  # which are those of blocks of one
        for block in apart:
            if len(block) > 1:
                scores[block] = self._without(block)
        return scores

    def _without(self, block: NDArray[np.integer]) -> NDArray[np.float64]:
        """(m, C) scores of some training samples, by the model of all others."""
        X, weights, targets = self._weighted[block], self._weights[block], self._targets[block]
        if len(block) > X.shape[1]:
            rest = np.linalg.solve(self._gram - X.T @ X, self._gram @ self.coefficients - X.T @ (targets * weights))
            return np.asarray(self._inputs[block] @ rest)
        kept = np.eye(len(block)) * (1.0 + 1e-9) - X @ np.linalg.solve(self._gram, X.T)
        residuals = (targets - self._inputs[block] @ self.coefficients) * weights
        return np.asarray(targets - np.linalg.solve(kept, residuals) / weights)


def probabilities(scores: NDArray[np.floating], sharpness: float) -> NDArray[np.floating]:
    """(M, C) softmax of scores times `sharpness`."""
    shifted = (scores - scores.max(axis=1, keepdims=True)) * sharpness
    found = np.exp(shifted)
    return np.asarray(found / found.sum(axis=1, keepdims=True))
