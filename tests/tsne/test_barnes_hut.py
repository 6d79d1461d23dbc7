"""Barnes-Hut against all pairs: equal at theta 0, near enough elsewhere, and never broken by where points are."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.manifold import _barnes_hut_tsne

from tb_tsne_plugin.tsne.barnes_hut import BarnesHut
from tb_tsne_plugin.tsne.octree import CAPACITY, build
from tb_tsne_plugin.tsne.repulsion import repel_exact


def clusters(n: int, d: int, seed: int = 0, spread: float = 20.0) -> NDArray[np.float32]:
    """(d, N) positions as a t-SNE leaves them: tight groups, far apart."""
    random = np.random.default_rng(seed)
    group = random.integers(0, 12, n)
    return (random.standard_normal((d, n)) * 2.0 + spread * random.standard_normal((d, 12))[:, group]).astype(
        np.float32
    )


def some_labels(n: int, classes: int = 5, seed: int = 0) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    random = np.random.default_rng(seed)
    labels = random.integers(-classes, classes, n).astype(np.int32)
    labels[labels < 0] = -1
    return labels, np.where(labels >= 0, random.random(n), 0.0).astype(np.float32)


def unlabeled(n: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    return np.full(n, -1, dtype=np.int32), np.zeros(n, dtype=np.float32)


def both(
    Y: NDArray[np.float32], labels: NDArray[np.int32], rate: NDArray[np.float32], r: float, theta: float
) -> tuple[NDArray[np.float64], float, NDArray[np.float32], float]:
    """Forces and Z, from all pairs in float64 and from the tree."""
    exact, forces = np.empty(Y.shape), np.empty_like(Y)
    z = repel_exact(Y.astype(np.float64), labels, rate.astype(np.float64), r, exact, np.empty(Y.shape[1]))
    near = BarnesHut()(Y, labels, rate, r, theta, forces, np.empty(Y.shape[1], dtype=np.float32))
    return exact, z, forces, near


def relative(found: NDArray[np.floating[Any]], wanted: NDArray[np.floating[Any]]) -> float:
    return float(np.linalg.norm(found - wanted) / max(np.linalg.norm(wanted), 1e-30))


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize("n", [1, 2, 3, CAPACITY, CAPACITY + 1, 700])
@pytest.mark.parametrize("r", [0.0, 0.1, 2.0])
def test_theta_zero_is_all_pairs(n: int, d: int, r: float) -> None:
    exact, z, forces, near = both(clusters(n, d), *some_labels(n), r, 0.0)
    assert relative(forces, exact) < 1e-5
    assert near == pytest.approx(z, rel=1e-5)


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize("theta", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("with_labels", [False, True])
def test_error_is_no_larger_than_scikit_learns(d: int, theta: float, with_labels: bool) -> None:
    n = 2000
    Y = clusters(n, d, spread=8.0)
    exact, z, forces, near = both(Y, *(some_labels(n) if with_labels else unlabeled(n)), 0.1, theta)
    plain, z_plain, *_ = both(Y, *unlabeled(n), 0.0, 0.0)
    # scikit-learn gives the whole gradient; without neighbours it is -4 F_rep / Z.
    theirs = np.zeros((n, d), dtype=np.float32)
    indptr, nothing = np.zeros(n + 1, dtype=np.int64), np.zeros(0, dtype=np.float32)
    _barnes_hut_tsne.gradient(
        nothing, np.ascontiguousarray(Y.T), np.zeros(0, dtype=np.int64), indptr, theirs, theta, d, False, dof=1
    )
    error = relative(forces / near, exact / z)
    assert error <= relative(-theirs.T / 4, plain / z_plain)
    assert error < {0.2: 0.005, 0.5: 0.05, 0.8: 0.2}[theta]


@given(
    seed=st.integers(0, 1000),
    d=st.sampled_from([2, 3]),
    n=st.integers(1, 200),
    scale=st.sampled_from([0.0, 1e-30, 1e-4, 1.0, 1e6]),
    kind=st.sampled_from(["normal", "equal", "two heaps", "line", "outlier", "grid"]),
    classes=st.integers(1, 4),
)
@settings(max_examples=150, deadline=None)
@pytest.mark.slow
def test_no_arrangement_breaks_the_tree(seed: int, d: int, n: int, scale: float, kind: str, classes: int) -> None:
    random = np.random.default_rng(seed)
    points = random.standard_normal((d, n))
    if kind == "equal":
        points[:] = points[:, :1]
    elif kind == "two heaps":
        points = np.where(np.arange(n) % 2, points[:, :1], -points[:, :1])
    elif kind == "line":
        points[1:] = 0.0
    elif kind == "outlier":
        points[:, 0] = 1e4
    elif kind == "grid":
        points = np.round(points)
    Y = (scale * points).astype(np.float32)
    labels, rate = some_labels(n, classes, seed)
    exact, z, forces, near = both(Y, labels, rate, 0.5, 0.5)
    assert np.isfinite(forces).all()
    assert near == pytest.approx(z, rel=0.05, abs=1e-6 * n)
    tree = build(Y, labels)
    assert len(tree.start) < 2 * len(tree.order)
    assert (np.bincount(tree.order, minlength=n) == 1 + 2 * (labels >= 0)).all()
    assert relative(forces, exact) < 0.5 or np.linalg.norm(forces - exact) < 1e-3 * n


def test_same_bits_at_any_thread_count_and_from_an_old_tree() -> None:
    Y = clusters(3000, 3)
    labels, rate = some_labels(3000)
    threads, results = numba.get_num_threads(), []
    for count in (1, threads):
        numba.set_num_threads(count)
        repulsion = BarnesHut()
        for _ in range(7):
            forces, z_rows = np.empty_like(Y), np.empty(3000, dtype=np.float32)
            z = repulsion(Y, labels, rate, 0.1, 0.5, forces, z_rows)
            results.append((forces, z))
    numba.set_num_threads(threads)
    for forces, z in results[1:]:
        assert np.array_equal(forces, results[0][0])
        assert z == results[0][1]


def test_points_that_moved_on_keep_their_accuracy_in_an_old_tree() -> None:
    Y = clusters(2000, 3)
    repulsion = BarnesHut(rebuild_every=100)
    forces, z_rows = np.empty_like(Y), np.empty(2000, dtype=np.float32)
    repulsion(Y, *unlabeled(2000), 0.0, 0.5, forces, z_rows)
    moved = (Y + np.random.default_rng(1).standard_normal(Y.shape)).astype(np.float32)
    z = repulsion(moved, *unlabeled(2000), 0.0, 0.5, forces, z_rows)
    exact, z_exact, *_ = both(moved, *unlabeled(2000), 0.0, 0.0)
    assert relative(forces / z, exact / z_exact) < 0.05


def test_without_emphasis_labels_change_nothing_to_the_bit() -> None:
    Y = clusters(800, 3)
    *_, plain, z_plain = both(Y, *unlabeled(800), 0.3, 0.5)
    *_, labeled, z = both(Y, *some_labels(800), 0.0, 0.5)
    assert np.array_equal(plain, labeled)
    assert z == z_plain


def test_a_tree_that_has_come_loose_is_built_again() -> None:
    # Points that fly apart would make every old cell as large as the embedding, and every pair near.
    Y = clusters(3000, 3)
    old, forces, z_rows = BarnesHut(rebuild_every=100), np.empty_like(Y), np.empty(3000, dtype=np.float32)
    old(Y, *unlabeled(3000), 0.0, 0.5, forces, z_rows)
    apart = np.ascontiguousarray(Y[:, np.random.default_rng(0).permutation(3000)])
    old(apart, *unlabeled(3000), 0.0, 0.5, forces, z_rows)
    fresh = np.empty_like(Y)
    BarnesHut()(apart, *unlabeled(3000), 0.0, 0.5, fresh, z_rows)
    assert np.array_equal(forces, fresh)
