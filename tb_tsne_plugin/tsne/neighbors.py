"""Exact nearest neighbours by blocks: one BLAS product for each pair of blocks, used for its rows and its columns."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.kernel import inner, kernel

BLOCK = 2048
_CHUNK = 64
_FAR = np.float32(3e38)


@inner
def _insert(distances, rows, d, row):  # type: ignore[no-untyped-def]
    """Puts a candidate into ascending lists whose last entry it beats."""
    k = len(distances) - 1
    while k > 0 and distances[k - 1] > d:
        distances[k], rows[k] = distances[k - 1], rows[k - 1]
        k -= 1
    distances[k], rows[k] = d, row


@inner
def _hits_in_row(row, norms, begin, stop, first, limit):  # type: ignore[no-untyped-def]
    """How many of a chunk a row would take: mostly none, and SIMD tells at once (an int32 count is what LLVM needs)."""
    products, own = row[begin:stop], norms[first + begin : first + stop]
    hits = np.int32(0)
    for c in range(len(products)):
        hits += np.int32(own[c] - np.float32(2) * products[c] < limit)
    return hits


@inner
def _hits_in_columns(row, begin, stop, norm, limits):  # type: ignore[no-untyped-def]
    products, own = row[begin:stop], limits[: stop - begin]
    hits = np.int32(0)
    for c in range(len(products)):
        hits += np.int32(norm - np.float32(2) * products[c] < own[c])
    return hits


@kernel
def _take_rows(products, norms, first, first_other, distances, rows):  # type: ignore[no-untyped-def]
    """Offers the columns of a block of products to its rows."""
    n, m = products.shape
    for r in numba.prange(n):
        i = first + r
        row, found, found_rows = products[r], distances[i], rows[i]
        for begin in range(0, m, _CHUNK):
            stop = min(begin + _CHUNK, m)
            if _hits_in_row(row, norms, begin, stop, first_other, found[-1]) > 0:
                for c in range(begin, stop):
                    d = norms[first_other + c] - np.float32(2) * row[c]
                    if d < found[-1] and first_other + c != i:
                        _insert(found, found_rows, d, first_other + c)


@kernel
def _take_columns(products, norms, first, first_other, distances, rows):  # type: ignore[no-untyped-def]
    """Offers the rows of a block of products to its columns."""
    n, m = products.shape
    for chunk in numba.prange((m + _CHUNK - 1) // _CHUNK):
        begin, stop = chunk * _CHUNK, min(chunk * _CHUNK + _CHUNK, m)
        limits = distances[first_other + begin : first_other + stop, -1].copy()
        for r in range(n):
            row, norm = products[r], norms[first + r]
            if _hits_in_columns(row, begin, stop, norm, limits) > 0:
                for c in range(begin, stop):
                    d = norm - np.float32(2) * row[c]
                    if d < limits[c - begin]:
                        j = first_other + c
                        _insert(distances[j], rows[j], d, first + r)
                        limits[c - begin] = distances[j, -1]


@kernel
def _measure(features, rows):  # type: ignore[no-untyped-def]
    """(N, k) distances of the rows found, from differences: products lose digits where points are close."""
    n, k = rows.shape
    distances = np.empty((n, k), dtype=np.float32)
    for i in numba.prange(n):
        for c in range(k):
            total = np.float32(0)
            a, b = features[i], features[rows[i, c]]
            for f in range(features.shape[1]):
                difference = a[f] - b[f]
                total += difference * difference
            distances[i, c] = np.sqrt(total)
    return distances


def nearest_neighbors(
    features: NDArray[np.float32], n_neighbors: int, metric: str = "euclidean"
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """The nearest other rows of every row.

    Args:
      features: (N, D) of moderate scale; centred, if the metric is euclidean, so that products lose no digits.
      n_neighbors: k < N.
      metric: "euclidean" or "cosine" (1 - cos; a row of zeros is at distance 1 from all rows that are none).

    Returns:
      (N, k) distances, ascending, and (N, k) row numbers.
    """
    if metric == "cosine":
        distances, rows = _nearest(_directions(features), n_neighbors)
        return 0.5 * distances**2, rows  # |a - b|^2 = 2 (1 - cos) for unit vectors
    return _nearest(np.ascontiguousarray(features), n_neighbors)


def _directions(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of unit length; zeros point along an axis of their own."""
    norms = np.linalg.norm(features, axis=1, keepdims=True)
    unit = features / np.where(norms > 0, norms, 1)
    return np.ascontiguousarray(np.hstack([unit, norms == 0]) if not norms.all() else unit, dtype=np.float32)


def _nearest(features: NDArray[np.float32], n_neighbors: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    n = len(features)
    norms = np.einsum("ij,ij->i", features, features)
    distances = np.full((n, n_neighbors), _FAR)
    rows = np.full((n, n_neighbors), np.int32(-1))
    for a in range(0, n, BLOCK):
        for b in range(a, n, BLOCK):
            products = features[a : a + BLOCK] @ features[b : b + BLOCK].T
            _take_rows(products, norms, a, b, distances, rows)
            if b > a:
                _take_columns(products, norms, a, b, distances, rows)
    measured = _measure(features, rows)
    order = np.argsort(measured, axis=1, kind="stable")
    return np.take_along_axis(measured, order, axis=1), np.take_along_axis(rows, order, axis=1)
