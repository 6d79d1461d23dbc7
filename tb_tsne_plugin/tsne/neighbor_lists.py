"""Lists of the nearest rows found so far, and how blocks of dot products are offered to them."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.kernel import inner, kernel

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


@inner
def _offer_columns_to(r, products, norms, first, first_other, distances, rows):  # type: ignore[no-untyped-def]
    i, m = first + r, products.shape[1]
    row, found, found_rows = products[r], distances[i], rows[i]
    for begin in range(0, m, _CHUNK):
        stop = min(begin + _CHUNK, m)
        if _hits_in_row(row, norms, begin, stop, first_other, found[-1]) > 0:
            for c in range(begin, stop):
                d = norms[first_other + c] - np.float32(2) * row[c]
                if d < found[-1] and first_other + c != i:
                    _insert(found, found_rows, d, first_other + c)


@kernel
def offer_columns(products, norms, first, first_other, distances, rows):  # type: ignore[no-untyped-def]
    """Offers the columns of a block of products to its rows.

    Args:
      products: (n, m) dot products of rows `first` ... with rows `first_other` ...
      norms: (N,) squared lengths.
      first: First row.
      first_other: First other row.
      distances: (N, k) squared distances less the row's own squared length, ascending; changed.
      rows: (N, k) the rows at these distances; changed.
    """
    for r in numba.prange(len(products)):
        _offer_columns_to(r, products, norms, first, first_other, distances, rows)


@inner
def offer_columns_serially(products, norms, first, first_other, distances, rows):  # type: ignore[no-untyped-def]
    """As `offer_columns`, for callers that have threads of their own."""
    for r in range(len(products)):
        _offer_columns_to(r, products, norms, first, first_other, distances, rows)


@kernel
def offer_rows(products, norms, first, first_other, distances, rows):  # type: ignore[no-untyped-def]
    """Offers the rows of a block of products to its columns; arguments as for `offer_columns`."""
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


@kernel
def _sort(distances, rows):  # type: ignore[no-untyped-def]
    """Sorts every row's list in place; equal distances keep their order."""
    n, k = rows.shape
    for i in numba.prange(n):
        d, r = distances[i], rows[i]
        for c in range(1, k):
            distance, row = d[c], r[c]
            place = c
            while place > 0 and d[place - 1] > distance:
                d[place], r[place] = d[place - 1], r[place - 1]
                place -= 1
            d[place], r[place] = distance, row


def empty_lists(n: int, n_neighbors: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """(n, k) distances and (n, k) rows of nobody."""
    return np.full((n, n_neighbors), _FAR), np.full((n, n_neighbors), np.int32(-1))


def squared_lengths(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N,) squared lengths of rows."""
    return np.asarray(np.einsum("ij,ij->i", features, features))


def ascending(features: NDArray[np.float32], rows: NDArray[np.int32]) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """The rows found, by distances measured anew.

    Args:
      features: (N, D).
      rows: (N, k).

    Returns:
      (N, k) distances, ascending, and (N, k) rows.
    """
    distances = _measure(features, rows)
    _sort(distances, rows)
    return distances, rows
