"""The neighbourhoods of the features, which the t-SNE has found already; along them labels and needs spread."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.tsne.kernel import inner

N_NEIGHBORS = 15
NEGLIGIBLE = np.float32(1e-6)


class Graph(NamedTuple):
    """A walk from sample to sample: row i holds the chances of its next step, from i to its neighbours."""

    neighbors: NDArray[np.int32]  # (N, k) the most similar rows, most similar first
    similarities: NDArray[np.float32]  # (N, k) p_ij, as a share of the largest in the row
    indptr: NDArray[np.int32]  # (N + 1,) CSR of the symmetrised p_ij of neighbours, every row summing to 1
    indices: NDArray[np.int32]
    steps: NDArray[np.float32]
    degrees: NDArray[np.float32]  # (N,) what those rows summed to before, in their mean: large where samples are dense

    @property
    def n_samples(self) -> int:
        """N."""
        return len(self.neighbors)


def build_graph(P: sp.csr_matrix, n_neighbors: int = N_NEIGHBORS) -> Graph:
    """The graph of the t-SNE's affinities, each sample's strongest only.

    Args:
      P: (N, N) symmetric similarities p_ij.
      n_neighbors: k; fewer where a sample has fewer.

    Returns:
      The graph.
    """
    n = P.shape[0]
    k = int(min(n_neighbors, np.diff(P.indptr).min(initial=n_neighbors)))
    neighbors, values = _strongest(P.indptr, P.indices, P.data, k)
    links = sp.csr_matrix((values.ravel(), neighbors.ravel(), np.arange(n + 1) * k), shape=(n, n))
    largest = np.maximum(values.max(axis=1, initial=0.0), np.finfo(np.float32).tiny)[:, None]
    return graph_of(links, neighbors, values / largest)


def graph_of(links: sp.csr_matrix, neighbors: NDArray[np.int32], similarities: NDArray[np.float32]) -> Graph:
    """The graph in which every link leads both ways.

    Args:
      links: (N, N) similarities, from each sample to some others.
      neighbors: (N, k) as in the graph.
      similarities: (N, k) as in the graph.
    """
    links = sp.csr_matrix(links + links.T)
    degrees = np.asarray(links.sum(axis=1), dtype=np.float64).ravel()
    degrees[degrees == 0] = 1.0
    steps = links.data / np.repeat(degrees, np.diff(links.indptr))
    # One index type whatever scipy chose: kernels are compiled, and cached, for a type.
    indptr, indices = links.indptr.astype(np.int32), links.indices.astype(np.int32)
    scaled = (degrees / degrees.mean() if len(degrees) else degrees).astype(np.float32)
    return Graph(neighbors, similarities, indptr, indices, steps.astype(np.float32), scaled)


@inner
def _strongest(indptr, indices, data, k):  # type: ignore[no-untyped-def]
    n = len(indptr) - 1
    neighbors, values = np.empty((n, k), dtype=np.int32), np.empty((n, k), dtype=np.float32)
    for i in range(n):
        row = data[indptr[i] : indptr[i + 1]]
        order = np.argsort(-row, kind="mergesort")
        for place in range(k):
            neighbors[i, place] = indices[indptr[i] + order[place]]
            values[i, place] = row[order[place]]
    return neighbors, values


@inner
def _spread(indptr, indices, steps, values, damping, n_steps):  # type: ignore[no-untyped-def]
    n, width = values.shape
    now, after = values.copy(), np.empty_like(values)
    for _ in range(n_steps):
        for i in range(n):
            row = after[i]
            row[:] = np.float32(0)
            for place in range(indptr[i], indptr[i + 1]):
                step, other = steps[place], now[indices[place]]
                for c in range(width):
                    row[c] += step * other[c]
            for c in range(width):
                row[c] = damping * row[c] + values[i, c]
        now, after = after, now
    for i in range(n):
        for c in range(width):
            now[i, c] *= np.float32(1) - damping
    return now


def spread(graph: Graph, values: NDArray[np.float32], damping: float, n_steps: int) -> NDArray[np.float32]:
    """What a walker starting at each sample meets: (1 - damping) sum_t damping^t T^t values, up to t = n_steps.

    Serial, and without Python's lock: it runs beside the t-SNE.

    Args:
      graph: The walk T.
      values: (N, C).
      damping: Chance of going on, in (0, 1).
      n_steps: Where the sum is cut off.

    Returns:
      (N, C).
    """
    values = np.ascontiguousarray(values, dtype=np.float32)
    return np.asarray(_spread(graph.indptr, graph.indices, graph.steps, values, np.float32(damping), n_steps))


@inner
def _walk_from(indptr, indices, steps, degrees, start, damping, n_steps, negligible):  # type: ignore[no-untyped-def]
    n = len(degrees)
    total, now, after = np.zeros(n, dtype=np.float32), np.zeros(n, dtype=np.float32), np.zeros(n, dtype=np.float32)
    here, there = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    here[0], count = start, 1
    now[start] = np.float32(1) - damping
    for step in range(n_steps + 1):
        reached = 0
        for place in range(count):
            i = here[place]
            mass, now[i] = now[i], np.float32(0)
            total[i] += mass
            if step == n_steps or mass < negligible:
                continue
            for link in range(indptr[i], indptr[i + 1]):
                j = indices[link]
                if after[j] == 0:
                    there[reached] = j
                    reached += 1
                after[j] += damping * mass * steps[link]
        now, after, here, there, count = after, now, there, here, reached
    for j in range(n):
        total[j] *= degrees[start] / degrees[j]
    return total


def arriving_from(graph: Graph, start: int, damping: float, n_steps: int) -> NDArray[np.float32]:
    """What `spread` would bring to every sample from one: a column of its matrix, walked only where it matters.

    Args:
      graph: The walk T.
      start: A row.
      damping: Chance of going on, in (0, 1).
      n_steps: Steps at most.

    Returns:
      (N,), short of `spread` by what walkers less likely than `NEGLIGIBLE` would have added.
    """
    walk = (graph.indptr, graph.indices, graph.steps, graph.degrees)
    return np.asarray(_walk_from(*walk, start, np.float32(damping), n_steps, NEGLIGIBLE))


@inner
def _add_next_to(indptr, indices, steps, degrees, rows, columns, values):  # type: ignore[no-untyped-def]
    for number in range(len(rows)):
        i, column = rows[number], columns[number]
        for link in range(indptr[i], indptr[i + 1]):
            j = indices[link]
            # The walk is reversible: a step from j to i is one from i to j, times the ratio of their degrees.
            values[j, column] += steps[link] * degrees[i] / degrees[j]


def add_next_to(
    graph: Graph, rows: NDArray[np.integer], columns: NDArray[np.integer], values: NDArray[np.float32]
) -> None:
    """Adds what a single step of the walk from each sample meets.

    Args:
      graph: The walk.
      rows: (n,) samples that have one to be met …
      columns: (n,) … in this column.
      values: (N, C) is added to.
    """
    at = (np.asarray(rows, dtype=np.int64), np.asarray(columns, dtype=np.int64))
    _add_next_to(graph.indptr, graph.indices, graph.steps, graph.degrees, *at, values)
