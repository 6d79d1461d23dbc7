"""What a session can be told: the t-SNE's parameters, and how fast it may go."""

from __future__ import annotations

from dataclasses import dataclass

from tb_tsne_plugin.tsne.parameters import Parameters

SPEED_LIMITS = (0.1, 1e6)


@dataclass(frozen=True)
class SessionParameters(Parameters):
    """Parameters of the t-SNE and of its pace.

    Attributes:
      speed_limit: Epochs a second at most; None for as fast as it goes.
    """

    speed_limit: float | None = None

    def __post_init__(self) -> None:
        """Checks every value.

        Raises:
          ValueError: If a value is out of its range; the message names it, the value and the range.
        """
        super().__post_init__()
        limit, (low, high) = self.speed_limit, SPEED_LIMITS
        if limit is None:
            return
        if not isinstance(limit, (int, float)) or isinstance(limit, bool) or not low <= limit <= high:
            raise ValueError(f"speed_limit must be a number from {low:g} to {high:g}, or null, not {limit!r}.")
        object.__setattr__(self, "speed_limit", float(limit))
