"""A policy as a method: it says whom to ask about, and the answer is a name, or a group round it.

One mechanism for all policies. Ten are asked for at a time; a policy is asked again once these are through, or the
judge has learnt. In groups, those that got a label meanwhile are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.active_learning import (
    ACTIONS_A_STEP,
    Answer,
    Checkpoint,
    Method,
    Task,
    checkpoints,
    group_answers,
)
from tb_tsne_plugin.evaluation.annotator import SizeGroup, until_first_mistake
from tb_tsne_plugin.evaluation.guided import SuggestedLabels
from tb_tsne_plugin.evaluation.judges import Judge
from tb_tsne_plugin.evaluation.policies.policy import Knowledge, MakePolicy, Policy, Samples
from tb_tsne_plugin.tsne import UNLABELED, Parameters

SUGGESTIONS_FROM = 0.5
"""The probability that a suggested label must have for the judge to learn from it."""


class Mode(NamedTuple):
    """How a policy is used."""

    groups: bool = False  # a group is named round each sample, not the sample alone
    suggestions: bool = False  # the judge learns from suggested labels, too


MODES = {
    "names": Mode(),
    "groups": Mode(groups=True),
    "suggestions": Mode(suggestions=True),
    "groups+suggestions": Mode(groups=True, suggestions=True),
}
MODE_TITLES = {
    "names": "single names",
    "groups": "groups",
    "suggestions": "single names, suggestions",
    "groups+suggestions": "groups, suggestions",
}


class Asker:
    """Hands out what a policy chooses, one at a time, and remembers which question brought which label."""

    def __init__(self, policy: Policy, judge: Judge, n_samples: int) -> None:
        """Nothing was asked yet.

        Args:
          policy: Who chooses.
          judge: Whom the policy may look at, once it was trained.
          n_samples: N.
        """
        self.asked: list[int] = []
        self._policy, self._judge = policy, judge
        self._batches = np.full(n_samples, -1, dtype=np.int64)
        self._waiting: list[int] = []
        self._trainings = judge.trainings

    def next(self, labels: NDArray[np.int32], at_most: int = ACTIONS_A_STEP) -> int:
        """The next row to ask about.

        Args:
          labels: (N,) `UNLABELED` where there is none; one at least is missing.
          at_most: How many the policy may choose ahead.
        """
        batches = self.batches(labels)
        self._waiting = [row for row in self._waiting if labels[row] == UNLABELED]
        if not self._waiting or self._judge.trainings != self._trainings:
            self._trainings = self._judge.trainings
            judge = self._judge if self._trainings else None
            asked = np.array(self.asked, dtype=np.int64)
            count = min(at_most, int((labels == UNLABELED).sum()))
            self._waiting = self._policy(Knowledge(labels, batches, asked, judge), count).tolist()
        self.asked.append(self._waiting.pop(0))
        return self.asked[-1]

    def batches(self, labels: NDArray[np.int32]) -> NDArray[np.int64]:
        """(N,) number of the question that brought each label, -1 where there is none; new ones are the last one's."""
        self._batches[(labels != UNLABELED) & (self._batches < 0)] = len(self.asked) - 1
        return self._batches


def asking(
    make_policy: MakePolicy,
    mode: Mode,
    parameters: Parameters | None = None,
    size_group: SizeGroup = until_first_mistake,
) -> Method:
    """Asks a policy.

    Args:
      make_policy: Which.
      mode: How.
      parameters: Of the t-SNE that groups are named in; its seed is the task's. None for the defaults.
      size_group: How many neighbours the annotator takes into a group.

    Returns:
      The method.
    """
    embedded = parameters or Parameters()

    def method(task: Task, judge: Judge) -> Iterator[Checkpoint]:
        samples = Samples(task.features, task.inputs, task.n_classes, task.seed)
        asker = Asker(make_policy(samples), judge, len(task.labels))
        if mode.groups:
            answers = group_answers(task, embedded, lambda scene: asker.next(scene.labels), size_group)
        else:
            answers = name_answers(task, asker)
        if not mode.suggestions:
            return checkpoints(task, judge, answers)
        suggested = SuggestedLabels(task.features, embedded.perplexity)
        return checkpoints(
            task, judge, answers, lambda labels: suggested.at_least(labels, asker.batches(labels), SUGGESTIONS_FROM)
        )

    return method


def name_answers(task: Task, asker: Asker) -> Iterator[Answer]:
    """Names one sample after the other, each for an action.

    Args:
      task: What to label.
      asker: Says which.

    Yields:
      An answer a name.
    """
    labels = np.full(len(task.labels), UNLABELED, dtype=np.int32)
    while (labels == UNLABELED).any():
        row = asker.next(labels, ACTIONS_A_STEP - len(asker.asked) % ACTIONS_A_STEP)
        labels[row] = task.labels[row]
        yield Answer(1, np.array(asker.asked), labels)
