"""Affinities: what they must sum to, which neighbours they keep, and inputs that break naive code."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tb_tsne_plugin.tsne import compute_affinities, neighbors
from tb_tsne_plugin.tsne.neighbors import nearest_neighbors
from tb_tsne_plugin.tsne.partition import partitioned_neighbors
from tb_tsne_plugin.tsne.perplexity import conditional_similarities


def features(n: int = 200, d: int = 10) -> NDArray[np.float32]:
    return np.random.default_rng(0).standard_normal((n, d)).astype(np.float32)


def test_affinities_are_symmetric_and_sum_to_one() -> None:
    P = compute_affinities(features(), 20.0).P
    assert P.sum() == pytest.approx(1.0, abs=1e-5)
    assert abs(P - P.T).max() < 1e-9
    assert P.diagonal().max() == 0.0
    assert P.data.min() > 0.0


def test_every_bandwidth_reaches_the_perplexity() -> None:
    squared = nearest_neighbors(features(), 60)[0].astype(np.float64) ** 2
    p = conditional_similarities(squared, 20.0)
    entropy = -(p * np.log(np.maximum(p, 1e-300))).sum(axis=1)
    assert np.allclose(p.sum(axis=1), 1.0)
    assert np.abs(entropy - np.log(20.0)).max() <= 1e-5


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_neighbours_are_the_nearest_by_brute_force(metric: str) -> None:
    X = features(80).astype(np.float64)
    if metric == "cosine":
        unit = X / np.linalg.norm(X, axis=1, keepdims=True)
        distance = 1.0 - unit @ unit.T
    else:
        distance = np.sqrt(((X[:, None] - X[None]) ** 2).sum(axis=2))
    np.fill_diagonal(distance, np.inf)
    found_distances, found = nearest_neighbors(X.astype(np.float32), 7, metric)
    assert np.array_equal(np.sort(found, axis=1), np.sort(np.argsort(distance, axis=1)[:, :7], axis=1))
    assert np.allclose(found_distances, np.sort(distance, axis=1)[:, :7], atol=1e-5)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4])
def test_a_handful_of_samples_is_enough(n: int) -> None:
    found = compute_affinities(features()[:n], 20.0)
    assert found.n_samples == n
    assert found.note is not None
    assert np.isfinite(found.P.data).all()
    assert found.P.sum() == pytest.approx(1.0 if n > 1 else 0.0)


def test_perplexity_is_lowered_and_said() -> None:
    found = compute_affinities(features(31), 20.0)
    assert found.perplexity == pytest.approx(10.0)
    assert found.note == "Perplexity lowered from 20 to 10: it needs at least three times as many samples."
    assert compute_affinities(features(61), 20.0).note is None


@pytest.mark.parametrize(
    "X",
    [
        np.zeros((50, 4)),
        np.ones((50, 4)),
        np.repeat(features(25, 4), 2, axis=0),
        features(50, 4) * 1e20,
        features(50, 4) * 1e-20,
        np.c_[features(50, 3), np.full(50, 7.0)],
        np.vstack([features(25, 4), features(25, 4) + 1e6]),
    ],
    ids=["all zero", "all equal", "duplicates", "huge", "tiny", "constant column", "far apart"],
)
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_degenerate_features_give_finite_affinities(X: NDArray[np.floating[Any]], metric: str) -> None:
    P = compute_affinities(X.astype(np.float32), 5.0, metric).P
    assert np.isfinite(P.data).all()
    assert P.sum() == pytest.approx(1.0, abs=1e-5)


def test_scale_and_offset_do_not_matter() -> None:
    X = features(100, 6)
    plain = compute_affinities(X, 10.0).P.toarray()
    assert np.allclose(compute_affinities(X * 1e10, 10.0).P.toarray(), plain, atol=1e-7)
    far = compute_affinities(X.astype(np.float64) + 1e5, 10.0).P.toarray()
    assert np.allclose(far, plain, atol=1e-7)


@pytest.mark.parametrize(
    ("X", "sentence"),
    [
        (np.zeros(5), "Features must be a two-dimensional array, not 1-dimensional."),
        (np.array([[1.0], [np.nan], [np.inf]]), "Features of 2 samples are not finite (the first is row 1)."),
    ],
)
def test_features_that_are_none_are_refused_in_a_sentence(X: NDArray[np.floating[Any]], sentence: str) -> None:
    with pytest.raises(ValueError, match="Features") as caught:
        compute_affinities(X, 5.0)
    assert str(caught.value) == sentence


def test_very_many_samples_are_parted_and_nearly_all_neighbours_found(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    centers = 6 * random.standard_normal((12, 8))
    X = (random.standard_normal((6000, 8)) + centers[np.arange(6000) % 12]).astype(np.float32)
    X -= X.mean(axis=0)
    exact_distances, exact = neighbors.exact_neighbors(X, 15)
    monkeypatch.setattr(neighbors, "EXACT_NEIGHBORS_UP_TO", 1000)
    monkeypatch.setattr(neighbors, "exact_neighbors", None)  # cannot be what finds them
    distances, rows = nearest_neighbors(X, 15)
    assert np.mean([np.isin(exact[i], rows[i]).mean() for i in range(6000)]) > 0.96
    assert (np.diff(distances, axis=1) >= 0).all()
    assert (distances >= exact_distances - 1e-5).all()
    assert np.allclose(distances, np.linalg.norm(X[:, None] - X[rows], axis=2), atol=1e-5)
    assert not (rows == np.arange(6000)[:, None]).any()


def test_features_without_cells_are_searched_through_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    X = np.random.default_rng(0).standard_normal((2000, 200)).astype(np.float32)
    assert partitioned_neighbors(X, 15) is None
    monkeypatch.setattr(neighbors, "EXACT_NEIGHBORS_UP_TO", 1000)
    assert np.array_equal(nearest_neighbors(X, 15)[1], neighbors.exact_neighbors(X, 15)[1])


def test_half_duplicates_do_not_break_the_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbors, "EXACT_NEIGHBORS_UP_TO", 1000)
    X = np.random.default_rng(0).standard_normal((6000, 4)).astype(np.float32)
    X[::2] = X[0]
    distances, rows = nearest_neighbors(X, 15)
    assert (distances[::2] == 0).all()
    assert (np.sort(rows, axis=1)[:, 1:] != np.sort(rows, axis=1)[:, :-1]).all()
