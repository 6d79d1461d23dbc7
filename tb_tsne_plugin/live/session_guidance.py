"""The newest guidance, as TensorBoard's side keeps it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.live.protocol import CandidateRows, GuidanceFound, StepRow


class SessionGuidance(NamedTuple):
    """Query candidates, next steps and suggestions, as a worker found them last."""

    number: int
    """Counts from 1."""
    epoch: int
    column: str
    """The label column it is about."""
    revision: int
    """That column's revision."""
    candidates: tuple[CandidateRows, ...]
    """Best first."""
    steps: tuple[StepRow, ...]
    """Best first."""
    labels: NDArray[np.int32]
    """(N,) the most probable class of every sample; -1 where there is none."""
    second: NDArray[np.int32]
    """(N,) the second most probable one."""
    chances: NDArray[np.float32]
    """(N,) the probability of the most probable class, from 0 to 1."""


def guidance_of(event: GuidanceFound) -> SessionGuidance:
    """The guidance that an event tells of."""
    return SessionGuidance(
        event.number,
        event.epoch,
        event.column,
        event.revision,
        event.candidates,
        event.steps,
        np.frombuffer(event.labels, dtype="<i4"),
        np.frombuffer(event.second, dtype="<i4"),
        np.frombuffer(event.chances, dtype="<f4"),
    )
