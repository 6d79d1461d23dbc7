"""Samples whose features are not finite stand aside."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from tb_tsne_plugin.tsne.finite_rows import CHUNK, FiniteRows


def features(n: int, broken: list[int]) -> npt.NDArray[np.float32]:
    found = np.ones((n, 3), dtype=np.float32)
    found[broken, np.arange(len(broken)) % 3] = [np.nan, np.inf, -np.inf][: len(broken)] or 0
    return found


def test_where_all_are_finite_nothing_is_copied() -> None:
    X = features(5, [])
    rows = FiniteRows(X)
    assert rows.of(X) is X
    positions = np.zeros((2, 5), dtype=np.float32)
    assert rows.spread(positions) is positions
    assert rows.note is None


def test_the_others_are_found_in_every_chunk_and_put_aside() -> None:
    broken = [1, CHUNK, CHUNK + 2]
    rows = FiniteRows(features(CHUNK + 3, broken))
    assert rows.count == CHUNK
    assert set(range(CHUNK + 3)) - set(rows.embedded.tolist()) == set(broken)
    everything = rows.spread(np.full((2, CHUNK), 4.0, dtype=np.float32))
    assert everything[:, broken].tolist() == [[pytest.approx(-5.2)] * 3, [0.0] * 3]
    assert (everything[:, rows.embedded] == 4.0).all()
    assert rows.note is not None
    assert rows.note.startswith(f"3 samples have features that are not finite (rows 1, {CHUNK}, {CHUNK + 2}, counted")


def test_rows_have_places_among_the_embedded() -> None:
    rows = FiniteRows(features(5, [1]))
    places, embedded = rows.places(np.array([0, 1, 4]))
    assert places.tolist() == [0, 3]
    assert embedded.tolist() == [True, False, True]


def test_no_samples_are_no_trouble() -> None:
    assert FiniteRows(np.zeros((0, 3), dtype=np.float32)).count == 0
