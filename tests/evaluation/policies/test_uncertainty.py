"""Uncertainty sampling: what each wants, and when."""

from __future__ import annotations

import numpy as np
import pytest

from tb_tsne_plugin.evaluation.policies.chance import Chance
from tb_tsne_plugin.evaluation.policies.uncertainty import Query, entropy, margin, querying, uncertainty
from tests.evaluation.policies.made import blobs, known, trained


@pytest.mark.parametrize(
    ("query", "first"),
    [(uncertainty, 1), (margin, 2), (entropy, 0)],
)
def test_queries_want_what_they_are_named_after(query: Query, first: int) -> None:
    probabilities = np.array([[0.4, 0.25, 0.2, 0.15], [0.36, 0.34, 0.3, 0.0], [0.49, 0.49, 0.02, 0.0], [1, 0, 0, 0]])
    assert query(probabilities).argmax() == first
    assert query(probabilities).argmin() == 3


def test_the_most_wanted_come_first_and_random_ones_before_there_is_a_judge() -> None:
    samples, groups = blobs((40, 40, 40))
    policy = querying(margin)(samples)
    first = policy(known(groups), 10).tolist()
    assert first == Chance(samples)(known(groups), 10).tolist()
    judge = trained(samples, groups, first)
    more = policy(known(groups, first, judge), 10)
    wanted = margin(judge.probabilities(samples.inputs))
    others = np.setdiff1d(np.arange(len(groups)), [*first, *more])
    assert wanted[more].min() >= wanted[others].max()
    assert (np.diff(wanted[more]) <= 0).all()


def test_chance_goes_through_everything_once() -> None:
    samples, groups = blobs()
    policy, rows = Chance(samples), list[int]()
    while len(rows) < len(groups):
        rows += policy(known(groups, rows), 7).tolist()
    assert sorted(rows) == list(range(len(groups)))
    assert rows != sorted(rows)
