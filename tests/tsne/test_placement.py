"""Newcomers among samples that stand."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.affinities import Conditioning
from tb_tsne_plugin.tsne.neighbors import neighbors_among
from tb_tsne_plugin.tsne.placement import place, place_by_features
from tests.builders import blobs


def test_a_newcomer_stands_in_the_larger_group_of_its_neighbors_and_not_between_two() -> None:
    positions = np.array([[0, 0.1, 0.2, 50, 50.1], [0, 0.1, 0, 0, 0]], dtype=np.float32)
    similarities = sp.csr_matrix(np.array([[1.0, 1.0, 1.0, 1.0, 1.0]]))
    placed = place(similarities, positions)
    assert placed[0, 0] < 1.0
    assert (placed[:, :1] != positions).any(axis=0).all(), "it has a place of its own"


def test_among_scattered_neighbors_it_stands_where_most_of_them_are_and_not_with_the_first() -> None:
    """Neighbors lie farther apart than 1, the t-SNE's own measure: each alone would be the nearest to itself."""
    positions = np.array([[90, 0, 6, 0, 6, 3], [90, 0, 0, 6, 6, 3]], dtype=np.float32)
    similarities = sp.csr_matrix(np.array([[1.5, 1, 1, 1, 1, 1]]))
    assert np.abs(place(similarities, positions)[:, 0] - 3).max() < 1


def test_each_newcomer_is_placed_by_itself() -> None:
    random = np.random.default_rng(0)
    positions = random.standard_normal((2, 40), dtype=np.float32)
    similarities = sp.random(30, 40, 0.2, "csr", random_state=0, dtype=np.float32)
    whole = place(similarities, positions)
    parts = [place(similarities[rows], positions) for rows in (slice(0, 7), slice(7, 30))]
    assert np.array_equal(whole, np.concatenate(parts, axis=1))


def test_a_newcomer_without_neighbors_is_at_the_origin() -> None:
    positions = np.ones((3, 4), dtype=np.float32)
    assert np.array_equal(place(sp.csr_matrix((2, 4)), positions), np.zeros((3, 2)))


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_features_that_stand_already_stand_where_they_do(metric: str) -> None:
    features, _ = blobs(60)
    positions = np.random.default_rng(0).standard_normal((2, 60), dtype=np.float32)
    known = Conditioning.of(features, metric)(features)
    assert np.array_equal(place_by_features(known[5:9], known, positions, 5.0, metric), positions[:, 5:9])


@pytest.mark.parametrize("count", [1, 2, 3])
def test_among_very_few_they_are_placed_too(count: int) -> None:
    positions = np.arange(2.0 * count, dtype=np.float32).reshape(2, count)
    placed = place_by_features(np.ones((2, 3), dtype=np.float32), np.eye(count, 3, dtype=np.float32), positions, 5.0)
    assert np.isfinite(placed).all()


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_neighbors_among_others_are_the_nearest(metric: str) -> None:
    random = np.random.default_rng(0)
    queries, features = (random.standard_normal((n, 5), dtype=np.float32) for n in (70, 300))
    distances, rows = neighbors_among(queries, features, 4, metric)
    every = _distances(queries.astype(float), features.astype(float), metric)
    assert np.array_equal(rows, np.argsort(every, axis=1)[:, :4])
    assert np.allclose(distances, np.sort(every, axis=1)[:, :4], atol=1e-5)


def _distances(a: NDArray[np.float64], b: NDArray[np.float64], metric: str) -> NDArray[np.float64]:
    if metric == "euclidean":
        return np.asarray(np.linalg.norm(a[:, None] - b, axis=2))
    a, b = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (a, b))
    return np.asarray(1 - a @ b.T)
