"""The bandwidth of each point: bisection to the perplexity (docs/algorithm.md, section 1)."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.kernel import compiled

MAX_STEPS = 200
ENTROPY_TOLERANCE = 1e-5


# Without fastmath: the bisection lives on infinities.
@compiled(parallel=True)
def conditional_similarities(squared_distances: NDArray[np.float64], perplexity: float) -> NDArray[np.float64]:
    """p_j|i over each point's nearest neighbours, with entropy log(perplexity) within 1e-5.

    Args:
      squared_distances: (N, k) squared distances, finite.
      perplexity: Effective number of neighbours, at most k.

    Returns:
      (N, k) similarities; every row sums to 1. A row of equal distances is uniform, whatever the perplexity.
    """
    n, k = squared_distances.shape
    result = np.empty((n, k), dtype=np.float64)
    target = np.log(perplexity)
    for i in numba.prange(n):
        row = squared_distances[i]
        nearest = row.min()
        spread = row.mean() - nearest
        beta = 1.0 / spread if spread > 0.0 else 1.0
        low = 0.0
        high = np.inf
        for _ in range(MAX_STEPS):
            total = 0.0
            weighted = 0.0
            for j in range(k):
                d = row[j] - nearest  # the nearest has exponent 0, so `total` is at least 1
                p = np.exp(-beta * d)
                result[i, j] = p
                total += p
                weighted += d * p
            for j in range(k):
                result[i, j] /= total
            excess = np.log(total) + beta * weighted / total - target
            if abs(excess) <= ENTROPY_TOLERANCE:
                break
            if excess > 0.0:
                low = beta
                beta = beta * 2.0 if high == np.inf else 0.5 * (beta + high)
                if beta > 1e300:  # equal distances: no bandwidth reaches the perplexity
                    break
            else:
                high = beta
                beta = 0.5 * (beta + low)
    return result
