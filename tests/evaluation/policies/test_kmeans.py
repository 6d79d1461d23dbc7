"""k-means and its central samples."""

from __future__ import annotations

import numpy as np
import pytest

from tb_tsne_plugin.evaluation.policies.kmeans import MOST_WHOLE, central, k_means


def test_the_central_sample_is_the_nearest_to_the_mean_of_its_cluster() -> None:
    points = np.array([[0.0], [1.0], [5.0], [100.0], [101.0], [103.0]])  # means 2 and 101.33
    assert sorted(central(points, 2, seed=0).tolist()) == [1, 4]
    assert central(points, 1, seed=0).tolist() == [2], "the mean is 51.67"
    assert central(points, 9, seed=0).tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("n_clusters", [3, MOST_WHOLE + 10])
def test_every_sample_is_in_the_cluster_of_its_nearest_center(n_clusters: int) -> None:
    points = np.random.default_rng(0).standard_normal((400, 2))
    found = k_means(points, n_clusters, seed=0)
    distances = ((points[:, None] - found.centers) ** 2).sum(axis=2)
    assert (found.of == distances.argmin(axis=1)).mean() > 0.98
    assert len(np.unique(found.of)) == n_clusters
