"""The k-NN accuracy by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tb_tsne_plugin.evaluation import neighbor_accuracy


def test_shares_of_two_groups_with_one_stranger() -> None:
    positions = np.concatenate([np.arange(5), 100 + np.arange(5)])[:, None] * np.ones((1, 3))
    truth = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
    found = neighbor_accuracy(positions, truth)
    shares = np.array([3 / 4] * 4 + [0] + [1] * 5)
    assert found.mean == pytest.approx(shares.mean())
    assert found.deviation == pytest.approx(shares.std())


def test_same_as_scikit_learn_on_noise() -> None:
    from sklearn.neighbors import NearestNeighbors

    random = np.random.default_rng(0)
    positions, truth = random.standard_normal((200, 3)) + 50, random.integers(0, 3, 200)
    rows = NearestNeighbors(n_neighbors=4).fit(positions).kneighbors(return_distance=False)
    assert neighbor_accuracy(positions, truth).mean == pytest.approx((truth[rows] == truth[:, None]).mean())
