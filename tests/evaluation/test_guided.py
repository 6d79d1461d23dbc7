"""The guided policy: it never sees the truth, and gets on better than chance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation import stratified_folds
from tb_tsne_plugin.evaluation.active_learning import Task, task_of
from tb_tsne_plugin.evaluation.annotator import Group, Scene, queries, start, until_first_mistake
from tb_tsne_plugin.evaluation.classifier import fresh_classifier
from tb_tsne_plugin.evaluation.guided import AnyFocus, Guided, guided
from tb_tsne_plugin.evaluation.methods import METHODS, find_method, method_title
from tb_tsne_plugin.tsne import Parameters
from tests.evaluation.data import clustered

SOON = Parameters(labeling_start=60)


@pytest.fixture(scope="module")
def task() -> Task:
    features, labels = clustered(400, 2, classes=8, width=20)
    return task_of(features, labels, stratified_folds(labels)[0], seed=1)


def foci(task: Task, count: int, truth: NDArray[np.int64]) -> list[int]:
    policy = Guided(task.features)
    found = queries(start(task.features, SOON), truth, policy, lambda group: 3)
    return [query.focus for query, _ in zip(found, range(count), strict=False)]


def test_classes_are_met_sooner_than_by_chance(task: Task) -> None:
    def classes_after(policy: Callable[[Scene], int], count: int = 10) -> int:
        found = queries(start(task.features, SOON), task.labels, policy, until_first_mistake)
        return len({query.label for query, _ in zip(found, range(count), strict=False)})

    by_chance = np.mean([classes_after(AnyFocus(seed)) for seed in range(3)])
    assert classes_after(Guided(task.features)) > by_chance


def test_the_first_focus_does_not_depend_on_the_truth(task: Task) -> None:
    shuffled = np.random.default_rng(0).permutation(task.labels)
    assert foci(task, 1, task.labels) == foci(task, 1, shuffled)
    assert len(set(foci(task, 12, task.labels))) == 12


def test_guidance_sizes_a_group_without_looking(task: Task) -> None:
    policy = Guided(task.features)
    nobody = Group(0, np.arange(1), np.zeros(1, bool), np.zeros(1, bool))
    sizes = []
    for query, _ in zip(queries(start(task.features, SOON), task.labels, policy, policy.size), range(6), strict=False):
        sizes.append(query.k)
        assert query.k == policy.size(nobody)
    assert max(sizes) > 3


@pytest.mark.tensorflow
def test_the_classifier_may_learn_from_suggestions(task: Task) -> None:
    classifier = fresh_classifier(task.inputs.shape[1], task.n_classes, 0)
    plain = next(iter(guided(SOON, until_first_mistake)(task, classifier)))
    more = next(iter(guided(SOON, until_first_mistake, 0.0)(task, classifier)))
    assert more.actions == plain.actions >= 10
    assert len(more.rows) == len(task.labels) > len(plain.rows)
    np.testing.assert_array_equal(more.rows[: len(plain.rows)], plain.rows)
    np.testing.assert_array_equal(plain.labels, task.labels[plain.rows])
    assert (more.labels == task.labels[more.rows]).mean() > 0.5


@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_method_is_found_by_its_name(name: str) -> None:
    assert callable(find_method(name))
    assert method_title(name) == METHODS[name][0]
