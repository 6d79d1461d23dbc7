"""The classifier that remembers: what it keeps between labels changes nothing but the time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.components import unit_rows
from tb_tsne_plugin.guidance.kernel import PENALTY, Kernel


def written_out(
    inputs: NDArray[np.floating], rows: NDArray[np.int64], columns: NDArray[np.int64], n: int
) -> NDArray[np.float64]:
    unit = unit_rows(inputs).astype(np.float64)
    likeness = np.exp(unit @ unit.T - 1.0)
    gram = likeness[np.ix_(rows, rows)] + PENALTY * np.eye(len(rows))
    return np.asarray(likeness[:, rows] @ np.linalg.solve(gram, np.eye(n)[columns] - 1 / n))


def test_labels_that_come_in_pieces_change_and_go_give_the_same_scores() -> None:
    random = np.random.default_rng(0)
    inputs, truth = random.standard_normal((80, 6)).astype(np.float32), random.integers(0, 3, 80)
    kernel, order = Kernel(inputs), random.permutation(80)
    for rows, classes in (
        (np.sort(order[:5]), truth),
        (np.sort(order[:30]), truth),
        (np.sort(order[:30]), (truth + 1) % 3),  # renamed
        (np.sort(order[10:60]), truth),  # some taken back
        (np.arange(80), truth),
    ):
        found = kernel.scores(rows, classes[rows], 3)
        np.testing.assert_allclose(found, written_out(inputs, rows, classes[rows], 3), atol=1e-4)
        np.testing.assert_allclose(kernel.fit(rows, classes[rows], 3).scores(inputs), found, atol=1e-4)


def test_left_out_scores_are_those_of_the_others() -> None:
    random = np.random.default_rng(1)
    inputs, truth = random.standard_normal((40, 6)).astype(np.float32), random.integers(0, 3, 40)
    rows = np.flatnonzero(np.arange(40) % 3)
    found = Kernel(inputs).left_out_scores(rows, truth[rows], 3)
    for place, row in enumerate(rows):
        rest = rows[rows != row]
        np.testing.assert_allclose(found[place], written_out(inputs, rest, truth[rest], 3)[row], atol=1e-4)


def test_too_many_labels_are_not_taken() -> None:
    kernel = Kernel(np.zeros((20_000, 2), np.float32))
    assert kernel.takes(1_000)
    assert not kernel.takes(2_000)
    assert not Kernel(np.zeros((4_000, 2), np.float32)).takes(3_500)
