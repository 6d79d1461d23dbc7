"""The guided policies: where guidance sends the emulated annotator, without knowing the truth (docs/results.md)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.active_learning import Checkpoint, Method, Task, checkpoints, group_answers
from tb_tsne_plugin.evaluation.annotator import Group, Scene
from tb_tsne_plugin.evaluation.judges import Judge
from tb_tsne_plugin.evaluation.policies.policy import Knowledge, Samples
from tb_tsne_plugin.guidance.guide import Guide
from tb_tsne_plugin.guidance.query_candidates import rank_foci
from tb_tsne_plugin.tsne import UNLABELED, Parameters, compute_affinities
from tb_tsne_plugin.tsne.focus import FOCUS_THETA, grow, neighborhood

PERPLEXITY = 20.0
"""Of the t-SNE whose affinities guidance walks along."""


class Guided:
    """The sample that guidance ranks first, one at a time; it sees features and the labels given, never the truth."""

    def __init__(self, samples: Samples) -> None:
        """Prepares."""
        self._guide = Guide(samples.features, compute_affinities(samples.features, PERPLEXITY).P)

    def __call__(self, knowledge: Knowledge, _count: int) -> NDArray[np.intp]:
        """Its row."""
        self._guide.calibrate(knowledge.labels, knowledge.batches)
        suggestions = self._guide.suggester.suggest(knowledge.labels)
        best, _gain = rank_foci(self._guide.graph, knowledge.labels, suggestions, 1)[0]
        return np.array([best])


class SuggestedLabels:
    """What guidance suggests for samples without a label, for the judge to learn from."""

    def __init__(self, features: NDArray[np.floating], perplexity: float = PERPLEXITY) -> None:
        """Prepares.

        Args:
          features: (N, D).
          perplexity: Of the t-SNE.
        """
        self._guide = Guide(features, compute_affinities(features, perplexity).P)

    def at_least(
        self, labels: NDArray[np.integer], batches: NDArray[np.integer], confidence: float
    ) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Unlabelled rows whose suggested label is at least so probable, and those labels.

        Args:
          labels: (N,) `UNLABELED` where there is none.
          batches: (N,) those with the same number were labelled together.
          confidence: The probability.
        """
        found = self._guide.suggest(labels, batches)
        rows = np.flatnonzero((labels == UNLABELED) & (found.confidence >= confidence))
        return rows, found.labels[rows].astype(np.int64)


class Machine:
    """The group that guidance proposes, its size too, without anybody looking."""

    def __init__(self, features: NDArray[np.floating], perplexity: float = PERPLEXITY) -> None:
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
        self._batches[(scene.labels != UNLABELED) & (self._batches < 0)] = scene.epoch
        self._guide.calibrate(scene.labels, self._batches)
        best = self._guide.guidance(scene.Y, scene.labels, count=1).candidates[0]
        self._k = best.k
        return best.focus

    def size(self, _group: Group) -> int:
        """The k that goes with the focus chosen last."""
        return self._k


class AgreeingKernel:
    """A simpler rule to compare with: the most unlabelled kernel members that are also neighbours in the features."""

    def __init__(self, features: NDArray[np.floating], perplexity: float = PERPLEXITY) -> None:
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


def machine_sized(parameters: Parameters) -> Method:
    """Labels the groups that guidance proposes, as large as it proposes them.

    Args:
      parameters: The t-SNE's; its seed is the task's.

    Returns:
      The method.
    """

    def method(task: Task, judge: Judge) -> Iterator[Checkpoint]:
        machine = Machine(task.features, parameters.perplexity)
        return checkpoints(task, judge, group_answers(task, parameters, machine, machine.size))

    return method
