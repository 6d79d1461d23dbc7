"""Groups to verify: one that was misnamed as a whole comes first, though its members agree with each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.linear import LinearModel
from tests.guidance.conftest import World


def grouped(world: World, seed: int = 0) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Labels given to the nearest of the same class, some twelve at a time."""
    random = np.random.default_rng(seed)
    batches = world.unlabeled
    for batch, focus in enumerate(random.permutation(500)):
        near = np.argsort(((world.Y - world.Y[:, focus, None]) ** 2).sum(axis=0))
        same = near[(world.true_labels[near] == world.true_labels[focus]) & (batches[near] < 0)][:12]
        batches[same] = batch
    return world.true_labels.copy(), batches


def test_a_misnamed_group_comes_first(world: World) -> None:
    for seed in range(3):
        labels, batches = grouped(world, seed)
        wrong = batches == np.bincount(batches[world.true_labels == 0]).argmax()
        labels[wrong] = 3
        first = world.guide.group_issues(labels, batches)[0]
        assert (first.label, first.expected) == (3, 0)
        np.testing.assert_array_equal(np.sort(first.rows), np.flatnonzero(wrong))


def test_a_group_that_was_verified_is_not_shown_again(world: World) -> None:
    labels, batches = grouped(world)
    first = world.guide.group_issues(labels, batches)[0]
    verified = np.isin(np.arange(500), first.rows)
    assert first.batch not in [issue.batch for issue in world.guide.group_issues(labels, batches, verified)]


def test_labels_given_one_by_one_are_no_group(world: World) -> None:
    assert world.guide.group_issues(world.true_labels, np.arange(500)) == []
    assert world.guide.group_issues(world.true_labels, world.unlabeled) == []
    assert world.guide.group_issues(world.unlabeled, world.unlabeled) == []


def test_left_out_blocks_are_scored_by_a_model_of_the_rest() -> None:
    random = np.random.default_rng(0)
    inputs, labels = random.standard_normal((60, 5)), random.integers(0, 3, 60)
    blocks = np.repeat(np.arange(5), [3, 2, 25, 20, 10])  # some larger than the inputs are wide
    found = LinearModel(inputs, labels, 3, 0.1).block_left_out_scores(blocks)
    weights = 1.0 / np.sqrt(np.bincount(labels))[labels]
    gram = (inputs * weights[:, None]).T @ (inputs * weights[:, None])
    penalty = 0.1 * np.trace(gram) / 5 + 1e-12
    for block in range(5):
        rest, own = blocks != block, blocks == block
        x, y = inputs[rest] * weights[rest, None], (np.eye(3)[labels] - 1 / 3)[rest] * weights[rest, None]
        solved = np.linalg.solve(x.T @ x + penalty * np.eye(5), x.T @ y)
        np.testing.assert_allclose(found[own], inputs[own] @ solved, atol=1e-6)
