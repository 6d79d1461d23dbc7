"""A classifier that remembers: kernel ridge regression, which tells near copies apart where a linear model cannot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.components import unit_rows

PENALTY = 0.1
MOST_LABELS = 3_000
MOST_SIMILARITIES = 1 << 25
"""Samples times labels. Beyond either, a linear model has enough labels, and this one takes too long."""


class KernelModel:
    """What some labels say by their likeness alone: exp(cos - 1), the Gaussian kernel on rows of length 1."""

    def __init__(self, unit: NDArray[np.float32], coefficients: NDArray[np.float32]) -> None:
        """Keeps.

        Args:
          unit: (n, d) of the labelled samples, rows of length 1.
          coefficients: (n, C).
        """
        self.unit, self.coefficients = unit, coefficients

    def scores(self, inputs: NDArray[np.floating]) -> NDArray[np.float32]:
        """(M, C) scores of (M, d) inputs, as those of a `LinearModel`."""
        return np.asarray(_likeness(_unit(inputs), self.unit) @ self.coefficients)


class Kernel:
    """Fits one set of samples again and again, while labels come in: what was found for earlier labels is kept."""

    def __init__(self, inputs: NDArray[np.floating], at: NDArray[np.integer] | None = None) -> None:
        """Takes what stays the same.

        Args:
          inputs: (N, d) components.
          at: (m,) samples that scores are told of; None for all.
        """
        self._inputs = inputs
        self._unit = _unit(inputs if at is None else inputs[at])
        self._forget()

    def takes(self, n_labels: int) -> bool:
        """Whether so many labels are not too many."""
        return n_labels <= MOST_LABELS and n_labels * len(self._unit) <= MOST_SIMILARITIES

    def fit(self, rows: NDArray[np.integer], columns: NDArray[np.integer], n_classes: int) -> KernelModel:
        """A model of some labels only, with nothing kept.

        Args:
          rows: (n,) labelled samples.
          columns: (n,) their classes, from 0 to C - 1.
          n_classes: C.

        Returns:
          The model.
        """
        from scipy.linalg import solve

        unit = _unit(self._inputs[rows])
        gram = _likeness(unit, unit).astype(np.float64)
        gram[np.diag_indices(len(rows))] += PENALTY
        coefficients = solve(gram, _targets(columns, n_classes), assume_a="pos")
        return KernelModel(unit, coefficients.astype(np.float32))

    def scores(self, rows: NDArray[np.integer], columns: NDArray[np.integer], n_classes: int) -> NDArray[np.float32]:
        """(m, C) scores of the samples that are told of, as `fit` and `KernelModel.scores` give them."""
        _, _, coefficients = self._solved(rows, columns, n_classes)
        return np.asarray(self._similar @ coefficients.astype(np.float32))

    def left_out_scores(
        self, rows: NDArray[np.integer], columns: NDArray[np.integer], n_classes: int
    ) -> NDArray[np.float64]:
        """(n, C) scores of the labelled samples, each by the model of all others: y_i - a_i / (A^-1)_ii."""
        from scipy.linalg.lapack import dtrtri

        places, targets, coefficients = self._solved(rows, columns, n_classes)
        inverse, _ = dtrtri(self._factor, lower=1)
        found = np.empty_like(targets)
        found[places] = targets - coefficients / np.square(inverse).sum(axis=0)[:, None]
        return found

    def _solved(
        self, rows: NDArray[np.integer], columns: NDArray[np.integer], n_classes: int
    ) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
        """Where the labels that are kept stand among `rows`, and their targets and coefficients, (n, C) both."""
        from scipy.linalg import cho_solve

        self._know(rows)
        place = np.empty(len(self._inputs), dtype=np.intp)
        place[rows] = np.arange(len(rows))
        places = place[self._rows]
        targets = _targets(columns[places], n_classes)
        return places, targets, np.asarray(cho_solve((self._factor, True), targets, check_finite=False))

    def _forget(self) -> None:
        self._rows = np.zeros(0, dtype=np.intp)
        self._similar = np.zeros((len(self._unit), 0), dtype=np.float32)  # (m, n) to the labelled samples
        self._factor = np.zeros((0, 0))  # (n, n) Cholesky's, of their own likeness and the penalty

    def _know(self, rows: NDArray[np.integer]) -> None:
        """Extends what is kept by the samples that are labelled now and were not before."""
        from scipy.linalg import cholesky, solve_triangular

        if len(np.setdiff1d(self._rows, rows, assume_unique=True)):
            self._forget()
        new = np.setdiff1d(rows, self._rows, assume_unique=True)
        if not len(new):
            return
        unit = _unit(self._inputs[new])
        own = _likeness(unit, unit).astype(np.float64)
        own[np.diag_indices(len(new))] += PENALTY
        to_known = _likeness(_unit(self._inputs[self._rows]), unit)
        across = solve_triangular(self._factor, to_known, lower=True, check_finite=False)
        n, both = len(self._rows), len(self._rows) + len(new)
        factor = np.zeros((both, both))
        factor[:n, :n] = self._factor
        factor[n:, :n] = across.T
        factor[n:, n:] = cholesky(own - across.T @ across, lower=True, check_finite=False)
        self._factor = factor
        self._rows = np.concatenate([self._rows, new])
        self._similar = np.concatenate([self._similar, _likeness(self._unit, unit)], axis=1)


def _unit(inputs: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.asarray(unit_rows(inputs), dtype=np.float32)


def _likeness(some: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.exp(some @ others.T - np.float32(1.0)))


def _targets(columns: NDArray[np.integer], n_classes: int) -> NDArray[np.float64]:
    return np.asarray(np.eye(n_classes)[columns] - 1.0 / n_classes)
