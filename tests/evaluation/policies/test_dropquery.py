"""DropQuery against its definition."""

from __future__ import annotations

import numpy as np

from tb_tsne_plugin.evaluation.policies.dropquery import disagreements, dropquery, undecided
from tb_tsne_plugin.evaluation.policies.policy import Samples
from tests.evaluation.policies.made import known, trained


def test_a_draw_disagrees_where_it_predicts_another_class() -> None:
    inputs = np.array([[1, 2], [3, 1], [2, 0]], dtype=np.float32)  # the larger input is the class
    masks = [
        np.array([[True, False], [True, True], [True, True]]),
        np.array([[True, False], [False, True], [True, True]]),
    ]
    assert disagreements(lambda x: x, inputs, masks).tolist() == [2, 1, 0]


def test_what_is_kept_is_scaled_up() -> None:
    seen: list[np.ndarray] = []

    def logits(inputs: np.ndarray) -> np.ndarray:
        seen.append(inputs)
        return inputs

    disagreements(logits, np.array([[1, 2]], dtype=np.float32), [np.array([[True, False]])])
    assert [found.tolist() for found in seen] == [[[1, 2]], [[4, 0]]]


def test_more_than_half_of_the_draws_make_a_candidate() -> None:
    counts = np.array([0, 2, 1, 3, 0, 2])
    assert undecided(counts, 3, at_least=2).tolist() == [1, 3, 5]
    assert undecided(counts, 3, at_least=4).tolist() == [1, 2, 3, 5], "the next by draws where these are too few"
    assert undecided(counts, 3, at_least=9).tolist() == [0, 1, 2, 3, 4, 5]


def test_it_asks_about_what_the_judge_confuses() -> None:
    random = np.random.default_rng(0)
    groups = np.repeat([0, 1, 2], 40)
    # Twenty inputs speak for each group, so that those known can do without most of them.
    inputs = (np.kron(np.eye(3), np.ones(20))[groups] + 0.2 * random.standard_normal((120, 60))).astype(np.float32)
    samples = Samples(inputs, inputs - inputs.mean(axis=0), n_classes=3, seed=0)
    rows = [0, 1, 2, 40, 41, 42]
    chosen = dropquery(samples)(known(groups, rows, trained(samples, groups, rows)), 4)
    assert groups[chosen].tolist() == [2] * 4, "the group that it has never seen"
