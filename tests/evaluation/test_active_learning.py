"""Methods against their definitions, and the classifier that learns from them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation import annotate, start, stratified_folds
from tb_tsne_plugin.evaluation.active_learning import (
    Checkpoint,
    Method,
    Point,
    Query,
    Task,
    actions_to,
    entropy,
    full_accuracy,
    labeling,
    learn,
    margin,
    querying,
    random_selection,
    task_of,
    uncertainty,
)
from tb_tsne_plugin.evaluation.classifier import BATCH_SIZE, EPOCHS, Classifier, fresh_classifier
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


@pytest.mark.parametrize(
    ("query", "first"),
    [(uncertainty, 1), (margin, 2), (entropy, 0)],
)
def test_queries_want_what_they_are_named_after(query: Query, first: int) -> None:
    probabilities = np.array([[0.4, 0.25, 0.2, 0.15], [0.36, 0.34, 0.3, 0.0], [0.49, 0.49, 0.02, 0.0], [1, 0, 0, 0]])
    assert query(probabilities).argmax() == first
    assert query(probabilities).argmin() == 3


def test_querying_takes_the_ten_most_wanted_that_have_no_label(task: Task, classifier: Classifier) -> None:
    checkpoints = querying(margin)(task, classifier)
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


@pytest.mark.parametrize("method", [random_selection, querying(entropy)])
def test_labels_end_when_everything_has_one(method: Method, task: Task, classifier: Classifier) -> None:
    small = task._replace(inputs=task.inputs[:34], labels=task.labels[:34])
    found = list(method(small, classifier))
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
    reached = learn(task, random_selection, classifier, target=0.8 * full)
    assert [point.accuracy >= 0.8 * full for point in reached] == [False] * (len(reached) - 1) + [True]
    assert actions_to(reached, 0.8 * full) == reached[-1].actions
    classifier.reset(0)
    longer = learn(task, random_selection, classifier, target=0.8 * full, at_least=200)
    assert longer[: len(reached)] == reached
    assert longer[-1].actions == 200
    classifier.reset(0)
    assert learn(task, random_selection, classifier, at_most=30)[-1].actions == 30
    assert actions_to([Point(10, 10, 0.2)], 0.8) is None


def test_the_classifier_has_learnt_a_checkpoint_before_the_next_one_is_asked_for(task: Task) -> None:
    seen: list[float] = []

    def looking(task: Task, classifier: Classifier) -> Iterator[Checkpoint]:
        for n in (100, 200):
            yield Checkpoint(n, np.arange(n), task.labels[:n])
            seen.append(classifier.accuracy(task.validation_inputs, task.validation_labels))

    curve = learn(task, looking, fresh_classifier(task.inputs.shape[1], task.n_classes, 0))
    assert [point.accuracy for point in curve] == seen


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
