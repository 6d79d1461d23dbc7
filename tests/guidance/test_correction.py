"""Suggestions become as sure as those before them turned out to be."""

from __future__ import annotations

import numpy as np
import pytest

from tb_tsne_plugin.guidance.correction import find_sharpness, sharpened
from tests.guidance.conftest import World


@pytest.mark.parametrize("share", [0.75, 0.99])
def test_what_turned_out_is_expected_of_the_next(share: float) -> None:
    random = np.random.default_rng(0)
    probabilities = random.dirichlet([8.0, 1.0, 0.5], 2000)
    probabilities.sort(axis=1)
    right = random.random(2000) < share
    sharpness = find_sharpness(probabilities[:1000], right[:1000])
    assert (sharpness < 1) == (share < probabilities.max(axis=1).mean())
    now = probabilities[1000:] ** sharpness
    now /= now.sum(axis=1, keepdims=True)
    assert abs(now.max(axis=1).mean() - share) < 0.03


def test_little_seen_changes_little() -> None:
    assert 0.8 < find_sharpness(np.array([[0.9, 0.1]]), np.array([False])) < 1
    assert find_sharpness(np.zeros((0, 3)), np.zeros(0, bool)) == pytest.approx(1.0)


def test_the_order_of_classes_stays_and_what_is_aside_has_none(world: World) -> None:
    labels = np.where(np.arange(500) % 4 == 0, world.true_labels, -1)
    before = world.guide.suggest(labels).without(np.arange(500) % 10 == 1)
    after = sharpened(before, 0.5)
    np.testing.assert_array_equal(after.labels, before.labels)
    np.testing.assert_array_equal(after.second, before.second)
    assert (after.confidence <= before.confidence + 1e-6).all()
    assert (after.confidence[1::10] == 0).all()
