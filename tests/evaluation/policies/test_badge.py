"""BADGE against gradients that are written out."""

from __future__ import annotations

import numpy as np
import pytest

from tb_tsne_plugin.evaluation.policies.badge import chances, gradients, plus_plus

RANDOM = np.random.default_rng(0)
PROBABILITIES = RANDOM.dirichlet([1.0, 1.0, 1.0], size=12)
EMBEDDING = RANDOM.standard_normal((12, 5))
FOUND = gradients(PROBABILITIES, EMBEDDING)
WRITTEN_OUT = np.stack(
    [np.outer(p - np.eye(3)[p.argmax()], h).ravel() for p, h in zip(PROBABILITIES, EMBEDDING, strict=True)]
)


def test_lengths_and_distances_are_those_of_the_gradients() -> None:
    np.testing.assert_allclose(FOUND.squared_lengths(), (WRITTEN_OUT**2).sum(axis=1))
    np.testing.assert_allclose(
        FOUND.squared_distances(4), ((WRITTEN_OUT - WRITTEN_OUT[4]) ** 2).sum(axis=1), atol=1e-12
    )


def test_the_first_is_the_longest_gradient_and_the_others_are_drawn_by_distance() -> None:
    longest = int((WRITTEN_OUT**2).sum(axis=1).argmax())
    assert plus_plus(FOUND, 1, np.random.default_rng(0)).tolist() == [longest]
    squared = np.array([((WRITTEN_OUT - WRITTEN_OUT[row]) ** 2).sum(axis=1) for row in (longest, 3)]).min(axis=0)
    np.testing.assert_allclose(chances(FOUND, [longest, 3]), squared / squared.sum(), atol=1e-12)
    second = [int(plus_plus(FOUND, 2, np.random.default_rng(seed))[1]) for seed in range(400)]
    expected = chances(FOUND, [longest])
    assert np.bincount(second, minlength=12) / 400 == pytest.approx(expected, abs=0.08)


def test_all_are_chosen_once_though_they_are_copies() -> None:
    copies = gradients(np.tile([0.6, 0.4], (5, 1)), np.ones((5, 2)))
    assert sorted(plus_plus(copies, 9, np.random.default_rng(0)).tolist()) == [0, 1, 2, 3, 4]
