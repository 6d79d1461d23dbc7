"""Label issues: flipped ones come first, with a reason that holds."""

from __future__ import annotations

import numpy as np

from tests.guidance.conftest import World


def test_flipped_labels_come_first(world: World) -> None:
    random = np.random.default_rng(0)
    flipped = random.permutation(500)[:25]
    labels = world.true_labels.copy()
    labels[flipped] = (labels[flipped] + random.integers(1, 6, 25)) % 6
    found = world.guide.label_issues(labels)
    assert len(found) == 500
    assert np.isin([issue.row for issue in found[:40]], flipped).sum() >= 23
    confidences = [issue.self_confidence for issue in found]
    assert confidences == sorted(confidences)


def test_the_reason_counts_labelled_neighbors(world: World) -> None:
    labels = np.where(np.arange(500) % 3 == 0, world.true_labels, -1)
    labels[300] = 5
    found = next(issue for issue in world.guide.label_issues(labels) if issue.row == 300)
    near = labels[world.guide.graph.neighbors[300, :10]]
    assert (found.label, found.expected) == (5, world.true_labels[300])
    assert found.n_labeled == (near >= 0).sum()
    assert found.n_same == (near == 5).sum()
    assert found.n_expected == (near == found.expected).sum() > found.n_same


def test_a_doubted_label_does_not_speak_for_itself(world: World) -> None:
    """Whatever label it has, the expected class of a sample is the same."""
    labels = world.true_labels.copy()
    expected = set()
    for label in range(6):
        labels[10] = label
        expected.add(next(issue.expected for issue in world.guide.label_issues(labels) if issue.row == 10))
    assert expected == {0}


def test_one_class_has_no_issues(world: World) -> None:
    assert world.guide.label_issues(np.zeros(500, dtype=int)) == []
    assert world.guide.label_issues(world.unlabeled) == []
