"""MaxHerding (Bae, Noh and Sutherland 2024, arXiv 2407.12212): generalised coverage, greedily.

The coverage of a set S is C(S) = 1/N sum_x max_{s in S} k(x, s): ProbCover's, with a smooth kernel in place of a ball.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.policies.geometry import gaussian, squared_distances, unit_rows
from tb_tsne_plugin.evaluation.policies.policy import Knowledge, Samples
from tb_tsne_plugin.tsne import UNLABELED

RADIUS = 1.0
"""sigma of k(x, y) = exp(-|x - y|^2 / sigma^2), for features of length 1."""
BLOCK = 64
"""Rows of the kernel that are worked on at a time: what is computed of them stays in the processor's cache."""


def gains(
    kernel: NDArray[np.float32], covered: NDArray[np.float32], weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(N,) how much each sample would add to the coverage: 1/N sum_x w(x) max(k(x, c) - covered(x), 0).

    Args:
      kernel: (N, N).
      covered: (N,) max_{s in S} k(x, s); 0 where S is empty.
      weights: (N,) what each sample counts for.
    """
    found = np.empty(len(kernel), dtype=np.float32)
    for first in range(0, len(kernel), BLOCK):
        more = kernel[first : first + BLOCK] - covered
        found[first : first + BLOCK] = np.maximum(more, 0, out=more) @ weights
    found /= np.float32(len(kernel))
    return found


def herd(
    kernel: NDArray[np.float32],
    given: NDArray[np.bool_],
    count: int,
    weights: NDArray[np.float32] | None = None,
) -> NDArray[np.intp]:
    """Greedily takes the sample that adds most to the coverage (the paper's Algorithm 1).

    Args:
      kernel: (N, N).
      given: (N,) what has a label: it covers, and is not taken.
      count: How many to take at most.
      weights: (N,) what each sample counts for; None for all the same.

    Returns:
      Rows; the lowest on ties.
    """
    weights = np.ones(len(kernel), dtype=np.float32) if weights is None else weights
    covered, taken = kernel[given].max(axis=0, initial=0), given.copy()
    found: list[int] = []
    for _ in range(min(count, int((~given).sum()))):
        row = int(np.where(taken, -1, gains(kernel, covered, weights)).argmax())
        found.append(row)
        taken[row] = True
        np.maximum(covered, kernel[row], out=covered)
    return np.array(found, dtype=np.intp)


class MaxHerding:
    """One kernel throughout."""

    def __init__(self, samples: Samples) -> None:
        """Computes the kernel."""
        self._kernel = gaussian(squared_distances(unit_rows(samples.features)), RADIUS)

    def __call__(self, knowledge: Knowledge, count: int) -> NDArray[np.intp]:
        """What has a label covers what is like it."""
        return herd(self._kernel, knowledge.labels != UNLABELED, count)
