"""The guided policies: where guidance sends the emulated annotator, without knowing the truth (docs/results.md)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.active_learning import ACTIONS_A_STEP, Checkpoint, Method, Task
from tb_tsne_plugin.evaluation.annotator import Group, Scene, SizeGroup, best_size, queries, start
from tb_tsne_plugin.evaluation.classifier import Classifier
from tb_tsne_plugin.guidance.guide import Guide
from tb_tsne_plugin.tsne import UNLABELED, Parameters, compute_affinities
from tb_tsne_plugin.tsne.focus import FOCUS_THETA, grow, neighborhood


class Guided:
    """The focus that guidance ranks first; it sees positions, features and the labels given, never the truth."""

    def __init__(self, features: NDArray[np.floating], perplexity: float = 20.0) -> None:
        """Prepares.

        Args:
          features: (N, D).
          perplexity: Of the t-SNE.
        """
        self._guide = Guide(features, compute_affinities(features, perplexity).P)
        self._batches = np.full(len(features), -1)
        self._k = 0

    def __call__(self, scene: Scene) -> int:
        """The row of the focus."""
        self._note(scene.labels, scene.epoch)
        self._guide.calibrate(scene.labels, self._batches)
        best = self._guide.guidance(scene.Y, scene.labels, count=1).candidates[0]
        self._k = best.k
        return best.focus

    def size(self, _group: Group) -> int:
        """The k that guidance proposes for the focus it chose last, without anybody looking."""
        return self._k

    def suggested(self, labels: NDArray[np.integer], at_least: float) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Unlabelled rows whose suggested label is at least so probable, and those labels."""
        found = self._guide.suggest(labels, self._batches)
        rows = np.flatnonzero((labels == UNLABELED) & (found.confidence >= at_least))
        return rows, found.labels[rows].astype(np.int64)

    def _note(self, labels: NDArray[np.integer], epoch: int) -> None:
        """Remembers which labels came together."""
        self._batches[(labels != UNLABELED) & (self._batches < 0)] = epoch


class AgreeingKernel:
    """A simpler rule to compare with: the most unlabelled kernel members that are also neighbours in the features."""

    def __init__(self, features: NDArray[np.floating], perplexity: float = 20.0) -> None:
        """Finds the feature neighbours: those that the t-SNE attracts."""
        self._neighbors = compute_affinities(features, perplexity).P

    def __call__(self, scene: Scene) -> int:
        """The row of the focus."""
        tree, counts = grow(scene.Y), np.full(len(scene.labels), -1)
        for row in np.flatnonzero(scene.labels == UNLABELED):
            near = self._neighbors.indices[self._neighbors.indptr[row] : self._neighbors.indptr[row + 1]]
            met = neighborhood(int(row), scene.Y, tree, FOCUS_THETA)
            counts[row] = (scene.labels[np.intersect1d(met, near)] == UNLABELED).sum()
        return int(counts.argmax())


class AnyFocus:
    """An unlabelled sample at random."""

    def __init__(self, seed: int) -> None:
        """Seeds it."""
        self._random = np.random.default_rng(seed)

    def __call__(self, scene: Scene) -> int:
        """The row of the focus."""
        return int(self._random.choice(np.flatnonzero(scene.labels == UNLABELED)))


def guided(
    parameters: Parameters, size_group: SizeGroup | None = best_size, suggestions_from: float | None = None
) -> Method:
    """Labels where guidance says.

    Args:
      parameters: The t-SNE's; its seed is the task's.
      size_group: How many neighbours the annotator takes; None for as many as guidance proposes.
      suggestions_from: Lets the classifier learn from suggested labels of at least this probability too.

    Returns:
      The method; checkpoints as in `active_learning.labeling`.
    """

    def method(task: Task, _classifier: Classifier) -> Iterator[Checkpoint]:
        embedding = start(task.features, parameters.updated({"random_state": task.seed}))
        policy = Guided(task.features, parameters.perplexity)
        actions = trained_at = 0
        for query in queries(embedding, task.labels, policy, size_group or policy.size):
            actions += query.n_actions
            labels = embedding.labels
            rows = np.flatnonzero(labels != UNLABELED)
            if actions // ACTIONS_A_STEP > trained_at // ACTIONS_A_STEP or len(rows) == len(labels):
                trained_at = actions
                known = labels[rows].astype(np.int64)
                if suggestions_from is not None:
                    more, suggested = policy.suggested(labels, suggestions_from)
                    rows, known = np.concatenate([rows, more]), np.concatenate([known, suggested])
                yield Checkpoint(actions, rows, known)

    return method
