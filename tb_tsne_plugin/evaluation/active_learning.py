"""Active learning (the paper's section 4): which samples get their label next, and what a classifier learns from them.

Every method is a stream of `Checkpoint`s: how many actions were made, and what is known then. `learn` trains on each,
and only then asks for the next one, so that a method may look at the classifier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.annotator import ChooseFocus, MostLabels, SizeGroup, best_size, queries, start
from tb_tsne_plugin.evaluation.classifier import Classifier
from tb_tsne_plugin.evaluation.folds import Fold
from tb_tsne_plugin.tsne import UNLABELED, Parameters

ACTIONS_A_STEP = 10
TARGET_SHARE = 0.8


class Task(NamedTuple):
    """One fold, to be labelled."""

    features: NDArray[np.float32]  # (N, D) of the training rows, for the t-SNE
    inputs: NDArray[np.float32]  # (N, D) the same, standardised, for the classifier
    labels: NDArray[np.int64]  # (N,) true classes
    validation_inputs: NDArray[np.float32]  # (M, D)
    validation_labels: NDArray[np.int64]  # (M,)
    n_classes: int
    seed: int


class Checkpoint(NamedTuple):
    """What is known when the classifier is trained again."""

    actions: int  # made so far
    rows: NDArray[np.int64]  # training rows to learn from
    labels: NDArray[np.int64]  # as many labels


class Point(NamedTuple):
    """One point of a learning curve."""

    actions: int
    n_labels: int
    accuracy: float  # on the validation rows


Method = Callable[[Task, Classifier], Iterator[Checkpoint]]
Query = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""How much a label is wanted, (n,), given (n, n_classes) probabilities."""


def task_of(features: NDArray[np.floating], labels: NDArray[np.integer], fold: Fold, seed: int) -> Task:
    """One fold of labelled features as a task.

    Args:
      features: (N, D).
      labels: (N,) classes from 0 on.
      fold: Its rows.
      seed: Of everything random in it.

    Returns:
      The task; its inputs have mean 0 and deviation 1 over the training rows.
    """
    train = np.ascontiguousarray(features[fold.train], dtype=np.float32)
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    deviation[deviation == 0] = 1.0
    inputs, validation = ((features[rows] - mean) / deviation for rows in fold)
    truth = labels.astype(np.int64)
    return Task(
        train,
        inputs.astype(np.float32),
        truth[fold.train],
        validation.astype(np.float32),
        truth[fold.validation],
        int(truth.max()) + 1,
        seed,
    )


def learn(
    task: Task,
    method: Method,
    classifier: Classifier,
    *,
    target: float = np.inf,
    at_least: int = 0,
    at_most: int | None = None,
) -> list[Point]:
    """A learning curve.

    Args:
      task: What to label.
      method: What gets labelled next.
      classifier: Fresh; trained from its state at every checkpoint.
      target: The validation accuracy that is enough.
      at_least: Actions until which the curve goes on even then.
      at_most: Actions at which it ends anyway; None for no limit.

    Returns:
      A point for each checkpoint.
    """
    curve: list[Point] = []
    reached = False
    for checkpoint in method(task, classifier):
        classifier.train(task.inputs[checkpoint.rows], checkpoint.labels)
        accuracy = classifier.accuracy(task.validation_inputs, task.validation_labels)
        curve.append(Point(checkpoint.actions, len(checkpoint.rows), accuracy))
        reached = reached or accuracy >= target
        if (reached and checkpoint.actions >= at_least) or (at_most is not None and checkpoint.actions >= at_most):
            break
    return curve


def full_accuracy(task: Task, classifier: Classifier) -> float:
    """Validation accuracy of a fresh classifier trained on every training label."""
    classifier.train(task.inputs, task.labels)
    return classifier.accuracy(task.validation_inputs, task.validation_labels)


def actions_to(curve: list[Point], target: float) -> int | None:
    """The first action count of a curve at which the accuracy is at least `target`; None if there is none."""
    return next((point.actions for point in curve if point.accuracy >= target), None)


def random_selection(task: Task, _classifier: Classifier) -> Iterator[Checkpoint]:
    """RandSelect: ten more random labels a step."""
    order = np.random.default_rng(task.seed).permutation(len(task.labels))
    for n in range(ACTIONS_A_STEP, len(order) + ACTIONS_A_STEP, ACTIONS_A_STEP):
        rows = order[:n]
        yield Checkpoint(len(rows), rows, task.labels[rows])


def uncertainty(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Maximum uncertainty: the smallest largest probability first."""
    return np.asarray(-probabilities.max(axis=1))


def margin(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Minimum margin between the two likeliest classes."""
    second, first = np.partition(probabilities, -2, axis=1)[:, -2:].T
    return np.asarray(second - first)


def entropy(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Maximum entropy."""
    from scipy.special import entr

    return np.asarray(entr(probabilities).sum(axis=1))


def querying(query: Query) -> Method:
    """Uncertainty sampling: ten random labels, then the ten that the classifier wants most (lowest row on ties)."""

    def method(task: Task, classifier: Classifier) -> Iterator[Checkpoint]:
        rows = np.random.default_rng(task.seed).permutation(len(task.labels))[:ACTIONS_A_STEP]
        while True:
            yield Checkpoint(len(rows), rows, task.labels[rows])
            if len(rows) == len(task.labels):
                return
            wanted = query(classifier.probabilities(task.inputs))
            wanted[rows] = -np.inf
            more = np.argsort(-wanted, kind="stable")[: min(ACTIONS_A_STEP, len(task.labels) - len(rows))]
            rows = np.concatenate([rows, more])

    return method


def labeling(
    parameters: Parameters,
    policy: Callable[[Task], ChooseFocus] = lambda task: MostLabels(task.labels),
    size_group: SizeGroup = best_size,
) -> Method:
    """Labels from the t-SNE: a checkpoint at the end of the first query past each multiple of ten actions.

    Args:
      parameters: The t-SNE's; its seed is the task's.
      policy: Where the annotator looks.
      size_group: How many neighbours the annotator takes.

    Returns:
      The method.
    """

    def method(task: Task, _classifier: Classifier) -> Iterator[Checkpoint]:
        embedding = start(task.features, parameters.updated({"random_state": task.seed}))
        actions = trained_at = 0
        for query in queries(embedding, task.labels, policy(task), size_group):
            actions += query.n_actions
            labels = embedding.labels
            rows = np.flatnonzero(labels != UNLABELED)
            if actions // ACTIONS_A_STEP > trained_at // ACTIONS_A_STEP or len(rows) == len(labels):
                trained_at = actions
                yield Checkpoint(actions, rows, labels[rows].astype(np.int64))

    return method
