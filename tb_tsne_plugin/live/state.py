"""What a session shows of itself."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from tb_tsne_plugin.live.company import LastChange
from tb_tsne_plugin.live.parameters import SessionParameters

SessionStatus: TypeAlias = Literal["starting", "compiling", "preparing", "running", "paused", "settled", "failed"]


class SessionState(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows of a session (docs/http_api.md, `GET session/state`)."""

    status: SessionStatus
    message: str | None
    """Why it failed, in a sentence."""
    restartable: bool
    """Whether a new worker could go on from where this one stood."""
    epoch: int
    epochs_per_second: float
    cost: float | None
    """At the last epoch at which it was computed; None before the first."""
    cost_curve: tuple[tuple[int, float], ...]
    """Epochs, and the cost at each."""
    revision: int
    """The label revision that the worker has heard of."""
    column: str
    """The label column that it follows."""
    version: str
    """Of the features."""
    parameters: SessionParameters
    notes: tuple[str, ...]
    """Sentences for the user."""
    others: tuple[str, ...] = ()
    """Who else looks at it now, by name."""
    last_change: LastChange | None = None
    """What somebody did last to the picture that all see."""
