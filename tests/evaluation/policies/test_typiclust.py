"""TypiClust against its definition."""

from __future__ import annotations

import numpy as np

from tb_tsne_plugin.evaluation.policies.typiclust import SMALLEST, cluster_count, most_typical, typicality
from tests.evaluation.policies.made import blobs, known

LINE = np.array([[0.0], [1.0], [1.5], [4.0], [9.0]])


def test_typicality_is_one_over_the_mean_distance_to_the_nearest() -> None:
    # Of five points two neighbours count, half of them: 1 has 0.5 and 1, 1.5 has 0.5 and 1.5.
    distances = np.array([1.25, 0.75, 1.0, 2.75, 6.25])
    np.testing.assert_allclose(typicality(LINE, 20), 1 / (distances + SMALLEST))
    np.testing.assert_allclose(typicality(LINE, 1), 1 / (np.array([1, 0.5, 0.5, 2.5, 5]) + SMALLEST))
    assert typicality(LINE[:1], 20).tolist() == [1.0]


def test_clusters_with_the_fewest_labels_come_first_and_the_largest_of_them() -> None:
    clusters = np.repeat([0, 1, 2, 3], [10, 9, 8, 4])
    points = np.random.default_rng(0).standard_normal((len(clusters), 3))
    open_rows = np.setdiff1d(np.arange(len(clusters)), [0, 1, 10])  # two labels in cluster 0, one in cluster 1
    chosen = most_typical(points, clusters, open_rows, 5)
    assert clusters[chosen].tolist() == [2, 1, 0, 2, 1], "cluster 3 is too small; round and round"
    assert len(set(chosen.tolist())) == 5


def test_a_cluster_gives_its_most_typical_sample_without_a_label() -> None:
    points = np.concatenate([LINE, LINE + 100])
    clusters = np.repeat([0, 1], 5)
    assert most_typical(points, clusters, np.arange(10), 2).tolist() == [1, 6], "small clusters do where all are small"
    assert most_typical(points, clusters, np.array([0, 2, 3, 4]), 1).tolist() == [2]
    assert sorted(most_typical(points, clusters, np.array([3, 4, 9]), 10).tolist()) == [3, 4, 9]


def test_there_are_as_many_clusters_as_questions() -> None:
    _, groups = blobs()
    assert cluster_count(known(groups), 3) == 3
    assert cluster_count(known(groups, [0, 1, 2, 3]), 6) == 10
    group = known(groups, [0])._replace(labels=np.where(np.arange(len(groups)) < 50, 0, -1).astype(np.int32))
    assert cluster_count(group, 2) == 3, "a group is one question"
    assert cluster_count(known(groups, range(115)), 10) == 120, "no more than there are samples"
    assert cluster_count(known(np.zeros(2000, dtype=int), range(600)), 10) == 500
