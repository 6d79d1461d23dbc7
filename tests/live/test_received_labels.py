"""Labels as a worker hears of them."""

from __future__ import annotations

import msgspec
import numpy as np

from tb_tsne_plugin.guidance.states import SampleState
from tb_tsne_plugin.labels.model import STATES, Mark
from tb_tsne_plugin.live.protocol import SetLabels
from tb_tsne_plugin.live.received_labels import ReceivedLabels


def command(
    rows: list[int], labels: list[int], revision: int, states: list[int] | None = None, *, reset: bool = False
) -> SetLabels:
    return SetLabels(
        column="label",
        revision=revision,
        rows=tuple(rows),
        labels=tuple(labels),
        states=tuple(states or [int(label >= 0) for label in labels]),
        reset=reset,
    )


def test_changes_are_told_apart_from_repetitions() -> None:
    labels = ReceivedLabels(5, "label")
    assert labels.take(command([1, 3], [7, 8], 1)).tolist() == [1, 3]
    assert labels.take(command([1, 3, 4], [7, 9, 7], 2)).tolist() == [3, 4]
    assert labels.values.tolist() == [-1, 7, -1, 9, 7]
    assert labels.batches.tolist() == [-1, 1, -1, 2, 2]
    assert labels.labeled.tolist() == [1, 3, 4]
    assert labels.take(command([], [], 3)).tolist() == []
    assert labels.revision == 3


def test_a_reset_clears_what_it_does_not_name() -> None:
    labels = ReceivedLabels(3, "label")
    labels.take(command([0, 1], [7, 8], 4))
    assert labels.take(command([1], [8], 1, reset=True)).tolist() == [0]
    assert labels.values.tolist() == [-1, 8, -1]
    assert labels.states.tolist() == [0, 1, 0]


def test_all_labels_at_once_keep_what_was_given_together() -> None:
    labels = ReceivedLabels(4, "label")
    labels.take(command([0], [7], 1))
    labels.take(msgspec.structs.replace(command([0, 1, 3], [7, 7, 8], 9, reset=True), batches=(2, 2, -1)))
    assert labels.batches.tolist() == [2, 2, -1, -1]
    labels.take(command([2], [8], 10))
    assert labels.batches.tolist() == [2, 2, 10, -1]


def test_a_state_alone_is_no_news_for_the_embedding() -> None:
    labels = ReceivedLabels(3, "label")
    labels.take(command([0, 1], [7, 8], 1))
    before = labels.states
    assert labels.take(command([0, 2], [7, -1], 2, [SampleState.VERIFIED, SampleState.UNSURE])).tolist() == []
    assert labels.states.tolist() == [3, 1, 4]
    assert labels.batches.tolist() == [1, 1, -1]
    assert before.tolist() == [1, 1, 0]


def test_what_is_ignored_loses_the_label_that_a_checkpoint_had() -> None:
    labels = ReceivedLabels(2, "label")
    labels.restore(np.array([7, 7], dtype=np.int32), 4)
    assert labels.states.tolist() == [1, 1]
    assert labels.take(command([0, 1], [7, -1], 5, [1, SampleState.IGNORED], reset=True)).tolist() == [1]
    assert (labels.values.tolist(), labels.states.tolist()) == ([7, -1], [1, 5])


def test_what_is_ignored_may_be_known_before_labels_are() -> None:
    labels = ReceivedLabels(3, "label", [0, 2])
    labels.restore(np.array([7, 7, -1], dtype=np.int32), 4)
    assert labels.is_ignored.tolist() == [False, False, True], "what has a label is not ignored"
    assert labels.take(command([0, 1], [7, 7], 5, reset=True)).tolist() == []
    assert not labels.is_ignored.any()


def test_states_are_those_of_the_label_store() -> None:
    assert [state.name.lower() for state in SampleState] == list(STATES)
    assert [state.value for state in SampleState] == [Mark(None, state).number for state in STATES]


def test_arrays_that_somebody_looks_at_do_not_change() -> None:
    labels = ReceivedLabels(3, "label")
    values, batches = labels.values, labels.batches
    labels.take(command([0], [7], 1))
    assert (values == -1).all()
    assert (batches == -1).all()


def test_what_a_checkpoint_had_is_no_news() -> None:
    labels, kept = ReceivedLabels(3, "label"), np.array([7, -1, -1], dtype=np.int32)
    labels.restore(kept, 4)
    assert labels.take(command([0], [7], 4, reset=True)).tolist() == []
    kept[0] = 5
    assert labels.values[0] == 7
