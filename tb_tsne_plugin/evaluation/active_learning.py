"""Active learning (the paper's section 4): which samples get their label next, and what a judge learns from them.

Every method is a stream of `Checkpoint`s: how many actions were made, and what is known then. `learn` trains the judge
on each, and only then asks for the next one, so that a method may look at what it learnt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.annotator import ChooseFocus, MostLabels, SizeGroup, best_size, queries, start
from tb_tsne_plugin.evaluation.folds import Fold
from tb_tsne_plugin.evaluation.judges import Judge
from tb_tsne_plugin.tsne import UNLABELED, Parameters

ACTIONS_A_STEP = 10
TARGET_SHARE = 0.8
LABELS_A_CLASS = (1, 2, 5, 10)
"""Where the accuracy is told: after as many actions as so many single names a class take."""


class Task(NamedTuple):
    """One fold, to be labelled."""

    features: NDArray[np.float32]  # (N, D) of the training rows, for the t-SNE
    inputs: NDArray[np.float32]  # (N, D) the same, standardised, for the judge
    labels: NDArray[np.int64]  # (N,) true classes
    validation_inputs: NDArray[np.float32]  # (M, D)
    validation_labels: NDArray[np.int64]  # (M,)
    n_classes: int
    seed: int


class Checkpoint(NamedTuple):
    """What is known when the judge is trained again."""

    actions: int  # made so far
    rows: NDArray[np.int64]  # training rows to learn from
    labels: NDArray[np.int64]  # as many labels
    aside: bool = False  # only to be scored, by a judge of its own: the running one does not learn from it


class Point(NamedTuple):
    """One point of a learning curve."""

    actions: int
    n_labels: int
    accuracy: float  # on the validation rows


Method = Callable[[Task, Judge], Iterator[Checkpoint]]
Suggest = Callable[[NDArray[np.int32]], tuple[NDArray[np.intp], NDArray[np.int64]]]
"""Rows that a class is suggested for, and the classes, given (N,) labels."""


class Answer(NamedTuple):
    """What a person did for one question, and what is known after it."""

    n_actions: int
    rows: NDArray[np.intp]  # all that have a label now, in the order in which the judge is to see them
    labels: NDArray[np.int32]  # (N,) `UNLABELED` where there is none


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
    judge: Judge,
    *,
    target: float = np.inf,
    at_least: int = 0,
    at_most: int | None = None,
) -> list[Point]:
    """A learning curve.

    Args:
      task: What to label.
      method: What gets labelled next.
      judge: Fresh; trained at every checkpoint.
      target: The validation accuracy that is enough.
      at_least: Actions until which the curve goes on even then.
      at_most: Actions at which it ends anyway; None for no limit.

    Returns:
      A point for each checkpoint.
    """
    curve: list[Point] = []
    reached = False
    for checkpoint in method(task, judge):
        trained = judge.fresh(task.seed) if checkpoint.aside else judge
        trained.train(task.inputs[checkpoint.rows], checkpoint.labels)
        accuracy = trained.accuracy(task.validation_inputs, task.validation_labels)
        curve.append(Point(checkpoint.actions, len(checkpoint.rows), accuracy))
        reached = reached or accuracy >= target
        if (reached and checkpoint.actions >= at_least) or (at_most is not None and checkpoint.actions >= at_most):
            break
    return curve


def full_accuracy(task: Task, judge: Judge) -> float:
    """Validation accuracy of a fresh judge trained on every training label."""
    judge.train(task.inputs, task.labels)
    return judge.accuracy(task.validation_inputs, task.validation_labels)


def actions_to(curve: list[Point], target: float) -> int | None:
    """The first action count of a curve at which the accuracy is at least `target`; None if there is none."""
    return next((point.actions for point in curve if point.accuracy >= target), None)


def accuracy_after(curve: list[Point], actions: int, n_classes: int) -> float | None:
    """The accuracy after some actions: on a straight line between two points, from chance where nothing is known.

    Args:
      curve: In order.
      actions: How many.
      n_classes: How many classes; chance is one in so many.

    Returns:
      The accuracy; None beyond the end of the curve.
    """
    if actions > curve[-1].actions:
        return None
    places, values = [point.actions for point in curve], [point.accuracy for point in curve]
    return float(np.interp(actions, [0, *places], [1 / n_classes, *values]))


def checkpoints(
    task: Task, judge: Judge, answers: Iterable[Answer], suggest: Suggest | None = None
) -> Iterator[Checkpoint]:
    """When the judge learns: at the first answer past each multiple of ten actions, and when all is labelled.

    One that starts anew is scored aside at as many actions as `LABELS_A_CLASS` names would take, too.

    Args:
      task: What is labelled.
      judge: Who learns.
      answers: In order.
      suggest: Lets the judge learn from suggestions too.

    Yields:
      What to learn from.
    """
    marks = [n * task.n_classes for n in LABELS_A_CLASS] if judge.starts_anew else []
    actions = 0
    for answer in answers:
        before, actions = actions, actions + answer.n_actions
        ten = actions // ACTIONS_A_STEP > before // ACTIONS_A_STEP or len(answer.rows) == len(task.labels)
        if ten or any(before < mark <= actions for mark in marks):
            rows, labels = answer.rows, answer.labels[answer.rows].astype(np.int64)
            if suggest is not None:
                more, suggested = suggest(answer.labels)
                rows, labels = np.concatenate([rows, more]), np.concatenate([labels, suggested])
            yield Checkpoint(actions, rows, labels, aside=not ten)


def group_answers(
    task: Task, parameters: Parameters, choose_focus: ChooseFocus, size_group: SizeGroup
) -> Iterator[Answer]:
    """Names groups in the running t-SNE, one query an epoch.

    Args:
      task: What to label.
      parameters: The t-SNE's; its seed is the task's.
      choose_focus: Where the annotator looks.
      size_group: How many neighbours the annotator takes.

    Yields:
      An answer a query.
    """
    embedding = start(task.features, parameters.updated({"random_state": task.seed}))
    for query in queries(embedding, task.labels, choose_focus, size_group):
        labels = embedding.labels
        yield Answer(query.n_actions, np.flatnonzero(labels != UNLABELED), labels)


def labeling(
    parameters: Parameters,
    policy: Callable[[Task], ChooseFocus] = lambda task: MostLabels(task.labels),
    size_group: SizeGroup = best_size,
) -> Method:
    """Labels from the t-SNE.

    Args:
      parameters: The t-SNE's; its seed is the task's.
      policy: Where the annotator looks.
      size_group: How many neighbours the annotator takes.

    Returns:
      The method.
    """

    def method(task: Task, judge: Judge) -> Iterator[Checkpoint]:
        return checkpoints(task, judge, group_answers(task, parameters, policy(task), size_group))

    return method
