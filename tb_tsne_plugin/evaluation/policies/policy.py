"""What a policy is: it sees samples and the labels given so far, and says whom to ask about next."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.judges import Judge
from tb_tsne_plugin.tsne import UNLABELED


class Samples(NamedTuple):
    """What a policy is made for: samples without their truth."""

    features: NDArray[np.float32]  # (N, D)
    inputs: NDArray[np.float32]  # (N, D) the same, standardised, as the judge takes them
    n_classes: int
    seed: int


class Knowledge(NamedTuple):
    """What is known when a policy is asked."""

    labels: NDArray[np.int32]  # (N,) `UNLABELED` where there is none; one at least is missing
    batches: NDArray[np.int64]  # (N,) number of the question that brought the label, from 0; -1 where there is none
    asked: NDArray[np.int64]  # (n,) rows that were asked about, in order: a group's are one question
    judge: Judge | None  # as it was trained last; None before

    @property
    def open(self) -> NDArray[np.intp]:
        """Rows without a label, ascending."""
        return np.flatnonzero(self.labels == UNLABELED)

    @property
    def given(self) -> NDArray[np.intp]:
        """Rows with a label, in the order in which they got it."""
        rows = np.flatnonzero(self.labels != UNLABELED)
        return rows[np.argsort(self.batches[rows], kind="stable")]


Policy = Callable[[Knowledge, int], NDArray[np.intp]]
"""Rows without a label to ask about next, first first, given what is known: one at least, and so many at most."""
MakePolicy = Callable[[Samples], Policy]


def first_then(first: MakePolicy, then: MakePolicy) -> MakePolicy:
    """One policy as long as no judge was trained, another afterwards."""

    def make(samples: Samples) -> Policy:
        cold, warm = first(samples), then(samples)
        return lambda knowledge, count: (cold if knowledge.judge is None else warm)(knowledge, count)

    return make
