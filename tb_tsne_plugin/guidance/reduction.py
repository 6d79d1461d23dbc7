"""Few samples in place of very many: the walk along the neighbourhoods, looked at only when it comes to one of them.

A random sample is kept. From every other one a walker goes on until it meets a kept one; where it does so is what it
is carried by. What a walk among the kept ones finds is carried to all others that way, at a cost that hardly grows with
how many they are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.graph import N_NEIGHBORS, Graph, graph_of
from tb_tsne_plugin.tsne.kernel import inner

CARRIERS = 8
STEPS = 4
"""So many steps a walker goes at most: nearly all meet a kept one by then, even if one in fifty is kept."""


class Reduction(NamedTuple):
    """A walk among some samples, and how it is carried to all."""

    rows: NDArray[np.int64]  # (m,) the kept samples, ascending
    graph: Graph  # the walk among them
    carriers: NDArray[np.int32]  # (N, k) places in `rows` where a walker from each sample arrives first; -1 for none
    shares: NDArray[np.float32]  # (N, k) how often; every row sums to 1, or to 0 where none arrives

    @property
    def kept_share(self) -> float:
        """The share that is kept, m / N."""
        return len(self.rows) / max(len(self.carriers), 1)

    def gathered(self, rows: NDArray[np.integer], columns: NDArray[np.integer], n_columns: int) -> NDArray[np.float32]:
        """(m, C) one for each of some samples, in its column, shared out to its carriers.

        Args:
          rows: (n,) samples.
          columns: (n,) from 0 to C - 1.
          n_columns: C.
        """
        carriers, shares = self.carriers[rows], self.shares[rows]
        known = carriers >= 0
        places = (carriers.astype(np.int64) * n_columns + np.asarray(columns)[:, None])[known]
        found = np.bincount(places, shares[known], minlength=len(self.rows) * n_columns)
        return found.reshape(len(self.rows), n_columns).astype(np.float32)

    def carried(self, values: NDArray[np.float32], factor: float = 1.0) -> NDArray[np.float32]:
        """(N, C) what (m, C) values of the kept samples say of all, times a factor."""
        values = np.ascontiguousarray(values, dtype=np.float32)
        return np.asarray(_carry(values, self.carriers, self.shares, np.float32(factor)))

    def majorities(self, numbers: NDArray[np.integer]) -> NDArray[np.int32]:
        """(N,) the number that most of each sample's carriers have, of (m,); -1 where it has none."""
        return np.asarray(_majorities(np.asarray(numbers, dtype=np.int32), self.carriers, self.shares))


def reduce_graph(graph: Graph, P: sp.csr_matrix, n_kept: int, random_state: int = 0) -> Reduction:
    """Keeps a random sample.

    Args:
      graph: Of the features.
      P: (N, N) the affinities that it was built of: links among few samples are found in all of these.
      n_kept: m, at most N.
      random_state: Seed.

    Returns:
      The reduction.
    """
    n = P.shape[0]
    kept = np.sort(np.random.default_rng(random_state).choice(n, n_kept, replace=False))
    place = np.full(n, -1, dtype=np.int32)
    place[kept] = np.arange(n_kept, dtype=np.int32)
    carriers, shares = np.full((n, CARRIERS), -1, dtype=np.int32), np.zeros((n, CARRIERS), dtype=np.float32)
    for _ in range(STEPS):
        carriers, shares = _a_step_further(graph.indptr, graph.indices, graph.steps, place, carriers, shares, n_kept)
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    others, values = _links(kept, P.indptr, P.indices, P.data, place, carriers, shares, N_NEIGHBORS)
    is_link = others >= 0
    indptr = np.concatenate([[0], np.cumsum(is_link.sum(axis=1))])
    links = sp.csr_matrix((values[is_link], others[is_link], indptr), shape=(n_kept, n_kept))
    none = np.zeros((n_kept, 0), dtype=np.float32)
    return Reduction(kept, graph_of(links, none.astype(np.int32), none), carriers, shares)


