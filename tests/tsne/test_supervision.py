"""Point rates and attraction priors, against the formulas written out."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from tb_tsne_plugin.tsne.parameters import Parameters
from tb_tsne_plugin.tsne.supervision import Supervision, label_counts, weighted_affinities
from tests.tsne import reference


def uniform(n: int) -> sp.csr_matrix:
    dense = np.ones((n, n)) - np.eye(n)
    return sp.csr_matrix(dense / dense.sum())


def test_counts_include_the_point_itself_and_only_labelled_points() -> None:
    n_same, n_other = label_counts(np.array([0, 0, 1, -1, 0], dtype=np.int32))
    assert n_same.tolist() == [3, 3, 1, 0, 3]
    assert n_other.tolist() == [1, 1, 3, 0, 1]


@pytest.mark.parametrize("f", [0.01, 0.1, 5.0])
def test_weights_follow_the_paper_symmetrised_then_clipped(f: float) -> None:
    random = np.random.default_rng(1)
    n = 12
    labels = random.integers(-1, 3, n).astype(np.int32)
    u = np.where(labels >= 0, random.random(n), 0.0)
    P = uniform(n)
    expected = reference.priors(labels, u, f) * P.toarray()
    found = P.copy()
    found.data = weighted_affinities(P, labels, u, f)
    assert np.allclose(found.toarray(), expected / expected.sum(), atol=1e-12)


def test_different_labels_repel_nothing_less_than_not_at_all() -> None:
    labels = np.array([0, 1] + [-1] * 8, dtype=np.int32)
    weights = weighted_affinities(uniform(10), labels, (labels >= 0).astype(float), 1.0)
    assert weights.min() == 0.0
    assert weights.sum() == pytest.approx(1.0)


def test_affinities_are_never_changed_in_place() -> None:
    P = uniform(10)
    before = P.data.copy()
    weighted_affinities(P, np.zeros(10, dtype=np.int32), np.ones(10), 0.5)
    assert np.array_equal(P.data, before)


def test_rate_rises_from_the_label_on_over_the_ramp() -> None:
    supervision = Supervision(uniform(4))
    parameters = Parameters(labeling_start=0, ramp_epochs=4)
    supervision.set_labels(np.array([1]), np.array([0]), epoch=100)
    rates = [supervision.at(epoch, parameters)[1][1] for epoch in (100, 101, 102, 103, 104, 500)]
    assert rates == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    assert supervision.at(103, parameters)[1][0] == 0.0


def test_labels_wait_for_the_labeling_start() -> None:
    supervision = Supervision(uniform(4))
    parameters = Parameters(labeling_start=200, ramp_epochs=1)
    supervision.set_labels(np.array([1]), np.array([0]), epoch=10)
    assert supervision.at(199, parameters)[1].max() == 0.0
    assert supervision.at(200, parameters)[1][1] == 1.0


def test_changing_a_label_starts_its_ramp_anew_and_repeating_it_does_not() -> None:
    supervision = Supervision(uniform(4))
    parameters = Parameters(labeling_start=0, ramp_epochs=10)
    supervision.set_labels(np.array([0, 1]), np.array([0, 0]), epoch=0)
    supervision.set_labels(np.array([0, 1]), np.array([0, 1]), epoch=50)
    rate = supervision.at(50, parameters)[1]
    assert rate[0] == 1.0
    assert rate[1] == pytest.approx(0.1)


def test_clearing_a_label_takes_its_rate_away_at_once() -> None:
    supervision = Supervision(uniform(4))
    parameters = Parameters(labeling_start=0, ramp_epochs=1)
    supervision.set_labels(np.array([0]), np.array([0]), epoch=0)
    assert supervision.at(5, parameters)[1][0] == 1.0
    supervision.set_labels(np.array([0]), np.array([-1]), epoch=5)
    assert supervision.at(5, parameters)[1][0] == 0.0


def test_new_importance_takes_effect_at_the_next_epoch() -> None:
    supervision = Supervision(uniform(6))
    supervision.set_labels(np.arange(6), np.array([0, 0, 0, 1, 1, 1]), epoch=0)
    slight = supervision.at(500, Parameters(label_importance=0.01))[0].copy()
    strong = supervision.at(501, Parameters(label_importance=1.0))[0]
    assert not np.allclose(slight, strong)
