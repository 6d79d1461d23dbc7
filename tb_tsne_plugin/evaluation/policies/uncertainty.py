"""Uncertainty sampling (the paper's section 4): what the judge is least sure of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.policies.chance import Chance
from tb_tsne_plugin.evaluation.policies.policy import Knowledge, MakePolicy, Policy, Samples, first_then

Query = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""How much a label is wanted, (n,), given (n, n_classes) probabilities."""


def uncertainty(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Maximum uncertainty: the smallest largest probability first."""
    return np.asarray(-probabilities.max(axis=1))


def margin(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Minimum margin between the two likeliest classes."""
    second, first = np.partition(probabilities, -2, axis=1)[:, -2:].T
    return np.asarray(second - first)


def entropy(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Maximum entropy."""
    from scipy.special import entr

    return np.asarray(entr(probabilities).sum(axis=1))


def wanted_first(query: Query) -> MakePolicy:
    """The samples that the judge wants most (lowest row on ties)."""

    def make(samples: Samples) -> Policy:
        def policy(knowledge: Knowledge, count: int) -> NDArray[np.intp]:
            assert knowledge.judge is not None
            rows = knowledge.open
            wanted = query(knowledge.judge.probabilities(samples.inputs[rows]))
            return rows[np.argsort(-wanted, kind="stable")[:count]]

        return policy

    return make


def querying(query: Query) -> MakePolicy:
    """Random ones until the judge was trained, then those that it wants most."""
    return first_then(Chance, wanted_first(query))