@inner
def _arrivals(i, indptr, indices, data, place, carriers, shares, mass, met):  # type: ignore[no-untyped-def]
    """Adds to `mass` where a walker from row i arrives, and tells in how many places, which `met` lists."""
    count, total = 0, np.float32(0)
    for link in range(indptr[i], indptr[i + 1]):
        total += data[link]
    if total <= 0:
        return 0
    for link in range(indptr[i], indptr[i + 1]):
        j, step = indices[link], data[link] / total
        own = place[j] >= 0
        for k in range(1 if own else carriers.shape[1]):
            other = place[j] if own else carriers[j, k]
            more = step if own else step * shares[j, k]
            if more <= 0:
                break
            if mass[other] == 0:
                met[count] = other
                count += 1
            mass[other] += more
    return count


@inner
def _take_most(mass, met, count, places, values):  # type: ignore[no-untyped-def]
    """The places with most mass, most first, which is taken from them."""
    most = len(places)
    found = 0
    for number in range(count):
        other = met[number]
        value, mass[other] = mass[other], np.float32(0)
        if found == most and value <= values[most - 1]:
            continue
        k = min(found, most - 1)
        while k > 0 and values[k - 1] < value:
            values[k], places[k] = values[k - 1], places[k - 1]
            k -= 1
        values[k], places[k] = value, other
        found = min(found + 1, most)
    places[found:] = -1
    values[found:] = np.float32(0)


@inner
def _a_step_further(indptr, indices, data, place, carriers, shares, n_kept):  # type: ignore[no-untyped-def]
    found, found_shares = np.empty_like(carriers), np.empty_like(shares)
    mass, met = np.zeros(n_kept, dtype=np.float32), np.empty(n_kept, dtype=np.int32)
    for i in range(len(place)):
        count = 0
        if place[i] >= 0:
            mass[place[i]], met[0], count = np.float32(1), place[i], 1
        else:
            count = _arrivals(i, indptr, indices, data, place, carriers, shares, mass, met)
        _take_most(mass, met, count, found[i], found_shares[i])
    return found, found_shares


@inner
def _links(kept, indptr, indices, data, place, carriers, shares, most):  # type: ignore[no-untyped-def]
    n_kept = len(kept)
    others, values = np.empty((n_kept, most), dtype=np.int32), np.empty((n_kept, most), dtype=np.float32)
    mass, met = np.zeros(n_kept, dtype=np.float32), np.empty(n_kept, dtype=np.int32)
    for a in range(n_kept):
        i = kept[a]
        count = _arrivals(i, indptr, indices, data, place, carriers, shares, mass, met)
        for number in range(count):
            if met[number] == a:  # a walker that comes back has gone nowhere
                mass[a], met[number] = np.float32(0), met[count - 1]
                count -= 1
                break
        _take_most(mass, met, count, others[a], values[a])
        total = np.float32(0)
        for link in range(indptr[i], indptr[i + 1]):
            total += data[link]
        values[a] *= total  # what is symmetric: a similarity, and no chance
    return others, values


@inner
def _carry(values, carriers, shares, factor):  # type: ignore[no-untyped-def]
    n, width = len(carriers), values.shape[1]
    found = np.zeros((n, width), dtype=np.float32)
    for i in range(n):
        row = found[i]
        for k in range(carriers.shape[1]):
            if carriers[i, k] < 0:
                break
            share, other = factor * shares[i, k], values[carriers[i, k]]
            for c in range(width):
                row[c] += share * other[c]
    return found


@inner
def _majorities(numbers, carriers, shares):  # type: ignore[no-untyped-def]
    n = len(carriers)
    found = np.full(n, np.int32(-1))
    for i in range(n):
        most = np.float32(0)
        for k in range(carriers.shape[1]):
            if carriers[i, k] < 0:
                break
            number, total = numbers[carriers[i, k]], np.float32(0)
            for other in range(carriers.shape[1]):
                if carriers[i, other] >= 0 and numbers[carriers[i, other]] == number:
                    total += shares[i, other]
            if total > most:
                most, found[i] = total, number
    return found
