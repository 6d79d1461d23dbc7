"""ProbCover against its definition."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.policies.probcover import cover, pure_radius


def line(*places: float) -> NDArray[np.float64]:
    found = np.array(places)
    return np.asarray(np.abs(found[:, None] - found))


def test_the_radius_is_the_largest_with_enough_pure_balls() -> None:
    random = np.random.default_rng(0)
    points = random.standard_normal((200, 2))
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    clusters = (points[:, 0] > 0.3).astype(int)
    impure = clusters[:, None] != clusters

    def purity(delta: float) -> float:
        return float(1 - ((distances < delta) & impure).any(axis=1).mean())

    found = pure_radius(distances, clusters)
    assert purity(found) >= 0.95
    assert purity(found * (1 + 1e-9)) < 0.95


def test_the_radius_of_few_samples_leaves_no_ball_impure() -> None:
    distances, clusters = line(0, 1, 2, 7, 8), np.array([0, 0, 0, 1, 1])
    assert pure_radius(distances, clusters) == 5.0
    assert pure_radius(distances, clusters, purity=0.6) == 6.0, "two of five may be impure: 2 and 7"
    assert pure_radius(distances, np.zeros(5, dtype=int)) == np.inf


def test_each_choice_covers_most_of_what_is_left() -> None:
    balls = sp.csr_matrix((line(0, 1, 2, 3, 10, 11, 30) < 1.5).astype(np.float32))
    nothing, everyone, random = np.zeros(7, bool), np.ones(7, bool), np.random.default_rng(0)
    # 1 covers three, then 4 covers two, then 3 and 6 one each: 2 covers 3 too, and is the lowest.
    assert cover(balls, nothing, everyone, 4, random).tolist() == [1, 4, 2, 6]
    covered = np.array([True, True, False, False, False, False, False])
    assert cover(balls, covered, everyone, 1, random).tolist() == [2]
    open_ = np.array([True, False, False, True, False, False, False])
    assert cover(balls, nothing, open_, 2, random).tolist() == [0, 3]


def test_what_covers_nothing_new_is_taken_at_random_and_never_twice() -> None:
    balls = sp.csr_matrix(np.ones((6, 6), dtype=np.float32))
    open_ = np.array([False, True, True, True, True, True])
    orders = {
        tuple(cover(balls, np.ones(6, bool), open_, 5, np.random.default_rng(seed)).tolist()) for seed in range(5)
    }
    assert len(orders) > 1
    assert all(sorted(order) == [1, 2, 3, 4, 5] for order in orders)
