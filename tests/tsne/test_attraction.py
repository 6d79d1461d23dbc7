"""Attraction along padded rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.attraction import attract, padded


def random_affinities(n: int, density: float) -> sp.csr_matrix:
    return sp.random(n, n, density=density, format="csr", random_state=0, dtype=np.float64)


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize("n", [2, 17, 700])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_forces_are_the_sum_over_the_stored_pairs(n: int, d: int, dtype: type) -> None:
    P = random_affinities(n, 0.9)
    Y = np.random.default_rng(1).standard_normal((d, n))
    difference = Y[:, :, None] - Y[:, None, :]
    expected = (P.toarray() / (1 + (difference**2).sum(axis=0)) * difference).sum(axis=2)
    wide = padded(P.astype(dtype))
    forces: NDArray[np.floating[Any]] = np.empty((d, n), dtype=dtype)
    attract(wide.indptr, wide.indices, wide.data, Y.astype(dtype), forces)
    assert np.allclose(forces, expected, rtol=1e-4 if dtype == np.float32 else 1e-12, atol=1e-5)


def test_padding_keeps_the_matrix() -> None:
    P = random_affinities(50, 0.3)
    wide = padded(P)
    assert (np.diff(wide.indptr) % 16 == 0).all()
    assert np.array_equal(wide.toarray(), P.toarray())


def test_rows_that_are_not_padded_are_refused() -> None:
    P = random_affinities(50, 0.3).astype(np.float32)
    with pytest.raises(ValueError, match="not filled up"):
        attract(P.indptr, P.indices, P.data, np.zeros((3, 50), dtype=np.float32), np.zeros((3, 50), dtype=np.float32))
