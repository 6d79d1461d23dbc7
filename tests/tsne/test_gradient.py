"""The gradient against finite differences, the paper's formulas term by term, and cases small enough to do by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tb_tsne_plugin.tsne import gradient
from tests.tsne import reference

Case = tuple[sp.csr_matrix, NDArray[np.float64], NDArray[np.int32], NDArray[np.float64]]


def random_case(seed: int, n: int, d: int, classes: int) -> Case:
    random = np.random.default_rng(seed)
    dense = random.random((n, n)) * (random.random((n, n)) < 0.5)
    dense = dense + dense.T + np.eye(n, k=1) + np.eye(n, k=-1)
    np.fill_diagonal(dense, 0.0)
    P = sp.csr_matrix(dense / dense.sum())
    Y = random.standard_normal((n, d)) * random.uniform(0.3, 5.0)
    labels = random.integers(-1, classes, n).astype(np.int32)
    return P, Y, labels, random.random(n)


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(4, 14),
    d=st.sampled_from([2, 3]),
    classes=st.integers(1, 4),
    f=st.sampled_from([0.0, 0.01, 0.1, 1.0]),
    r=st.sampled_from([0.0, 0.1, 2.0]),
)
@settings(max_examples=60, deadline=None)
def test_gradient_is_the_derivative_of_the_cost(seed: int, n: int, d: int, classes: int, f: float, r: float) -> None:
    P, Y, labels, rate = random_case(seed, n, d, classes)

    def cost(positions: NDArray[np.float64]) -> float:
        return gradient(P, positions, labels, rate, label_importance=f, repulsion_emphasis=r)[1]

    slope, _ = gradient(P, Y, labels, rate, label_importance=f, repulsion_emphasis=r)
    h = 1e-5
    numeric = np.empty_like(Y)
    for index in np.ndindex(*Y.shape):
        up, down = Y.copy(), Y.copy()
        up[index] += h
        down[index] -= h
        numeric[index] = (cost(up) - cost(down)) / (2 * h)
    assert np.linalg.norm(slope - numeric) <= 1e-6 * max(float(np.linalg.norm(numeric)), 1e-3)


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(3, 12),
    d=st.sampled_from([2, 3]),
    f=st.sampled_from([0.0, 0.3]),
    r=st.sampled_from([0.0, 0.7]),
)
@settings(max_examples=100, deadline=None)
def test_cost_is_the_divergence_of_the_papers_formulas(seed: int, n: int, d: int, f: float, r: float) -> None:
    P, Y, labels, rate = random_case(seed, n, d, 3)
    u = np.where(labels >= 0, rate, 0.0)
    a, b = reference.priors(labels, u, f), reference.repulsion_weights(labels, u, r)
    _, cost = gradient(P, Y, labels, rate, label_importance=f, repulsion_emphasis=r)
    assert cost == pytest.approx(reference.cost(P.toarray(), Y, a, b), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize(("f", "r"), [(0.0, 0.0), (0.1, 0.1)])
def test_without_a_label_nothing_changes_to_the_bit(d: int, f: float, r: float) -> None:
    P, Y, labels, _ = random_case(5, 40, d, 3)
    Y = Y.astype(np.float32)
    plain, plain_cost = gradient(P, Y)
    none = np.full_like(labels, -1)
    unlabeled, cost = gradient(P, Y, none, label_importance=f, repulsion_emphasis=r)
    assert np.array_equal(plain, unlabeled)
    assert plain_cost == cost


def test_labels_without_importance_and_emphasis_change_nothing_to_the_bit() -> None:
    P, Y, labels, rate = random_case(6, 40, 3, 3)
    plain, plain_cost = gradient(P, Y)
    labeled, cost = gradient(P, Y, labels, rate, label_importance=0.0, repulsion_emphasis=0.0)
    assert np.array_equal(plain, labeled)
    assert plain_cost == cost


def test_two_points_do_not_move_whatever_their_distance() -> None:
    # p = q = 1/2 for the only two pairs: P and Q agree, and the cost is 0.
    P = sp.csr_matrix(np.array([[0.0, 0.5], [0.5, 0.0]]))
    slope, cost = gradient(P, np.array([[0.0, 0.0], [3.0, 4.0]]))
    assert np.allclose(slope, 0.0, atol=1e-15)
    assert cost == pytest.approx(0.0, abs=1e-15)


def test_three_points_by_hand() -> None:
    # On a line at 0, 1, 3, only the pair (0, 1) attracts: p = 1/2 each way. t_01 = 1/2, t_02 = 1/10, t_12 = 1/5.
    P = sp.csr_matrix(np.array([[0.0, 0.5, 0.0], [0.5, 0.0, 0.0], [0.0, 0.0, 0.0]]))
    Y = np.array([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0]])
    z = 2 * (1 / 2 + 1 / 10 + 1 / 5)
    attraction = np.array([-0.25, 0.25, 0.0])
    repulsion = np.array([-1 / 4 - 3 / 100, 1 / 4 - 2 / 25, 3 / 100 + 2 / 25]) / z
    slope, cost = gradient(P, Y)
    assert np.allclose(slope[:, 0], 4 * (attraction - repulsion), rtol=1e-14)
    assert np.allclose(slope[:, 1], 0.0)
    assert cost == pytest.approx(np.log(0.5) - np.log(0.5 / z))


@pytest.mark.parametrize("d", [2, 3])
def test_single_precision_agrees_with_double(d: int) -> None:
    P, Y, labels, rate = random_case(8, 200, d, 4)
    settings_: dict[str, Any] = {"label_importance": 0.1, "repulsion_emphasis": 0.1, "early_exaggeration": 4.0}
    double, _ = gradient(P, Y, labels, rate, **settings_)
    single, _ = gradient(P, Y.astype(np.float32), labels, rate, **settings_)
    assert double.dtype == np.float64
    assert single.dtype == np.float32
    assert np.linalg.norm(single - double) <= 1e-5 * np.linalg.norm(double)


@pytest.mark.parametrize(
    "labels", [np.zeros(30), np.arange(30), np.arange(30) % 2], ids=["one", "all different", "two"]
)
@pytest.mark.parametrize("f", [0.01, 10.0])
def test_every_sample_labelled_stays_finite(labels: NDArray[np.int32], f: float) -> None:
    P, Y, _, _ = random_case(9, 30, 3, 2)
    slope, cost = gradient(P, Y, labels.astype(np.int32), label_importance=f, repulsion_emphasis=1.0)
    assert np.isfinite(slope).all()
    assert np.isfinite(cost)


def test_exaggeration_multiplies_the_attraction_only() -> None:
    P, Y, _, _ = random_case(10, 20, 3, 2)
    one, two, three = (gradient(P, Y, early_exaggeration=alpha)[0] for alpha in (1.0, 2.0, 3.0))
    assert np.allclose(three - two, two - one)
    assert not np.allclose(two, one)
