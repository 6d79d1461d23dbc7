"""Labels as a worker hears of them."""

from __future__ import annotations

import numpy as np

from tb_tsne_plugin.live.protocol import SetLabels
from tb_tsne_plugin.live.received_labels import ReceivedLabels


def command(rows: list[int], labels: list[int], revision: int, *, reset: bool = False) -> SetLabels:
    return SetLabels(column="label", revision=revision, rows=tuple(rows), labels=tuple(labels), reset=reset)


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
