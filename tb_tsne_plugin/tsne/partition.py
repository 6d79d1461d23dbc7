"""Approximate nearest neighbours of very many samples, at a recall that is measured (docs/algorithm.md, section 1).

Samples are parted into cells round k-means centres. Every cell is compared with those cells nearest to it that together
hold nearly all true neighbours of a few samples, which are searched through exactly beforehand.
"""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from tb_tsne_plugin.tsne.kernel import available_threads
from tb_tsne_plugin.tsne.neighbor_lists import (
    ascending,
    empty_lists,
    offer_columns,
    offer_columns_serially,
    squared_lengths,
)

RECALL = 0.97
"""Share of the true neighbours that the cells compared must hold."""
CELL_SIZE = 512
"""Samples of an average cell: enough for BLAS, few enough to leave most others out."""
LARGEST_CELL = 4 * CELL_SIZE
WORTHWHILE = 0.3
"""Share of all pairs above which looking at all of them is as fast."""
_PROBES, _STARTING_PER_CELL, _TRAINING_PER_CELL, _ROUNDS, _BLOCK = 500, 4, 40, 8, 8192


def partitioned_neighbors(
    features: NDArray[np.float32], n_neighbors: int, recall: float = RECALL
) -> tuple[NDArray[np.float32], NDArray[np.int32]] | None:
    """Nearly all nearest neighbours of every row, or None where the features do not fall into cells.

    Args:
      features: (N, D), C-contiguous.
      n_neighbors: k < N.
      recall: Share of the true neighbours to be found at least, on the average.

    Returns:
      (N, k) distances, ascending, and (N, k) row numbers.
    """
    order, bounds, centers = _cells(features)
    placed = features[order]
    norms = squared_lengths(placed)
    ranked = _nearest_cells(centers)
    reach = _reach(placed, norms, bounds, ranked, n_neighbors, recall)
    if reach / len(centers) > WORTHWHILE:
        return None
    distances, rows = empty_lists(len(placed), n_neighbors)

    def search(cell: int) -> None:
        first, stop = int(bounds[cell]), int(bounds[cell + 1])
        for other in np.sort(ranked[cell, :reach]):
            products = placed[first:stop] @ placed[bounds[other] : bounds[other + 1]].T
            offer_columns_serially(products, norms, first, int(bounds[other]), distances, rows)

    # Cells, not the loops within them, are shared among the threads: BLAS and numba's own would wait for each other.
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(available_threads()) as pool:
        list(pool.map(search, range(len(centers))))
    if (rows < 0).any():  # the cells in reach of one hold fewer than k samples
        return None
    distances, rows = ascending(placed, rows)
    found_distances, found = np.empty_like(distances), np.empty_like(rows)
    found_distances[order], found[order] = distances, order[rows]
    return found_distances, found


def _cells(features: NDArray[np.float32]) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.float32]]:
    """The samples ordered by cell, (C + 1,) first places of the cells, and (C, D) centres."""
    from sklearn.cluster import KMeans, kmeans_plusplus
    from sklearn.exceptions import ConvergenceWarning

    n_cells = max(len(features) // CELL_SIZE, 1)
    sample = features[np.random.default_rng(0).permutation(len(features))[: _TRAINING_PER_CELL * n_cells]]
    start, _ = kmeans_plusplus(sample[: _STARTING_PER_CELL * n_cells], n_cells, random_state=0, n_local_trials=1)
    means = KMeans(n_cells, init=start, n_init=1, max_iter=_ROUNDS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct samples than cells: some stay empty
        cell = means.fit(sample).predict(features)
    counts = np.bincount(cell, minlength=n_cells)
    pieces = -(-counts // LARGEST_CELL)  # equal samples make cells of any size: those are cut, and lie side by side
    starts = [
        first + count * np.arange(many) // max(many, 1)
        for first, count, many in zip(np.cumsum(counts) - counts, counts, pieces, strict=True)
    ]
    bounds = np.concatenate([*starts, [len(features)]]).astype(np.int64)
    return np.argsort(cell, kind="stable").astype(np.int32), bounds, np.repeat(means.cluster_centers_, pieces, axis=0)


def _nearest_cells(centers: NDArray[np.float32]) -> NDArray[np.int32]:
    """(C, C) the cells by distance from each cell, itself first."""
    squares = squared_lengths(centers)
    distances = squares[None] - 2 * (centers @ centers.T)
    np.fill_diagonal(distances, -np.inf)
    return np.argsort(distances, axis=1, kind="stable").astype(np.int32)


def _reach(
    placed: NDArray[np.float32],
    norms: NDArray[np.float32],
    bounds: NDArray[np.int64],
    ranked: NDArray[np.int32],
    n_neighbors: int,
    recall: float,
) -> int:
    """How many of the nearest cells hold that share of the true neighbours of some samples."""
    n = len(placed)
    probes = np.sort(np.random.default_rng(1).permutation(n)[:_PROBES])
    # The probes stand before all others here, so that a block's columns can be offered to them.
    lengths = np.concatenate([norms[probes], norms])
    distances, rows = empty_lists(len(probes), n_neighbors + 1)
    for begin in range(0, n, _BLOCK):
        products = placed[probes] @ placed[begin : begin + _BLOCK].T
        offer_columns(products, lengths, 0, len(probes) + begin, distances, rows)
    cell_of = np.repeat(np.arange(len(ranked), dtype=np.int32), np.diff(bounds))
    true = cell_of[rows - len(probes)]
    own = ranked[cell_of[probes]]
    place = np.empty_like(own)
    np.put_along_axis(place, own, np.arange(own.shape[1], dtype=np.int32)[None], axis=1)
    needed = np.sort(np.take_along_axis(place, true, axis=1), axis=None)
    return int(needed[min(int(np.ceil(recall * needed.size)), needed.size - 1)]) + 1
