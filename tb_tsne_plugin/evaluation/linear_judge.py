"""A judge without a state: multinomial logistic regression, trained to convergence on whatever is known."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

INVERSE_PENALTY = 1.0
"""C: the summed loss counts for so much against half the squared length of the weights (scikit-learn's default)."""
MOST_ITERATIONS = 10_000
"""A hundred times what it takes; `lbfgs` ends by itself where the gradient vanishes."""


class LinearJudge:
    """The minimum of one convex loss: what it says depends on the labels alone, not on their order or on a seed.

    Attributes:
      trainings: How often it was trained.
    """

    starts_anew = True
    """Whether a training forgets the one before."""

    def __init__(self, n_classes: int) -> None:
        """Knows nothing yet.

        Args:
          n_classes: How many classes; those without a label are never predicted.
        """
        self.trainings = 0
        self._n_classes = n_classes
        self._classes = np.zeros(0, dtype=np.int64)
        self._model: Any = None

    def train(self, inputs: NDArray[np.float32], labels: NDArray[np.integer]) -> None:
        """Finds the minimum.

        Args:
          inputs: (n, D), standardised; n >= 1.
          labels: (n,) classes.
        """
        from sklearn.linear_model import LogisticRegression

        self.trainings += 1
        self._classes = np.unique(labels)
        self._model = None
        if len(self._classes) > 1:
            self._model = LogisticRegression(C=INVERSE_PENALTY, max_iter=MOST_ITERATIONS)
            self._model.fit(inputs.astype(np.float64), labels)

    def logits(self, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n, n_classes) what the softmax is taken of, for (n, D) inputs; -inf for a class without a label."""
        found = np.full((len(inputs), self._n_classes), -np.inf)
        if self._model is None:
            found[:, self._classes] = 0.0
            return found
        scores = self._model.decision_function(inputs.astype(np.float64))
        # Of two classes scikit-learn has one weight vector, that of the second against the first.
        found[:, self._classes] = np.stack([np.zeros(len(inputs)), scores], axis=1) if scores.ndim == 1 else scores
        return found

    def probabilities(self, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n, n_classes) predictions for (n, D) inputs, rows of sum 1."""
        from scipy.special import softmax

        return np.asarray(softmax(self.logits(inputs), axis=1))

    def embedding(self, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n, D) what the last layer, the only one, sees: the inputs."""
        return inputs.astype(np.float64)

    def accuracy(self, inputs: NDArray[np.float32], labels: NDArray[np.integer]) -> float:
        """The share of (n, D) inputs whose likeliest class is the (n,) label."""
        return float((self.logits(inputs).argmax(axis=1) == labels).mean())

    def fresh(self, _seed: int) -> LinearJudge:
        """Another one that has learnt nothing."""
        return LinearJudge(self._n_classes)
