"""The jobs that evaluations are made of: one fold of one dataset each, from JSON to JSON, the same numbers anywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tb_tsne_plugin.evaluation.annotator import annotate, start
from tb_tsne_plugin.evaluation.datasets import Dataset
from tb_tsne_plugin.evaluation.folds import Fold, stratified_folds
from tb_tsne_plugin.evaluation.quality import neighbor_accuracy
from tb_tsne_plugin.evaluation.settings import parse_setting
from tb_tsne_plugin.tsne import Embedding

Result = dict[str, Any]


def _fold(dataset: Dataset, fold: int, folds: int, seed: int) -> Fold:
    return stratified_folds(dataset.labels, folds, seed)[fold]


def _seed(fold: int, seed: int) -> int:
    return 1000 * seed + fold


def _start(dataset: Dataset, rows: np.ndarray, setting: str, seed: int) -> Embedding:
    return start(dataset.X[rows], parse_setting(setting).updated({"random_state": seed}))


def embedding(dataset: Dataset, *, fold: int, folds: int, seed: int, setting: str, epochs: int) -> Result:
    """4-NN accuracy in the unsupervised embedding of a training subset."""
    rows = _fold(dataset, fold, folds, seed).train
    embedded = _start(dataset, rows, setting, _seed(fold, seed))
    embedded.step(epochs)
    found = neighbor_accuracy(embedded.positions_by_sample, dataset.labels[rows])
    return {"samples": len(rows), "mean": found.mean, "deviation": found.deviation}


def labeling(dataset: Dataset, *, fold: int, folds: int, seed: int, setting: str) -> Result:
    """Algorithm 1 on a training subset, until everything is labelled: actions and labels so far, by epoch."""
    rows = _fold(dataset, fold, folds, seed).train
    record = annotate(_start(dataset, rows, setting, _seed(fold, seed)), dataset.labels[rows])
    return {
        "epoch": [query.epoch for query in record.queries],
        "actions": record.spent.tolist(),
        "labels": record.gained.tolist(),
    }


def full_accuracy(dataset: Dataset, *, fold: int, folds: int, seed: int, judge: str) -> Result:
    """Validation accuracy with every training label."""
    from tb_tsne_plugin.evaluation import active_learning
    from tb_tsne_plugin.evaluation.judges import JUDGES

    task = active_learning.task_of(dataset.X, dataset.labels, _fold(dataset, fold, folds, seed), _seed(fold, seed))
    fresh = JUDGES[judge](task.inputs.shape[1], task.n_classes, task.seed)
    return {"accuracy": active_learning.full_accuracy(task, fresh)}


def active_learning(
    dataset: Dataset,
    *,
    fold: int,
    folds: int,
    seed: int,
    judge: str,
    method: str,
    target: float,
    at_least: int,
    at_most: int,
) -> Result:
    """A learning curve of one method."""
    from tb_tsne_plugin.evaluation.active_learning import learn, task_of
    from tb_tsne_plugin.evaluation.judges import JUDGES
    from tb_tsne_plugin.evaluation.methods import find_method

    task = task_of(dataset.X, dataset.labels, _fold(dataset, fold, folds, seed), _seed(fold, seed))
    fresh = JUDGES[judge](task.inputs.shape[1], task.n_classes, task.seed)
    curve = learn(task, find_method(method), fresh, target=target, at_least=at_least, at_most=at_most)
    return {
        "actions": [point.actions for point in curve],
        "labels": [point.n_labels for point in curve],
        "accuracy": [point.accuracy for point in curve],
    }


def finishing(
    dataset: Dataset,
    *,
    fold: int,
    folds: int,
    seed: int,
    policy: str,
    share: float,
    page_size: int,
    overlook: float,
    slip: float,
) -> Result:
    """An emulated person who labels a training subset until a share of it is right."""
    from tb_tsne_plugin.evaluation.finishing import Habits, finish

    rows = _fold(dataset, fold, folds, seed).train
    habits = Habits(share, page_size, overlook, slip)
    desk = finish(dataset.X[rows], dataset.labels[rows], policy, habits, _seed(fold, seed))
    accepted, right = desk.unseen
    return {
        "samples": len(rows),
        "reached": desk.done,
        "unseen": accepted,
        "unseen_right": right,
        "actions": [point.actions for point in desk.curve],
        "labels": [point.labels for point in desk.curve],
        "right": [point.right for point in desk.curve],
        "looks": [point.looks for point in desk.curve],
    }


WORK: dict[str, Callable[..., Result]] = {
    "embedding": embedding,
    "labeling": labeling,
    "full_accuracy": full_accuracy,
    "active_learning": active_learning,
    "finishing": finishing,
}
