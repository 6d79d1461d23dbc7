"""Labelled features of the tests' own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def clustered(n: int, seed: int, classes: int = 3, width: int = 6) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Features in groups, and classes that a tenth of the samples do not share with their group."""
    random = np.random.default_rng(seed)
    groups = random.integers(0, classes, n)
    features = random.standard_normal((n, width)) + 2.0 * random.standard_normal((classes, width))[groups]
    truth = np.where(random.random(n) < 0.1, random.integers(0, classes, n), groups)
    return features.astype(np.float32), truth.astype(np.int32)
