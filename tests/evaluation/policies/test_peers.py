"""The same choices as scikit-activeml's, which others wrote after the same papers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from tb_tsne_plugin.evaluation.policies.badge import chances, gradients
from tb_tsne_plugin.evaluation.policies.dropquery import N_DRAWS, disagreements, undecided
from tb_tsne_plugin.evaluation.policies.geometry import gaussian, squared_distances, unit_rows
from tb_tsne_plugin.evaluation.policies.kmeans import central, k_means
from tb_tsne_plugin.evaluation.policies.maxherding import herd
from tb_tsne_plugin.evaluation.policies.probcover import cover, pure_radius
from tb_tsne_plugin.evaluation.policies.typiclust import N_NEIGHBORS, most_typical, typicality
from tests.peers import peer

pytestmark = pytest.mark.peers

N, CLASSES, SEED = 400, 4, 7
CLUSTERING = {"n_init": 1, "random_state": SEED}
RANDOM = np.random.default_rng(0)
TRUTH = RANDOM.integers(0, CLASSES, N)
POINTS = RANDOM.standard_normal((N, 6)) + 3 * RANDOM.standard_normal((CLASSES, 6))[TRUTH]
DISTANCES = np.linalg.norm(POINTS[:, None] - POINTS, axis=2)
GIVEN = [list[int](), [3, 50, 120, 200, 251]]
"""Rows with a label."""


@pytest.fixture(scope="module")
def pool() -> Any:
    """scikit-activeml's policies."""
    return peer("skactiveml.pool")


def partly(rows: list[int]) -> NDArray[np.float64]:
    labels = np.full(N, np.nan)
    labels[rows] = TRUTH[rows]
    return labels


def mask(rows: list[int]) -> NDArray[np.bool_]:
    return np.isin(np.arange(N), rows)


@pytest.mark.parametrize("given", GIVEN)
def test_maxherding(given: list[int], pool: Any) -> None:
    theirs = pool.MaxHerding(metric_dict={"gamma": 1.0}, random_state=SEED)
    expected = theirs.query(POINTS, partly(given), batch_size=12)
    kernel = gaussian(squared_distances(unit_rows(POINTS)), 1.0)
    assert herd(kernel, mask(given), 12).tolist() == expected.tolist()


@pytest.mark.parametrize("given", [[], [3, 50]])
def test_typiclust(given: list[int], pool: Any) -> None:
    n_clusters = len(given) + 3
    theirs = pool.TypiClust(k=N_NEIGHBORS, cluster_algo_dict=CLUSTERING)
    expected = theirs.query(POINTS, partly(given), batch_size=3)
    clusters = k_means(POINTS, n_clusters, SEED).of
    sizes = np.bincount(clusters)
    fresh = np.setdiff1d(np.arange(n_clusters), clusters[given])
    assert (sizes[fresh] > 2 * N_NEIGHBORS).sum() >= 3, "smaller ones take fewer neighbours here, and not there"
    assert most_typical(POINTS, clusters, np.flatnonzero(~mask(given)), 3).tolist() == expected.tolist()


def test_typicality(pool: Any) -> None:
    expected = pool._typi_clust._typicality(POINTS, np.arange(N), N_NEIGHBORS)
    np.testing.assert_allclose(typicality(POINTS, N_NEIGHBORS), expected, rtol=1e-4)


def test_radius_of_probcover(pool: Any) -> None:
    radius = pure_radius(DISTANCES, k_means(POINTS, CLASSES, SEED).of)
    # Of a row of radii they take the largest that is pure enough: the one just below ours, and not the next.
    deltas = [0.5 * radius, radius * (1 - 1e-9), radius * (1 + 1e-9), 2 * radius]
    theirs = pool.ProbCover(n_classes=CLASSES, deltas=deltas, cluster_algo_dict=CLUSTERING)
    theirs.query(POINTS, partly([]))
    assert theirs.delta_max_ == deltas[1]


