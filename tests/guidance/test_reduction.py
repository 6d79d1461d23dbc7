"""Few samples in place of very many: against what it stands for, and against looking at all."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.guidance import guide
from tb_tsne_plugin.guidance.graph import add_next_to, build_graph
from tb_tsne_plugin.guidance.guide import Guide
from tb_tsne_plugin.guidance.reduction import STEPS, reduce_graph
from tb_tsne_plugin.guidance.suggestions import Suggester, _balanced
from tb_tsne_plugin.tsne import compute_affinities
from tests.guidance.conftest import World
from tests.guidance.test_graph import transition
from tests.guidance.test_suggestions import labeled_at_random


@pytest.fixture
def many(world: World, monkeypatch: pytest.MonkeyPatch) -> Guide:
    """A guide to whom 500 samples are very many."""
    monkeypatch.setattr(guide, "WHOLE_UP_TO", 400)
    monkeypatch.setattr(guide, "KEPT", 150)
    return Guide(world.features, world.P)


def test_a_walker_is_carried_by_the_kept_ones_that_it_meets_first(world: World) -> None:
    found = reduce_graph(world.guide.graph, world.P, 6)  # few enough for all of them to be carriers
    step = transition(world.guide.graph)
    is_kept = np.isin(np.arange(500), found.rows)
    onwards = np.where(is_kept[None], 0.0, step)
    met: NDArray[np.float64] = np.zeros((500, 6))
    for number in range(STEPS):
        met += np.linalg.matrix_power(onwards, number) @ step[:, is_kept]
    met[is_kept] = np.eye(6)
    shares = np.zeros((500, 6))
    for row, (places, values) in enumerate(zip(found.carriers, found.shares, strict=True)):
        shares[row, places[places >= 0]] = values[places >= 0]
    np.testing.assert_allclose(shares, met / np.maximum(met.sum(axis=1, keepdims=True), 1e-30), atol=1e-4)


def test_where_all_are_kept_nothing_changes(world: World) -> None:
    found, whole = reduce_graph(world.guide.graph, world.P, 500), build_graph(world.P)
    np.testing.assert_allclose(transition(found.graph), transition(whole), atol=1e-6)
    np.testing.assert_allclose(found.graph.degrees, whole.degrees, rtol=1e-5)
    values = np.random.default_rng(0).random((500, 3)).astype(np.float32)
    np.testing.assert_allclose(found.carried(values), values, rtol=1e-6)


def test_a_label_counts_as_one_wherever_it_is(world: World) -> None:
    found = reduce_graph(world.guide.graph, world.P, 150)
    rows = np.arange(0, 500, 3)
    gathered = found.gathered(rows, world.true_labels[rows], 6)
    np.testing.assert_allclose(gathered.sum(axis=0), np.bincount(world.true_labels[rows]), rtol=1e-5)


def test_what_is_next_to_labels_is_one_step_away(world: World) -> None:
    rows, found = np.arange(0, 500, 7), np.zeros((500, 6), dtype=np.float32)
    add_next_to(world.guide.graph, rows, world.true_labels[rows], found)
    given = np.zeros((500, 6))
    given[rows, world.true_labels[rows]] = 1.0
    np.testing.assert_allclose(found, transition(world.guide.graph) @ given, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("share", [0.04, 0.2, 0.6])
def test_suggestions_are_as_right_as_if_all_were_looked_at(world: World, many: Guide, share: float) -> None:
    right = np.zeros(2)
    for seed in range(5):
        labels = labeled_at_random(world, share, seed)
        for place, each in enumerate((world.guide, many)):
            found = Suggester(each.inputs, each.graph, each.reduction).suggest(labels)
            right[place] += (found.labels == world.true_labels)[labels < 0].mean() / 5
    assert right[1] > right[0] - 0.02


def test_groups_are_found_among_the_kept_ones(world: World, many: Guide) -> None:
    assert many.reduction is not None
    first = many.guidance(world.Y, world.unlabeled, count=4).candidates
    assert len({int(world.true_labels[found.focus]) for found in first}) == 4
    labels = world.unlabeled
    labels[many.reduction.rows[10:]] = 0
    labels[many.reduction.rows[5]] = -1
    aside = np.zeros(500, dtype=bool)
    aside[many.reduction.rows[7]] = True
    open_foci = set(many.reduction.rows[:10].tolist()) - {int(many.reduction.rows[7])}
    found = many.guidance(world.Y, labels, count=20, aside=aside).candidates
    assert {each.focus for each in found} == open_foci
    assert all((labels[each.rows] < 0).all() for each in found)
    labels[many.reduction.rows] = 0
    assert many.guidance(world.Y, labels, count=20).candidates == []


def test_clusters_of_the_kept_ones_are_carried_to_all(world: World, many: Guide) -> None:
    numbers = many.clusters(2.0)
    sizes = np.bincount(numbers)
    assert sizes.sum() == 500
    assert (np.diff(sizes) <= 0).all()
    right = sum(np.bincount(world.true_labels[numbers == number]).max() for number in range(len(sizes)))
    assert right / 500 > 0.8


def test_what_no_walk_leads_to_is_told_by_its_features(world: World) -> None:
    P = world.P.tolil()
    P[:40, :], P[:, :40] = 0.0, 0.0
    apart = sp.csr_matrix(P)
    graph = build_graph(apart)
    reduction = reduce_graph(graph, apart, 100)
    assert (reduction.carriers[np.setdiff1d(np.arange(40), reduction.rows)] == -1).all()
    labels = labeled_at_random(world, 0.5)
    labels[:40] = -1
    found = Suggester(world.guide.inputs, graph, reduction).suggest(labels)
    assert (found.labels[:40] == 0).mean() > 0.8
    assert np.isfinite(found.probabilities).all()
    assert set(np.unique(reduction.majorities(np.zeros(100, dtype=np.int32)))) == {-1, 0}


def test_large_classes_give_up_labels_first() -> None:
    columns: NDArray[np.int64] = np.repeat(np.arange(4), [700, 20, 200, 80])
    some = _balanced(columns, 260)
    assert np.bincount(columns[some]).tolist() == [80, 20, 80, 80]
    assert len(np.unique(some)) == 260
    assert _balanced(columns, 1000).tolist() == list(range(1000))


def test_handfuls_are_reduced_too() -> None:
    features = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
    P = compute_affinities(features, 20.0).P
    reduction = reduce_graph(build_graph(P), P, 2)
    assert (reduction.shares.sum(axis=1) > 0.99).all()


def test_carriers_are_told_apart_and_the_most_met_come_first(world: World) -> None:
    found = reduce_graph(world.guide.graph, world.P, 150)
    assert (np.diff(found.shares, axis=1) <= 0).all()
    assert all(len(set(row[row >= 0])) == (row >= 0).sum() for row in found.carriers)
    assert not transition(found.graph).diagonal().any()


def test_a_label_reaches_whatever_is_next_to_it(world: World, many: Guide) -> None:
    assert many.reduction is not None
    row = int(np.setdiff1d(np.arange(500), many.reduction.rows)[0])
    labels = world.unlabeled
    labels[row] = 0
    assert (many.suggest(labels).reach >= transition(many.graph)[:, row] - 1e-6).all()
