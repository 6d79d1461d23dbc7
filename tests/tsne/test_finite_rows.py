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


def test_others_can_be_left_out_and_are_told_of_by_nobody() -> None:
    X = features(6, [1])
    finite = FiniteRows(X)
    rows = finite.without(np.array([False, True, True, False, False, True]))
    assert rows.embedded.tolist() == [0, 3, 4]
    assert rows.note == finite.note
    assert np.array_equal(rows.of(X), X[[0, 3, 4]])
    assert rows.places(np.array([2, 3]))[0].tolist() == [1]
    everything = rows.spread(np.full((2, 3), 4.0, dtype=np.float32))
    edge = pytest.approx(-4 * 2**0.5)
    assert everything[0].tolist() == [4.0, pytest.approx(-5.2), edge, 4.0, 4.0, edge]
    assert finite.embedded.tolist() == [0, 2, 3, 4, 5], "it stays as it was"
    again = rows.without(np.zeros(6, dtype=bool))
    assert again.embedded.tolist() == [0, 2, 3, 4, 5], "what was left out can be embedded again"


def test_however_many_are_left_out_the_picture_is_no_larger() -> None:
    positions = np.random.default_rng(0).normal(size=(3, 500)).astype(np.float32)
    rows = FiniteRows(np.zeros((1000, 2), dtype=np.float32)).without(np.arange(1000) % 2 == 1)
    before, after = (np.quantile(np.linalg.norm(each, axis=0), 0.99) for each in (positions, rows.spread(positions)))
    assert after <= before


def test_no_samples_are_no_trouble() -> None:
    assert FiniteRows(np.zeros((0, 3), dtype=np.float32)).count == 0
    nobody = FiniteRows(np.zeros((4, 3), dtype=np.float32)).without(np.ones(4, dtype=bool))
    assert not nobody.spread(np.zeros((2, 0), dtype=np.float32)).any()
