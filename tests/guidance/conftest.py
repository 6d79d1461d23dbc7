"""Groups of samples to advise on, and their t-SNE so far."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.guide import Guide
from tb_tsne_plugin.tsne import Embedding, Parameters, compute_affinities, initial_positions


class World(NamedTuple):
    features: NDArray[np.float32]
    true_labels: NDArray[np.int64]
    P: sp.csr_matrix
    Y: NDArray[np.float32]
    guide: Guide

    @property
    def unlabeled(self) -> NDArray[np.int64]:
        return np.full(len(self.features), -1)


@pytest.fixture(scope="session")
def world() -> World:
    """Six overlapping groups of unequal size in 20 dimensions."""
    random = np.random.default_rng(3)
    true_labels = np.repeat(np.arange(6), [150, 120, 90, 60, 50, 30])
    near = 0.75 * random.standard_normal((6, 20))[true_labels] + random.standard_normal((500, 20))
    features = near.astype(np.float32)
    affinities = compute_affinities(features, 20.0)
    embedding = Embedding(affinities, initial_positions(features, 3), Parameters())
    embedding.step(200)
    return World(features, true_labels, affinities.P, embedding.positions, Guide(features, affinities.P))
