"""Methods against their definitions, and the classifier that learns from them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation import annotate, start, stratified_folds
from tb_tsne_plugin.evaluation.active_learning import (
    Checkpoint,
    Point,
    Task,
    accuracy_after,
    actions_to,
    full_accuracy,
    labeling,
    learn,
    task_of,
)
from tb_tsne_plugin.evaluation.classifier import BATCH_SIZE, EPOCHS, Classifier, fresh_classifier
from tb_tsne_plugin.evaluation.judges import Judge
from tb_tsne_plugin.evaluation.linear_judge import LinearJudge
from tb_tsne_plugin.evaluation.methods import find_method
from tb_tsne_plugin.evaluation.policies.uncertainty import margin
from tb_tsne_plugin.tsne import Parameters
from tests.evaluation.data import clustered

pytestmark = pytest.mark.tensorflow


@pytest.fixture(scope="module")
def task() -> Task:
    features, labels = clustered(300, 1, width=40)
    return task_of(features, labels, stratified_folds(labels)[0], seed=4)


@pytest.fixture
def classifier(task: Task) -> Classifier:
    return fresh_classifier(task.inputs.shape[1], task.n_classes, 0)


def test_it_learns_and_goes_on_from_its_state(task: Task, classifier: Classifier) -> None:
    before = classifier.accuracy(task.inputs, task.labels)
    classifier.train(task.inputs, task.labels)
    once = classifier.probabilities(task.inputs)
    classifier.train(task.inputs, task.labels)
    assert before < 0.6
    assert classifier.accuracy(task.inputs, task.labels) > 0.8
    assert abs(classifier.probabilities(task.inputs) - once).max() > 1e-3
    n = len(task.inputs)
    assert int(classifier._optimizer.iterations) == 2 * EPOCHS * -(-n // BATCH_SIZE)


def test_a_step_is_that_of_keras_own_fit() -> None:
    import keras

    random = np.random.default_rng(0)
    inputs, labels = random.standard_normal((20, 8)).astype(np.float32), random.integers(0, 3, 20)
    ours = Classifier(8, 3, seed=5)
    for dropout in ours._dropouts:
        dropout.rate = 0.0
    theirs = keras.models.clone_model(ours._network)
    theirs.set_weights(ours._network.get_weights())
    theirs.compile(keras.optimizers.Adam(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    theirs.fit(inputs, labels, batch_size=20, epochs=EPOCHS, verbose=0)  # one batch an epoch: order does not matter
    ours.train(inputs, labels)
    for mine, other in zip(ours._network.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-3, atol=1e-5)


def test_same_seed_same_numbers_and_nothing_left_of_earlier_learning(task: Task) -> None:
    def trained(seed: int) -> NDArray[np.float64]:
        fresh = fresh_classifier(task.inputs.shape[1], task.n_classes, seed)
        fresh.train(task.inputs, task.labels)
        return fresh.probabilities(task.validation_inputs)

    first, other, again = trained(0), trained(1), trained(0)
    assert (first == again).all()
    assert (first != other).any()
    assert (first == _trained_alone(task)).all()


def _trained_alone(task: Task) -> NDArray[np.float64]:
    alone = Classifier(task.inputs.shape[1], task.n_classes, 0)
    alone.train(task.inputs, task.labels)
    return alone.probabilities(task.validation_inputs)


def test_querying_takes_the_ten_most_wanted_that_have_no_label(task: Task, classifier: Classifier) -> None:
    checkpoints = find_method("margin")(task, classifier)
    known = next(checkpoints)
    assert len(known.rows) == known.actions == 10
    for _ in range(3):
        classifier.train(task.inputs[known.rows], known.labels)
        wanted = margin(classifier.probabilities(task.inputs))
        more = next(checkpoints)
        assert more.actions == known.actions + 10
        new, others = more.rows[-10:], np.setdiff1d(np.arange(len(task.labels)), more.rows)
        assert (more.rows[:-10] == known.rows).all()
        assert wanted[new].min() >= wanted[others].max()
        assert (more.labels == task.labels[more.rows]).all()
        known = more


@pytest.mark.parametrize("name", ["randselect", "entropy"])
def test_labels_end_when_everything_has_one(name: str, task: Task, classifier: Classifier) -> None:
    small = task._replace(inputs=task.inputs[:34], labels=task.labels[:34])
    found = list(find_method(name)(small, classifier))
    assert [checkpoint.actions for checkpoint in found] == [10, 20, 30, 34]
    assert sorted(found[-1].rows) == list(range(34))


def test_a_checkpoint_is_the_first_query_past_each_ten_actions(task: Task, classifier: Classifier) -> None:
    parameters = Parameters(labeling_start=50)
    record = annotate(start(task.features, parameters.updated({"random_state": task.seed})), task.labels)
    found = list(labeling(parameters)(task, classifier))
    for checkpoint in found:
        n = int(np.searchsorted(record.spent, checkpoint.actions)) + 1
        assert record.spent[n - 1] == checkpoint.actions
        labels = record.labels(n)
        assert (checkpoint.rows == np.flatnonzero(labels >= 0)).all()
        assert (checkpoint.labels == labels[checkpoint.rows]).all()
    tens = {int(spent // 10) for spent in record.spent if spent >= 10}
    assert {checkpoint.actions // 10 for checkpoint in found} == tens
    assert len(found[-1].rows) == len(task.labels)


def test_a_curve_ends_at_its_target_or_its_budget(task: Task, classifier: Classifier) -> None:
    full = full_accuracy(task, classifier)
    assert full > 0.7
    classifier.reset(0)
    reached = learn(task, find_method("randselect"), classifier, target=0.8 * full)
    assert [point.accuracy >= 0.8 * full for point in reached] == [False] * (len(reached) - 1) + [True]
    assert actions_to(reached, 0.8 * full) == reached[-1].actions
    classifier.reset(0)
    longer = learn(task, find_method("randselect"), classifier, target=0.8 * full, at_least=200)
    assert longer[: len(reached)] == reached
    assert longer[-1].actions == 200
    classifier.reset(0)
    assert learn(task, find_method("randselect"), classifier, at_most=30)[-1].actions == 30
    assert actions_to([Point(10, 10, 0.2)], 0.8) is None


def test_the_classifier_has_learnt_a_checkpoint_before_the_next_one_is_asked_for(task: Task) -> None:
    seen: list[float] = []

    def looking(task: Task, classifier: Judge) -> Iterator[Checkpoint]:
        for n in (100, 200):
            yield Checkpoint(n, np.arange(n), task.labels[:n])
            seen.append(classifier.accuracy(task.validation_inputs, task.validation_labels))

    curve = learn(task, looking, fresh_classifier(task.inputs.shape[1], task.n_classes, 0))
    assert [point.accuracy for point in curve] == seen


def test_accuracy_between_two_points_is_on_a_line_from_chance() -> None:
    curve = [Point(10, 10, 0.5), Point(20, 20, 0.7)]
    assert accuracy_after(curve, 10, 4) == 0.5
    assert accuracy_after(curve, 15, 4) == pytest.approx(0.6)
    assert accuracy_after(curve, 4, 4) == pytest.approx(0.25 + 0.4 * 0.25)
    assert accuracy_after(curve, 21, 4) is None


def test_a_judge_that_starts_anew_is_asked_at_so_many_labels_a_class_too(task: Task, classifier: Classifier) -> None:
    method = find_method("randselect")
    linear = learn(task, method, LinearJudge(task.n_classes), at_most=30)
    assert [point.actions for point in linear] == [3, 6, 10, 15, 20, 30], "three classes: 1, 2, 5 and 10 of each"
    assert [point.actions for point in learn(task, method, classifier, at_most=30)] == [10, 20, 30]
    rows = np.random.default_rng(task.seed).permutation(len(task.labels))[:15]
    alone = LinearJudge(task.n_classes)
    alone.train(task.inputs[rows], task.labels[rows])
    assert linear[3].accuracy == alone.accuracy(task.validation_inputs, task.validation_labels)


def test_what_is_scored_aside_is_not_learnt(task: Task, classifier: Classifier) -> None:
    tens = [Checkpoint(n, np.arange(n), task.labels[:n]) for n in (10, 20)]
    aside = Checkpoint(15, np.arange(15), task.labels[:15], aside=True)
    plain = learn(task, lambda task, judge: iter(tens), classifier)
    classifier.reset(0)
    more = learn(task, lambda task, judge: iter([tens[0], aside, tens[1]]), classifier)
    assert [point.actions for point in more] == [10, 15, 20]
    assert [more[0], more[2]] == plain
    assert classifier.trainings == 2


def test_inputs_are_standardised_over_the_training_rows_only() -> None:
    features, labels = clustered(100, 2)
    features[:, 0] = 5.0  # a constant column stays finite
    fold = stratified_folds(labels)[0]
    features[fold.validation] += 100
    task = task_of(features, labels, fold, 0)
    assert abs(task.inputs.mean(axis=0)).max() < 1e-4
    np.testing.assert_allclose(task.inputs[:, 1:].std(axis=0), 1, rtol=1e-4)
    assert np.isfinite(task.validation_inputs).all()
    assert task.validation_inputs[:, 1:].min() > 5
