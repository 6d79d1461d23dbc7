"""The newest guidance, as TensorBoard's side keeps it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.live.protocol import CandidateRows, GuidanceFound


class SessionGuidance(NamedTuple):
    """Query candidates and suggestions, as a worker found them last."""

    number: int
    """Counts from 1."""
    epoch: int
    column: str
    """The label column it is about."""
    revision: int
    """That column's revision."""
    candidates: tuple[CandidateRows, ...]
    """Best first."""
    labels: NDArray[np.int32]
    """(N,) the most probable class of every sample; -1 where there is none."""
    percent: NDArray[np.uint8]
    """(N,) its probability, from 0 to 100."""


def guidance_of(event: GuidanceFound) -> SessionGuidance:
    """The guidance that an event tells of."""
    labels, percent = np.frombuffer(event.labels, dtype="<i4"), np.frombuffer(event.percent, dtype=np.uint8)
    return SessionGuidance(event.number, event.epoch, event.column, event.revision, event.candidates, labels, percent)
