"""MaxHerding and UHerding against sums made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tb_tsne_plugin.evaluation.policies.geometry import gaussian, squared_distances, unit_rows
from tb_tsne_plugin.evaluation.policies.maxherding import MaxHerding, gains, herd
from tb_tsne_plugin.evaluation.policies.uherding import UHerding, adapted_radius, adapted_temperature
from tests.evaluation.policies.made import blobs, known, trained

# Five samples: 0 and 1 are alike, 2 is half like 1, 3 is like nothing, 4 is a little like 3.
KERNEL = np.array(
    [
        [1.0, 0.8, 0.1, 0.0, 0.0],
        [0.8, 1.0, 0.5, 0.0, 0.0],
        [0.1, 0.5, 1.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 1.0, 0.3],
        [0.0, 0.0, 0.0, 0.3, 1.0],
    ],
    dtype=np.float32,
)
NOBODY = np.zeros(5, dtype=bool)
ONES = np.ones(5, dtype=np.float32)


def test_the_gain_of_the_first_sample_is_its_mean_similarity() -> None:
    np.testing.assert_allclose(gains(KERNEL, 0 * ONES, ONES), np.array([1.9, 2.3, 1.6, 1.3, 1.3]) / 5, rtol=1e-6)


def test_the_gain_of_the_second_is_what_the_first_does_not_cover() -> None:
    # Sample 1 covers 0.8, 1, 0.5 of 0, 1, 2. Then 0 adds 0.2, 2 adds 0.5, and 3 and 4 add all that they have.
    np.testing.assert_allclose(gains(KERNEL, KERNEL[1], ONES), np.array([0.2, 0, 0.5, 1.3, 1.3]) / 5, atol=1e-6)


def test_greedy_choices_are_those_of_the_gains() -> None:
    assert herd(KERNEL, NOBODY, 5).tolist() == [1, 3, 4, 2, 0]
    given = np.array([False, True, False, False, False])
    assert herd(KERNEL, given, 2).tolist() == [3, 4]
    assert herd(KERNEL, ~given, 2).tolist() == [1], "all that is left"


def test_weights_make_it_cover_what_counts() -> None:
    weights = np.array([0, 0, 1, 0, 0], dtype=np.float32)
    assert herd(KERNEL, NOBODY, 1, weights).tolist() == [2]


def test_more_samples_than_a_block_make_no_difference() -> None:
    random = np.random.default_rng(0)
    points = unit_rows(random.standard_normal((150, 5)))
    kernel = gaussian(squared_distances(points), 1.0)
    covered = kernel[[3, 77]].max(axis=0)
    np.testing.assert_allclose(
        gains(kernel, covered, np.ones(150, np.float32)), np.maximum(kernel - covered, 0).mean(axis=1), rtol=1e-5
    )


def test_the_kernel_is_that_of_unit_vectors() -> None:
    samples, groups = blobs()
    points = samples.features / np.linalg.norm(samples.features, axis=1, keepdims=True)
    kernel = np.exp(-((points[:, None] - points) ** 2).sum(axis=2))
    expected = int(kernel.mean(axis=1).argmax())
    assert MaxHerding(samples._replace(features=7 * samples.features))(known(groups), 1).tolist() == [expected]


def test_distances_of_copies_are_zero() -> None:
    points = unit_rows(np.random.default_rng(1).standard_normal((40, 300)))
    squared = squared_distances(np.concatenate([points, points]))
    assert (squared[np.arange(40), np.arange(40, 80)] == 0).all()
    np.testing.assert_allclose(squared[:40, :40], ((points[:, None] - points) ** 2).sum(axis=2), atol=1e-5)


def test_the_radius_is_the_smallest_distance_that_is_not_zero() -> None:
    squared = squared_distances(np.array([[0, 0], [0, 3], [4, 0], [0, 0]], dtype=np.float32))
    assert adapted_radius(squared, np.array([0, 1, 2, 3])) == 3.0
    assert adapted_radius(squared, np.array([1, 2])) == 5.0
    assert adapted_radius(squared, np.array([0, 3])) == 1.0, "copies only"
    assert adapted_radius(squared, np.array([], dtype=int)) == 1.0


def test_uherding_begins_as_maxherding() -> None:
    samples, groups = blobs((30, 30, 30))
    assert UHerding(samples)(known(groups), 10).tolist() == MaxHerding(samples)(known(groups), 10).tolist()


def test_uherding_looks_where_the_judge_is_unsure() -> None:
    samples, groups = blobs((40, 40, 40))
    # The judge knows two of the groups well, and has never seen the third.
    rows = [int(row) for group in (0, 1) for row in np.flatnonzero(groups == group)[:3]]
    chosen = UHerding(samples)(known(groups, rows, trained(samples, groups, rows)), 1)
    assert groups[chosen].tolist() == [2]


def test_uherding_is_the_sum_that_its_paper_writes() -> None:
    samples, groups = blobs((30, 25, 20), seed=3)
    random = np.random.default_rng(5)
    rows = random.permutation(len(groups))[:12].tolist()
    judge = trained(samples, groups, rows)
    radius = min(
        np.linalg.norm(a - b)
        for i, a in enumerate(unit_rows(samples.features)[rows])
        for b in unit_rows(samples.features)[rows[:i]]
    )
    points = unit_rows(samples.features)
    kernel = np.exp(-((points[:, None] - points) ** 2).sum(axis=2) / radius**2)
    temperature = adapted_temperature(judge, samples.inputs[rows], groups[rows], samples.seed)
    logits = judge.logits(samples.inputs) / temperature
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    first_two = -np.sort(-probabilities, axis=1)[:, :2]
    u = 1 - (first_two[:, 0] - first_two[:, 1])
    u[rows] = 0
    covered = kernel[rows].max(axis=0)
    gain = [(u * np.maximum(kernel[c] - covered, 0)).mean() for c in range(len(groups))]
    assert UHerding(samples)(known(groups, rows, judge), 1).tolist() == [int(np.argmax(gain))]


def test_a_judge_of_one_class_leaves_coverage_alone() -> None:
    samples, groups = blobs()
    rows = np.flatnonzero(groups == 0)[:4].tolist()
    assert groups[UHerding(samples)(known(groups, rows, trained(samples, groups, rows)), 1)].tolist() == [1]


def test_the_temperature_is_of_labels_that_the_other_judge_has_not_seen() -> None:
    samples, groups = blobs((30, 30, 30))
    rows = [int(np.flatnonzero(groups == group)[n]) for n in range(4) for group in range(3)]
    judge = trained(samples, groups, rows)
    right = adapted_temperature(judge, samples.inputs[rows], groups[rows], 0)
    wrong = groups[rows].copy()
    wrong[-3:] = (wrong[-3:] + 1) % 3  # the three of twelve that are held out contradict what the rest say
    assert right == pytest.approx(1.0)
    assert adapted_temperature(judge, samples.inputs[rows], wrong, 0) > 5
    assert adapted_temperature(judge, samples.inputs[rows[:3]], groups[rows[:3]], 0) == 1.0, "too few to hold any out"
