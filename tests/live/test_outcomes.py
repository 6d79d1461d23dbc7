"""What came of suggestions makes later ones as sure as they should be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.states import SampleState
from tb_tsne_plugin.guidance.suggestions import Suggestions
from tb_tsne_plugin.live.outcomes import Outcomes

N = 200
ROWS = np.arange(N)
SURE = np.tile(np.array([0.9, 0.1], dtype=np.float32), (N, 1))
SUGGESTED = Suggestions(np.array([3, 5], dtype=np.int32), SURE, np.ones(N, dtype=np.float32))
NOTHING = np.full(N, -1, dtype=np.int32)


def answered(labels: NDArray[np.int32], state: SampleState, column: str = "label") -> NDArray[np.float32]:
    """How sure the suggestions are after all samples got labels, or none."""
    outcomes = Outcomes()
    outcomes.take("label", ROWS, NOTHING, np.zeros(N, dtype=np.uint8))
    assert outcomes.corrected(SUGGESTED, NOTHING) is SUGGESTED
    states = np.where(labels < 0, SampleState.UNLABELED, state).astype(np.uint8)
    outcomes.take(column, ROWS, labels, states)
    return outcomes.corrected(SUGGESTED, labels).confidence


def test_suggestions_that_were_wrong_more_often_than_they_said_become_less_sure() -> None:
    labels = np.full(N, 3, dtype=np.int32)
    labels[: N // 3] = 5
    assert answered(labels, SampleState.SEEN).max() < 0.75
    assert answered(np.full(N, 3, dtype=np.int32), SampleState.SEEN).min() > 0.93


def test_only_what_a_person_saw_in_this_column_counts() -> None:
    labels = np.full(N, 5, dtype=np.int32)
    for state, column in [(SampleState.LABELED, "label"), (SampleState.SEEN, "eyes")]:
        np.testing.assert_array_equal(answered(labels, state, column), SUGGESTED.confidence)


def test_a_class_that_came_later_is_compared_with_what_was_known_then() -> None:
    outcomes = Outcomes()
    outcomes.take("label", ROWS, NOTHING, np.zeros(N, dtype=np.uint8))
    outcomes.corrected(SUGGESTED, NOTHING)
    labels = np.where(np.arange(N) < 100, 7, -1).astype(np.int32)
    outcomes.take("label", ROWS, labels, np.where(labels < 0, 0, SampleState.SEEN).astype(np.uint8))
    chances = np.tile(np.array([0.9, 0.05, 0.05], dtype=np.float32), (N, 1))
    three = Suggestions(np.array([3, 5, 7], dtype=np.int32), chances, SUGGESTED.reach)
    after = outcomes.corrected(three, labels)
    assert after.confidence.max() < 0.7
    np.testing.assert_allclose(after.probabilities.sum(axis=1), 1.0, rtol=1e-5)
    assert after.labels.tolist() == three.labels.tolist()


def test_what_was_suggested_for_other_samples_says_nothing_of_these() -> None:
    outcomes = Outcomes()
    outcomes.take("label", ROWS, NOTHING, np.zeros(N, dtype=np.uint8))
    outcomes.corrected(SUGGESTED, NOTHING)
    for rows in (ROWS + 1, ROWS[1:]):
        n = len(rows)
        given = rows, np.full(n, 5, dtype=np.int32), np.full(n, SampleState.SEEN, dtype=np.uint8)
        of_these = Suggestions(SUGGESTED.classes, SURE[:n], SUGGESTED.reach[:n])
        outcomes.take("label", *given)
        assert outcomes.corrected(of_these, NOTHING[:n]) is of_these
    outcomes.take("label", *given)
    assert outcomes.corrected(of_these, NOTHING[:n]).confidence.max() < 0.9, "what is suggested for these counts again"
