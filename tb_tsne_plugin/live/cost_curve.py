"""The cost over the epochs, for a curve of bounded length."""

from __future__ import annotations

import math

EVERY = 50
"""Epochs between two points: the cost takes about as long as an epoch."""
MAX_POINTS = 400


class CostCurve:
    """Points (epoch, cost); every other one is dropped when they become too many."""

    def __init__(self, points: tuple[tuple[int, float], ...] = ()) -> None:
        """Goes on from points."""
        self.points = points

    def add(self, epoch: int, cost: float) -> None:
        """Adds a point; a cost that is not finite is none."""
        if not math.isfinite(cost):
            return
        self.points = (*self.points, (epoch, round(cost, 5)))
        if len(self.points) > MAX_POINTS:
            self.points = self.points[::2]
