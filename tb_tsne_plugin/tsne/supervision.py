"""What labels do to the forces: point rates u_i and attraction priors a_ij (docs/algorithm.md, section 2)."""

from __future__ import annotations

import numba
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.kernel import kernel
from tb_tsne_plugin.tsne.parameters import UNLABELED, Parameters


def label_counts(labels: NDArray[np.int32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """N_s and N_o of every point.

    Args:
      labels: (N,) labels, `UNLABELED` where there is none.

    Returns:
      (N,) number of labelled points with the same label (the point itself included) and (N,) number with another one;
      both 0 for an unlabelled point.
    """
    labeled = labels != UNLABELED
    classes, inverse, counts = np.unique(labels[labeled], return_inverse=True, return_counts=True)
    n_same = np.zeros(len(labels))
    n_other = np.zeros(len(labels))
    if len(classes):
        n_same[labeled] = counts[inverse]
        n_other[labeled] = labeled.sum() - counts[inverse]
    return n_same, n_other


@kernel
def _weigh(indptr, indices, p, labels, rate, pull, push, scale):  # type: ignore[no-untyped-def]
    """N a_ij p_ij at the stored entries; `pull` is 1 / N_s, `push` is 1 / N_o, `scale` is N f / 2."""
    weights = p.copy()
    for i in numba.prange(len(indptr) - 1):
        if rate[i] > 0.0:
            for e in range(indptr[i], indptr[i + 1]):
                j = indices[e]
                both = scale * rate[i] * rate[j]
                if labels[i] == labels[j]:
                    weights[e] = p[e] * (1.0 + both * (pull[i] + pull[j]))
                else:
                    weights[e] = p[e] * max(1.0 - both * (push[i] + push[j]), 0.0)
    return weights


def weighted_affinities(
    P: sp.csr_matrix, labels: NDArray[np.int32], point_rate: NDArray[np.floating], label_importance: float
) -> NDArray[np.floating]:
    """a_ij p_ij / sum_kl a_kl p_kl at the stored entries of P.

    The prior is a_ij = 1/N + u_i u_j f / N_s for equal labels and 1/N - u_i u_j f / N_o for different ones, made
    symmetric (the mean over i and j) and then clipped at 0. Without a label that counts, P's own values come back
    untouched.

    Args:
      P: (N, N) CSR affinities of sum 1.
      labels: (N,) labels.
      point_rate: (N,) u in [0, 1]; 0 for unlabelled points.
      label_importance: f.

    Returns:
      (nnz,) weights of sum 1, of P's dtype.
    """
    if label_importance == 0.0 or not point_rate.any():
        return np.asarray(P.data)
    n_same, n_other = label_counts(labels)
    with np.errstate(divide="ignore"):
        pull = np.where(n_same > 0, 1.0 / n_same, 0.0)
        push = np.where(n_other > 0, 1.0 / n_other, 0.0)
    scale = 0.5 * label_importance * P.shape[0]
    weights = _weigh(P.indptr, P.indices, P.data, labels, point_rate.astype(np.float64), pull, push, scale)
    total = float(weights.sum(dtype=np.float64))
    if total < 1e-12:  # all labelled and all clipped: nothing attracts any more, and nothing can be divided by
        return np.asarray(P.data)
    return np.asarray(weights / P.dtype.type(total))


class Supervision:
    """The labels given so far, each with the epoch it came in; turns them into point rates and weights."""

    def __init__(self, P: sp.csr_matrix) -> None:
        """Starts with every sample unlabelled; `P` is never changed."""
        n = P.shape[0]
        self._P = P
        self.labels: NDArray[np.int32] = np.full(n, UNLABELED, dtype=np.int32)
        self._labeled_at: NDArray[np.int64] = np.zeros(n, dtype=np.int64)
        self._rate: NDArray[np.float32] = np.zeros(n, dtype=np.float32)
        self._weights: NDArray[np.floating] = P.data
        self._settings: tuple[float, int, int] | None = None
        self._ramping_until = -1

    def set_labels(self, rows: NDArray[np.integer], labels: NDArray[np.integer], epoch: int) -> None:
        """Gives rows new labels at an epoch; where a label really changes, its rate starts anew.

        Args:
          rows: Row numbers, each once.
          labels: As many labels, or `UNLABELED`.
          epoch: The current epoch.
        """
        rows = np.asarray(rows, dtype=np.int64)
        new = np.asarray(labels, dtype=np.int32)
        changed = self.labels[rows] != new
        self.labels[rows] = new
        self._labeled_at[rows[changed]] = epoch
        self._settings = None

    def at(self, epoch: int, parameters: Parameters) -> tuple[NDArray[np.floating], NDArray[np.float32]]:
        """Weights and rates for an epoch, computed again only when one of them changed.

        Args:
          epoch: The epoch about to be computed.
          parameters: Gives f, s and the ramp.

        Returns:
          (nnz,) attraction weights a_ij p_ij / sum, and (N,) point rates u.
        """
        settings = (parameters.label_importance, parameters.labeling_start, parameters.ramp_epochs)
        if settings != self._settings or epoch <= self._ramping_until:
            self._settings = settings
            self._rate = self._rates(epoch, parameters)
            begun = np.maximum(self._labeled_at, parameters.labeling_start)
            labeled = self.labels != UNLABELED
            self._ramping_until = int(begun[labeled].max(initial=-1)) + parameters.ramp_epochs if labeled.any() else -1
            self._weights = weighted_affinities(self._P, self.labels, self._rate, parameters.label_importance)
        return self._weights, self._rate

    def _rates(self, epoch: int, parameters: Parameters) -> NDArray[np.float32]:
        begun = np.maximum(self._labeled_at, parameters.labeling_start)
        ramp = np.clip((epoch - begun + 1) / parameters.ramp_epochs, 0.0, 1.0)
        return np.where(self.labels != UNLABELED, ramp, 0.0).astype(np.float32)
