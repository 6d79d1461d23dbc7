"""Prints the positions that an embedding comes to at several thread counts, as digests: a process of its own, because
numba fixes the greatest number of threads when it starts.

    NUMBA_NUM_THREADS=4 python -m tests.tsne.thread_counts exact 300
"""

from __future__ import annotations

import hashlib
import json
import sys

import numba
import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.tsne import Embedding, Parameters, compute_affinities, initial_positions
from tests.builders import blobs


def made_with(threads: int, method: str, n: int) -> Embedding:
    """Everything from the features on, with so many threads: labels, noise and epochs."""
    numba.set_num_threads(threads)
    features = blobs(n, 8)[0]
    parameters = Parameters(labeling_start=10).updated({"method": method})
    found = Embedding(compute_affinities(features, 20.0), initial_positions(features, 3), parameters)
    found.step(20)
    found.set_labels(np.arange(n // 2), np.arange(n // 2) % 3)
    found.perturb()
    found.step(40)
    return found


def digest(positions: NDArray[np.float32]) -> str:
    return hashlib.sha256(np.ascontiguousarray(positions).tobytes()).hexdigest()


def main(method: str, n: int) -> None:
    """Prints {thread count: digest}."""
    counts = range(1, numba.config.NUMBA_NUM_THREADS + 1)
    print(json.dumps({count: digest(made_with(count, method, n).positions) for count in counts}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