@pytest.mark.filterwarnings("ignore:The maximum purity")  # theirs, of a radius that it is given
@pytest.mark.parametrize("given", GIVEN)
def test_probcover(given: list[int], pool: Any) -> None:
    radius = float(np.quantile(DISTANCES, 0.02))
    theirs = pool.ProbCover(n_classes=CLASSES, deltas=[radius], random_state=SEED)
    expected, utilities = theirs.query(POINTS, partly(given), batch_size=20, return_utilities=True)
    balls = sp.csr_matrix((radius >= DISTANCES).astype(np.float32))
    for step in range(20):
        # They break ties at random, so that each choice is made anew after theirs.
        taken = mask([*given, *expected[:step]])
        best = np.flatnonzero(utilities[step] == np.nanmax(utilities[step]))
        assert utilities[step, best[0]] > 0
        covered = np.asarray(balls[taken].sum(axis=0)).ravel() > 0
        assert cover(balls, covered, ~taken, 1, np.random.default_rng(0)).tolist() == [best[0]]


# What both take for a classifier, whose inputs are what its last layer sees.
def classifier(given: list[int]) -> Any:
    from skactiveml.classifier import SklearnClassifier

    return SklearnClassifier(LogisticRegression(max_iter=1000), classes=range(CLASSES)).fit(POINTS, partly(given))


def test_badge(pool: Any) -> None:
    given = GIVEN[1]
    theirs = classifier(given)
    strategy = pool.Badge(random_state=SEED)
    chosen, utilities = strategy.query(
        POINTS, partly(given), theirs, fit_clf=False, batch_size=6, return_utilities=True
    )
    open_ = np.flatnonzero(~mask(given))
    probabilities = theirs.predict_proba(POINTS[open_])
    place = {int(row): number for number, row in enumerate(open_)}
    assert chosen[0] == open_[gradients(probabilities, POINTS[open_]).squared_lengths().argmax()]
    # They take the origin for chosen already, unlike the paper's own code: so one more gradient, of length 0, is here.
    found = gradients(np.vstack([probabilities, np.eye(CLASSES)[0]]), np.vstack([POINTS[open_], POINTS[:1]]))
    for step in range(1, 6):
        expected = utilities[step, open_]  # nan where it was chosen already
        ours = chances(found, [len(open_), *(place[int(row)] for row in chosen[:step])])[:-1]
        np.testing.assert_allclose(ours[~np.isnan(expected)], expected[~np.isnan(expected)], atol=1e-9)


def test_dropquery(pool: Any) -> None:
    given, count = GIVEN[1], 5
    theirs = classifier(given)
    strategy = pool.DropQuery(n_dropout_samples=N_DRAWS, cluster_algo_dict=CLUSTERING, random_state=SEED)
    expected = strategy.query(POINTS, partly(given), theirs, fit_clf=False, batch_size=count)
    open_ = np.flatnonzero(~mask(given))
    random = peer("skactiveml.utils").check_random_state(SEED, len(open_) + 1)  # they make another seed of it
    masks = [~random.choice([True, False], size=(len(open_), 6), p=[0.75, 0.25]) for _ in range(N_DRAWS)]

    inputs = POINTS[open_].astype(np.float32)

    def logits(given: NDArray[np.float32]) -> NDArray[np.float64]:
        # What is kept is not scaled up there.
        whole = (given == inputs).all()
        return np.asarray(theirs.predict_proba(given if whole else given / 4))

    counts = disagreements(logits, inputs, masks)
    candidates = undecided(counts, N_DRAWS, count)
    assert len(candidates) > 2 * count
    # Clusters depend on the order of the rows, theirs by disagreement.
    order = np.argsort(counts / N_DRAWS)[-len(candidates) :]
    assert np.sort(order).tolist() == candidates.tolist()
    ours = open_[order[central(POINTS[open_][order], count, SEED)]]
    assert sorted(ours) == sorted(expected)
