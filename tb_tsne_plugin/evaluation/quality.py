"""How homogeneous an embedding is: the k-NN accuracy of the paper's Table 1."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.neighbors import nearest_neighbors

N_NEIGHBORS = 4


class Quality(NamedTuple):
    """Shares in [0, 1], over samples."""

    mean: float
    deviation: float


def neighbor_accuracy(
    embedding: NDArray[np.floating], true_labels: NDArray[np.integer], n_neighbors: int = N_NEIGHBORS
) -> Quality:
    """The share of each sample's nearest neighbours that are of its class, as the paper's mean and deviation.

    Args:
      embedding: (N, d) positions, N > n_neighbors.
      true_labels: (N,) classes.
      n_neighbors: How many neighbours, the sample itself left out.

    Returns:
      Mean and standard deviation over the samples.
    """
    centered = np.asarray(embedding - embedding.mean(axis=0), dtype=np.float32)
    rows = nearest_neighbors(centered, n_neighbors)[1]
    shares = (true_labels[rows] == true_labels[:, None]).mean(axis=1)
    return Quality(float(shares.mean()), float(shares.std()))
