"""Where to look next, and what group to begin with."""

from __future__ import annotations

import numpy as np
import pytest

from tb_tsne_plugin.guidance.graph import spread
from tb_tsne_plugin.guidance.guide import Guide
from tb_tsne_plugin.guidance.query_candidates import gains, needs
from tb_tsne_plugin.guidance.suggestions import DAMPING, STEPS
from tb_tsne_plugin.tsne import compute_affinities
from tests.guidance.conftest import World


def test_a_focus_gains_what_its_label_would_bring_to_those_in_need(world: World) -> None:
    need = np.random.default_rng(0).random(500).astype(np.float32)
    everywhere = spread(world.guide.graph, np.eye(500, dtype=np.float32), DAMPING, STEPS)  # [j, i]: from i to j
    np.testing.assert_allclose(gains(world.guide.graph, need), need @ everywhere, rtol=1e-3)


def test_the_first_groups_are_of_different_classes(world: World) -> None:
    guidance = world.guide.guidance(world.Y, world.unlabeled, count=5)
    assert len({int(world.true_labels[found.focus]) for found in guidance.candidates}) == 5


def test_following_the_guidance_meets_every_class_soon(world: World) -> None:
    labels = world.unlabeled
    for _ in range(9):
        if (labels >= 0).all():
            break
        found = world.guide.guidance(world.Y, labels, count=1).candidates[0]
        same = found.rows[world.true_labels[found.rows] == world.true_labels[found.focus]]
        labels[[found.focus, *same]] = world.true_labels[found.focus]
    assert set(labels) - {-1} == set(range(6))


def test_labelled_samples_are_neither_proposed_nor_in_a_group(world: World) -> None:
    labels = np.where(np.arange(500) % 2 == 0, world.true_labels, -1)
    candidates = world.guide.guidance(world.Y, labels, count=8).candidates
    assert len(candidates) == 8
    for found in candidates:
        assert labels[found.focus] == -1
        assert (labels[found.rows] == -1).all()


def test_what_is_known_needs_nothing(world: World) -> None:
    labels = np.where((np.arange(500) % 2 == 0) & (world.true_labels < 4), world.true_labels, -1)
    need = needs(labels, world.guide.suggest(labels))
    assert (need[labels >= 0] == 0).all()
    assert need[(labels < 0) & (world.true_labels < 4)].mean() < need[world.true_labels > 3].mean()


def test_a_group_is_the_nearest_unlabelled_up_to_k(world: World) -> None:
    labels = np.where(np.arange(500) % 3 == 0, world.true_labels, -1)
    candidates = world.guide.guidance(world.Y, labels, count=3).candidates
    assert len(candidates) == 3
    for found in candidates:
        order = np.argsort(((world.Y - world.Y[:, found.focus, None]) ** 2).sum(axis=0), kind="stable")[1:]
        within = order[: found.k]
        np.testing.assert_array_equal(found.rows, within[labels[within] < 0])
        assert 0 < found.purity <= 1
        assert found.label == world.guide.suggest(labels).labels[found.focus]


def test_members_that_probably_do_not_belong_are_told(world: World) -> None:
    labels = np.where(np.arange(500) % 4 == 0, world.true_labels, -1)
    likely: list[float] = []
    is_same: list[bool] = []
    for found in world.guide.guidance(world.Y, labels, count=30).candidates:
        likely.extend(found.belongs)
        is_same.extend(world.true_labels[found.rows] == world.true_labels[found.focus])
    belongs, same = np.array(likely), np.array(is_same)
    assert (~same).sum() > 20
    assert belongs[same].mean() > belongs[~same].mean() + 0.1


def test_when_all_is_labelled_there_is_nothing_to_propose(world: World) -> None:
    assert world.guide.guidance(world.Y, world.true_labels).candidates == []


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_a_handful_of_samples_gets_guidance(n: int) -> None:
    features = np.arange(2 * n, dtype=np.float32).reshape(n, 2)
    guide = Guide(features, compute_affinities(features, 20.0).P)
    labels = np.full(n, -1)
    assert len(guide.guidance(features.T, labels).candidates) == min(n, 5)
    labels[0] = 4
    guidance = guide.guidance(features.T, labels)
    assert len(guidance.candidates) == n - 1
    assert np.isfinite(guidance.suggestions.confidence).all()


def test_identical_samples_get_guidance() -> None:
    features = np.ones((40, 3), dtype=np.float32)
    guide = Guide(features, compute_affinities(features, 20.0).P)
    labels = np.full(40, -1)
    labels[:4] = [0, 1, 0, 1]
    guidance = guide.guidance(features.T, labels)
    assert np.isfinite(guidance.suggestions.probabilities).all()
    assert guidance.candidates
    assert all(np.isfinite(found.gain) for found in guidance.candidates)
    assert len(guide.label_issues(labels)) == 4
