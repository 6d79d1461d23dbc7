"""The guided policy: it never sees the truth, and gets on better than chance."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation import stratified_folds
from tb_tsne_plugin.evaluation.active_learning import Task, task_of
from tb_tsne_plugin.evaluation.annotator import Group, queries, start
from tb_tsne_plugin.evaluation.asking import Asker, name_answers
from tb_tsne_plugin.evaluation.guided import Guided, Machine, SuggestedLabels
from tb_tsne_plugin.evaluation.linear_judge import LinearJudge
from tb_tsne_plugin.evaluation.policies.chance import Chance
from tb_tsne_plugin.evaluation.policies.policy import MakePolicy, Samples
from tb_tsne_plugin.tsne import Parameters
from tests.evaluation.data import clustered

SOON = Parameters(labeling_start=60)


@pytest.fixture(scope="module")
def task() -> Task:
    features, labels = clustered(400, 2, classes=8, width=20)
    return task_of(features, labels, stratified_folds(labels)[0], seed=1)


def asked(task: Task, make_policy: MakePolicy, count: int) -> list[int]:
    """The first rows that a policy asks about, one at a time."""
    samples = Samples(task.features, task.inputs, task.n_classes, task.seed)
    asker = Asker(make_policy(samples), LinearJudge(task.n_classes), len(task.labels))
    for _ in zip(range(count), name_answers(task, asker), strict=False):
        pass
    return asker.asked


def test_classes_are_met_sooner_than_by_chance(task: Task) -> None:
    def classes(make_policy: MakePolicy, seed: int = 1) -> int:
        return len(set(task.labels[asked(task._replace(seed=seed), make_policy, 10)]))

    assert classes(Guided) > np.mean([classes(Chance, seed) for seed in range(3)])


def test_the_first_focus_does_not_depend_on_the_truth(task: Task) -> None:
    shuffled = task._replace(labels=np.random.default_rng(0).permutation(task.labels))
    assert asked(task, Guided, 1) == asked(shuffled, Guided, 1)
    assert len(set(asked(task, Guided, 12))) == 12


def test_guidance_sizes_a_group_without_looking(task: Task) -> None:
    machine = Machine(task.features)
    nobody = Group(0, np.arange(1), np.zeros(1, bool), np.zeros(1, bool))
    sizes = []
    found = queries(start(task.features, SOON), task.labels, machine, machine.size)
    for query, _ in zip(found, range(6), strict=False):
        sizes.append(query.k)
        assert query.k == machine.size(nobody)
    assert max(sizes) > 3


def test_suggestions_are_for_what_has_no_label_and_mostly_right(task: Task) -> None:
    rows = asked(task, Guided, 24)
    labels, batches = np.full((2, len(task.labels)), -1)
    labels[rows], batches[rows] = task.labels[rows], np.arange(24)

    def suggested(confidence: float) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        return SuggestedLabels(task.features).at_least(labels, batches, confidence)

    everything, classes = suggested(0.0)
    assert everything.tolist() == np.setdiff1d(np.arange(len(labels)), rows).tolist()
    surer, surer_classes = suggested(0.9)
    assert 0 < len(surer) < len(everything)
    assert (surer_classes == task.labels[surer]).mean() > max((classes == task.labels[everything]).mean(), 0.7)
