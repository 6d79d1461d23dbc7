"""What all policies have in common, and what those of coverage do with far groups."""

from __future__ import annotations

import numpy as np
import pytest

from tb_tsne_plugin.evaluation.methods import POLICIES
from tests.evaluation.policies.made import blobs, known, trained

COVERAGE = ["kmeans", "kmeans-margin", "typiclust", "probcover", "dropquery", "maxherding", "uherding"]


@pytest.mark.parametrize("name", COVERAGE)
def test_the_first_three_choices_lie_in_three_groups(name: str) -> None:
    samples, groups = blobs()
    chosen = POLICIES[name][1](samples)(known(groups), 3)
    assert sorted(groups[chosen]) == [0, 1, 2]


@pytest.mark.parametrize("name", ["typiclust", "probcover", "maxherding", "uherding", "guided"])
def test_what_has_a_label_is_covered(name: str) -> None:
    samples, groups = blobs()
    largest = int(np.flatnonzero(groups == 0)[0])
    chosen = POLICIES[name][1](samples)(known(groups, [largest]), 1)
    assert groups[chosen].tolist() == [1], "the largest group that has no label"


@pytest.mark.parametrize("name", sorted(POLICIES))
@pytest.mark.parametrize("n_known", [0, 12, 117])
def test_every_policy_chooses_rows_without_a_label_and_none_twice(name: str, n_known: int) -> None:
    samples, groups = blobs()
    rows = np.random.default_rng(2).permutation(len(groups))[:n_known].tolist()
    judge = trained(samples, groups, rows) if rows else None
    chosen = POLICIES[name][1](samples)(known(groups, rows, judge), 10)
    assert 1 <= len(chosen) <= min(10, len(groups) - n_known)
    assert len(set(chosen.tolist())) == len(chosen)
    assert not set(chosen.tolist()) & set(rows)


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_copies_are_no_obstacle(name: str) -> None:
    samples, groups = blobs((20, 10, 5))
    same = samples._replace(features=np.ones_like(samples.features), inputs=np.zeros_like(samples.inputs))
    policy = POLICIES[name][1](same)
    first = policy(known(groups), 10)
    rows = [int(row) for row in first]
    again = policy(known(groups, rows, trained(same, groups, rows)), 10)
    assert len(again)
    assert not set(again.tolist()) & set(rows)


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_the_same_seed_makes_the_same_choices(name: str) -> None:
    samples, groups = blobs()
    rows = [int(np.flatnonzero(groups == group)[0]) for group in range(3)]

    def choose() -> list[list[int]]:
        policy = POLICIES[name][1](samples)
        first = policy(known(groups), 5).tolist()
        return [first, policy(known(groups, rows, trained(samples, groups, rows)), 5).tolist()]

    assert choose() == choose()
