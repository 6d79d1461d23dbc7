"""Clusters of the neighbourhoods, before anything is known."""

from __future__ import annotations

import numpy as np
import pytest

from tb_tsne_plugin.guidance.clusters import clusters, find_clusters
from tb_tsne_plugin.guidance.guide import Guide
from tb_tsne_plugin.tsne import compute_affinities
from tests.guidance.conftest import World


def test_the_resolution_decides_how_many(world: World) -> None:
    counts = [find_clusters(world.guide.graph, resolution).max() + 1 for resolution in (0.3, 1.0, 10.0)]
    assert counts == sorted(counts)
    assert counts[-1] > 2 * counts[0]


def test_the_same_seed_gives_the_same_clusters_the_largest_first(world: World) -> None:
    found = find_clusters(world.guide.graph, 3.0, 5)
    np.testing.assert_array_equal(found, find_clusters(world.guide.graph, 3.0, 5))
    sizes = np.bincount(found)
    assert (np.diff(sizes) <= 0).all()
    assert sizes.sum() == 500


def test_clusters_are_mostly_of_one_class(world: World) -> None:
    found = find_clusters(world.guide.graph, 2.0)
    right = sum(np.bincount(world.true_labels[found == number]).max() for number in range(found.max() + 1))
    assert right / 500 > 0.8


def test_what_is_known_of_a_cluster(world: World) -> None:
    numbers = find_clusters(world.guide.graph, 2.0)
    labels = np.where(np.arange(500) % 4 == 0, world.true_labels, -1)
    aside = np.arange(500) % 10 == 1
    found = clusters(numbers, world.guide.graph, labels, world.guide.suggest(labels), aside)
    assert sorted(row for cluster in found for row in cluster.rows) == np.flatnonzero(~aside).tolist()
    sizes = [len(cluster.rows) for cluster in found]
    assert sizes == sorted(sizes, reverse=True)
    for cluster in found:
        truth = world.true_labels[cluster.rows]
        assert cluster.label == np.bincount(truth).argmax()
        assert abs(cluster.purity - (truth == cluster.label).mean()) < 0.25
        assert cluster.n_unlabeled == (labels[cluster.rows] < 0).sum()


def test_before_any_label_nothing_is_expected(world: World) -> None:
    numbers = find_clusters(world.guide.graph)
    found = clusters(numbers, world.guide.graph, world.unlabeled, world.guide.suggest(world.unlabeled))
    assert {(cluster.label, cluster.purity) for cluster in found} == {(-1, 0.0)}


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_handful_has_clusters(n: int) -> None:
    features = np.arange(2 * n, dtype=np.float32).reshape(n, 2)
    guide = Guide(features, compute_affinities(features, 20.0).P)
    assert len(guide.clusters()) == n
