"""Algorithm 1 as the paper prints it, in plain Python: slow, and as literal as its open questions allow.

Open questions are answered as in docs/algorithm.md, section 6: the focus must be unlabelled, l_i means l_v once v is
chosen, v gets its own label, k = "focus only" is allowed, and the lowest index and the smallest k win ties.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

Positions = list[list[float]]


class Cell:
    """A cell of the octree: the first sample to reach it is its anchor."""

    def __init__(self, anchor: int, middle: list[float], edge: float) -> None:
        self.anchor, self.middle, self.edge = anchor, middle, edge
        self.samples = [anchor]
        self.children: dict[tuple[bool, ...], Cell] = {}


def octtree(y: Positions) -> Cell:
    axes = range(len(y[0]))
    low, high = [min(p[a] for p in y) for a in axes], [max(p[a] for p in y) for a in axes]
    root = Cell(0, [(low[a] + high[a]) / 2 for a in axes], max(high[a] - low[a] for a in axes))
    for i in range(1, len(y)):
        cell = root
        while True:
            cell.samples.append(i)
            octant = tuple(y[i][a] > cell.middle[a] for a in axes)
            if octant not in cell.children:
                middle = [cell.middle[a] + (cell.edge / 4 if octant[a] else -cell.edge / 4) for a in axes]
                cell.children[octant] = Cell(i, middle, cell.edge / 2)
                break
            cell = cell.children[octant]
    return root


def entered(cell: Cell, y: Positions, i: int, theta: float) -> bool:
    center = [sum(y[j][a] for j in cell.samples) / len(cell.samples) for a in range(len(y[i]))]
    distance = math.sqrt(sum((y[i][a] - center[a]) ** 2 for a in range(len(center))))
    return distance == 0 or cell.edge / distance > theta


def squared_distance(a: list[float], b: list[float]) -> float:
    total = 0.0
    for x, y in zip(a, b, strict=True):
        total += (x - y) ** 2
    return total


def annotate(
    S: Callable[[list[int]], Positions],
    l: list[int],  # noqa: E741
    s: int,
    theta: float = 0.8,
) -> tuple[list[tuple[Any, ...]], list[int]]:
    """Returns the actions (epoch, kind, focus, k, rows) and the labels, given the t-SNE process S and truth l."""
    N = len(l)
    c = [-1] * N
    record: list[tuple[Any, ...]] = []
    e = s
    while -1 in c:
        y = S(c)
        T = octtree(y)
        n = []
        for i in range(N):
            n_i = 0
            M, m = [T], 0
            while m < len(M):
                z = M[m]
                m += 1
                if entered(z, y, i, theta):
                    if z.anchor != i and c[z.anchor] == -1 and l[z.anchor] == l[i]:
                        n_i += 1
                    M += list(z.children.values())
            n.append(n_i)
        v = max((i for i in range(N) if c[i] == -1), key=lambda i: (n[i], -i))
        W = sorted((j for j in range(N) if j != v), key=lambda j: (squared_distance(y[j], y[v]), j))
        labels = actions = 1
        h = [labels / actions]
        for k in range(1, len(W) + 1):
            j = W[k - 1]
            if k == 1:
                actions += 1
            if c[j] == -1:
                if l[j] == l[v]:
                    labels += 1
                else:
                    actions += 1
            h.append(labels / actions)
        k = h.index(max(h))
        group = [j for j in W[:k] if c[j] == -1 and l[j] == l[v]]
        wrong = [j for j in W[:k] if c[j] == -1 and l[j] != l[v]]
        record.append((e, "focus", v, 0, (v,)))
        if k > 0:
            record.append((e, "size", v, k, tuple(group)))
        record += [(e, "deselect", v, k, (j,)) for j in wrong]
        for j in [v, *group]:
            assert c[j] == -1
            c[j] = l[v]
        e += 1
    return record, c
