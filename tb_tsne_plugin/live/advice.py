"""What the worker advises, as TensorBoard's side keeps it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Advice(NamedTuple):
    """The newest prospects and suggestions."""

    number: int
    """Counts advices from 1."""
    epoch: int
    column: str
    """The label column it is about."""
    revision: int
    """That column's revision."""
    prospects: list[dict[str, Any]]
    """Best first: `focus` and `rows` (row numbers), `belongs`, `k`, `label`, `confidence`, `gain`."""
    labels: NDArray[np.int32]
    """(N,) the most probable class of every sample; -1 where there is none."""
    percent: NDArray[np.int32]
    """(N,) its probability, from 0 to 100."""


class Doubts(NamedTuple):
    """The labels to verify."""

    column: str
    revision: int
    doubts: list[dict[str, Any]]
    """Most doubtful first: as `guidance.doubtful.Doubt`."""


def advice_of(event: dict[str, Any], folder: Path) -> Advice:
    """The advice that an event tells of; removes the file that came with it."""
    path = folder / event["file"]
    labels, percent = np.load(path)
    path.unlink()
    number, epoch, prospects = event["number"], event["epoch"], event["prospects"]
    return Advice(number, epoch, event["column"], event["revision"], prospects, labels, percent)
