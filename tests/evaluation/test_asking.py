"""One mechanism for all policies: names, groups and suggestions."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation import annotate, start, stratified_folds, until_first_mistake
from tb_tsne_plugin.evaluation.active_learning import Checkpoint, Task, task_of
from tb_tsne_plugin.evaluation.asking import MODES, Asker, asking
from tb_tsne_plugin.evaluation.linear_judge import LinearJudge
from tb_tsne_plugin.evaluation.methods import ALIASES, METHODS, POLICIES, find_method, method_title, split_method
from tb_tsne_plugin.evaluation.policies.chance import Chance
from tb_tsne_plugin.evaluation.policies.policy import Knowledge, Policy, Samples
from tb_tsne_plugin.tsne import Parameters
from tests.evaluation.data import clustered

SOON = Parameters(labeling_start=60)


@pytest.fixture(scope="module")
def task() -> Task:
    features, labels = clustered(300, 2, classes=5, width=20)
    return task_of(features, labels, stratified_folds(labels)[0], seed=1)


class InTurn:
    """A policy that notes what it was told, and chooses the rows without a label from the lowest on."""

    def __init__(self) -> None:
        self.told: list[tuple[Knowledge, int]] = []

    def __call__(self, knowledge: Knowledge, count: int) -> NDArray[np.intp]:
        copied = knowledge._replace(labels=knowledge.labels.copy(), batches=knowledge.batches.copy())
        self.told.append((copied, count))
        return knowledge.open[:count]


def trained_at(task: Task, policy: Policy, mode: str, until: int = 60) -> list[Checkpoint]:
    """The checkpoints up to so many actions, each learnt before the next is asked for."""
    judge = LinearJudge(task.n_classes)
    found = []
    for checkpoint in asking(lambda samples: policy, MODES[mode], SOON)(task, judge):
        if not checkpoint.aside:
            judge.train(task.inputs[checkpoint.rows], checkpoint.labels)
        found.append(checkpoint)
        if checkpoint.actions >= until:
            break
    return found


def test_names_cost_an_action_each_and_are_asked_for_ten_at_a_time(task: Task) -> None:
    policy = InTurn()
    found = trained_at(task, policy, "names", 30)
    tens = [checkpoint for checkpoint in found if not checkpoint.aside]
    assert [checkpoint.actions for checkpoint in tens] == [10, 20, 30]
    assert [checkpoint.rows.tolist() for checkpoint in tens] == [list(range(n)) for n in (10, 20, 30)]
    assert all((checkpoint.labels == task.labels[checkpoint.rows]).all() for checkpoint in found)
    assert [count for _, count in policy.told] == [10, 10, 10]
    assert [len(knowledge.asked) for knowledge, _ in policy.told] == [0, 10, 20]
    assert [knowledge.judge is None for knowledge, _ in policy.told] == [True, False, False]
    assert policy.told[2][0].given.tolist() == list(range(20))
    assert policy.told[2][0].batches[:21].tolist() == [*range(20), -1]


def test_groups_are_those_of_the_annotator_round_what_the_policy_chose(task: Task) -> None:
    policy = InTurn()
    found = trained_at(task, policy, "groups")
    embedding = start(task.features, SOON.updated({"random_state": task.seed}))
    record = annotate(
        embedding,
        task.labels,
        lambda scene: int(np.flatnonzero(scene.labels < 0)[0]),
        until_first_mistake,
        max_actions=found[-1].actions,
    )
    # What the policy chose ahead is passed over once it has a label: the next is the lowest that has none.
    assert found[-1].actions == record.spent[-1]
    assert found[-1].rows.tolist() == np.flatnonzero(record.labels() >= 0).tolist()
    last = policy.told[-1][0]
    n = len(last.asked)
    assert last.asked.tolist() == [query.focus for query in record.queries[:n]]
    for number, query in enumerate(record.queries[:n]):
        assert (last.batches[query.labeled] == number).all(), "a group is one question"
    assert len(last.given) > n


def test_the_policy_is_asked_again_once_the_judge_has_learnt(task: Task) -> None:
    policy = InTurn()
    tens = [checkpoint for checkpoint in trained_at(task, policy, "groups") if not checkpoint.aside]
    assert len(policy.told) >= len(tens)
    known = [int((knowledge.labels >= 0).sum()) for knowledge, _ in policy.told]
    assert {len(checkpoint.rows) for checkpoint in tens[:-1]} <= set(known)


def test_what_was_labeled_meanwhile_is_passed_over() -> None:
    asker = Asker(InTurn(), LinearJudge(2), 6)
    labels = np.full(6, -1, dtype=np.int32)
    assert asker.next(labels) == 0
    labels[[0, 1, 2]] = 1
    assert asker.next(labels) == 3
    labels[3] = 0
    assert asker.batches(labels).tolist() == [0, 0, 0, 1, -1, -1]


@pytest.mark.parametrize(("mode", "plain"), [("suggestions", "names"), ("groups+suggestions", "groups")])
def test_suggestions_come_on_top_of_the_same_labels(task: Task, mode: str, plain: str) -> None:
    chance = Chance(Samples(task.features, task.inputs, task.n_classes, task.seed))
    more, without = trained_at(task, chance, mode)[-1], trained_at(task, chance, plain)[-1]
    n = len(without.rows)
    assert more.actions == without.actions
    assert more.rows[:n].tolist() == without.rows.tolist()
    assert len(set(more.rows.tolist())) == len(more.rows) > n
    assert (more.labels[n:] == task.labels[more.rows[n:]]).mean() > 0.6


@pytest.mark.parametrize("mode", sorted(MODES))
@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_every_policy_is_a_method_in_every_mode(policy: str, mode: str, task: Task) -> None:
    name = f"{policy}:{mode}"
    assert split_method(name) == (policy, mode)
    assert method_title(name).startswith(POLICIES[policy][0])
    if mode == "names":
        judge = LinearJudge(task.n_classes)
        actions = []
        for checkpoint, _ in zip(find_method(name)(task, judge), range(6), strict=False):
            judge.train(task.inputs[checkpoint.rows], checkpoint.labels)
            actions.append(checkpoint.actions)
            assert (checkpoint.labels == task.labels[checkpoint.rows]).all()
        assert actions == [5, 10, 20, 25, 30, 40], "five classes: 1, 2, 5 of each besides the tens"


def test_names_of_methods() -> None:
    assert split_method("uherding") == ("uherding", "names")
    assert split_method("guided") is None, "groups with the best k, as ever"
    assert split_method("guided-stop") == ("guided", "groups")
    assert split_method("tsne:strong") is None
    assert method_title("margin") == "Margin", "as the paper has it"
    assert method_title("margin:groups") == "Margin, groups"
    for name in [*METHODS, *ALIASES, *POLICIES]:
        assert callable(find_method(name))
        assert method_title(name)
    for name in ("uherding:group", "kernel:groups", ""):
        with pytest.raises(ValueError, match="is no method; there are"):
            find_method(name)
