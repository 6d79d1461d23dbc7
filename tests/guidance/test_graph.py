"""The walk along the features, against the matrices it stands for."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.graph import Graph, arriving_from, build_graph, spread
from tb_tsne_plugin.tsne import compute_affinities


def transition(graph: Graph) -> NDArray[np.float64]:
    matrix = sp.csr_matrix((graph.steps, graph.indices, graph.indptr), shape=(graph.n_samples,) * 2)
    return np.asarray(matrix.toarray())


def walked(graph: Graph, damping: float, n_steps: int) -> NDArray[np.float64]:
    """(1 - damping) sum_t damping^t T^t, written out."""
    T, power = transition(graph), np.eye(graph.n_samples)
    total: NDArray[np.float64] = np.zeros_like(power)
    for step in range(n_steps + 1):
        total = total + (1 - damping) * damping**step * power
        power = power @ T
    return np.asarray(total)


@pytest.fixture(scope="module")
def graph() -> Graph:
    features = np.random.default_rng(0).standard_normal((80, 5)).astype(np.float32)
    return build_graph(compute_affinities(features, 8.0).P, 6)


def test_neighbors_are_the_strongest_affinities() -> None:
    features = np.random.default_rng(1).standard_normal((60, 4)).astype(np.float32)
    P = compute_affinities(features, 6.0).P
    found = build_graph(P, 5)
    for row, (near, shares) in enumerate(zip(found.neighbors, found.similarities, strict=True)):
        strongest = np.sort(P[row].toarray().ravel())[::-1][:5]
        np.testing.assert_allclose(P[row].toarray().ravel()[near], strongest)
        np.testing.assert_allclose(shares, strongest / strongest[0], rtol=1e-6)


def test_steps_are_chances_and_the_walk_is_reversible(graph: Graph) -> None:
    T = transition(graph)
    np.testing.assert_allclose(T.sum(axis=1), 1.0, rtol=1e-6)
    flow = graph.degrees[:, None] * T
    np.testing.assert_allclose(flow, flow.T, atol=1e-6)


def test_spread_is_the_sum_of_powers(graph: Graph) -> None:
    values = np.random.default_rng(2).random((80, 3)).astype(np.float32)
    np.testing.assert_allclose(spread(graph, values, 0.8, 7), walked(graph, 0.8, 7) @ values, rtol=1e-4)


def test_what_arrives_from_one_sample_is_a_column_of_the_same_sum(graph: Graph) -> None:
    np.testing.assert_allclose(arriving_from(graph, 7, 0.8, 7), walked(graph, 0.8, 7)[:, 7], atol=2e-5)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_samples_have_a_graph(n: int) -> None:
    graph = build_graph(compute_affinities(np.arange(n, dtype=np.float32)[:, None], 5.0).P)
    assert graph.neighbors.shape == (n, n - 1)
    assert np.isfinite(spread(graph, np.ones((n, 1), np.float32), 0.8, 5)).all()
