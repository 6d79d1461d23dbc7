"""The judges: what is trained on the labels that a method got, and tells by its accuracy what they are worth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.classifier import fresh_classifier
from tb_tsne_plugin.evaluation.linear_judge import LinearJudge


class Judge(Protocol):
    """What learns from the labels; a method may look at what it learnt last."""

    @property
    def starts_anew(self) -> bool:
        """Whether a training forgets the one before: then it makes no difference when it was trained before."""

    @property
    def trainings(self) -> int:
        """How often it was trained since it was fresh."""

    def train(self, inputs: NDArray[np.float32], labels: NDArray[np.integer]) -> None:
        """Learns (n,) classes of (n, D) standardised inputs."""

    def logits(self, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n, n_classes) what the softmax is taken of, for (n, D) inputs."""

    def probabilities(self, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n, n_classes) predictions for (n, D) inputs, rows of sum 1."""

    def embedding(self, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n, E) what the last layer sees of (n, D) inputs."""

    def accuracy(self, inputs: NDArray[np.float32], labels: NDArray[np.integer]) -> float:
        """The share of (n, D) inputs whose likeliest class is the (n,) label."""

    def fresh(self, seed: int) -> Judge:
        """Another one of this kind that has learnt nothing, beside this one, until the next is asked for."""


JUDGES: dict[str, Callable[[int, int, int], Judge]] = {
    "network": fresh_classifier,
    "linear": lambda _n_features, n_classes, _seed: LinearJudge(n_classes),
}
"""A fresh judge of (n_features, n_classes, seed), by name."""
JUDGE_TITLES = {"network": "the paper's network", "linear": "a converged linear classifier"}
