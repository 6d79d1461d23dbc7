"""How the exaggeration and the momentum change over the epochs (section 3 of the paper)."""

from __future__ import annotations

RAMP_START = 100
RAMP_END = 250
INITIAL_MOMENTUM = 0.5
FINAL_MOMENTUM = 0.8


def _ramp(epoch: int) -> float:
    """0 until `RAMP_START`, linear to 1 at `RAMP_END`."""
    return min(max((epoch - RAMP_START) / (RAMP_END - RAMP_START), 0.0), 1.0)


def exaggeration(epoch: int, early_exaggeration: float) -> float:
    """Alpha at an epoch: `early_exaggeration` until epoch 100, then linear to 1 at epoch 250."""
    return early_exaggeration + (1.0 - early_exaggeration) * _ramp(epoch)


def momentum(epoch: int) -> float:
    """Momentum at an epoch: 0.5 until epoch 100, then linear to 0.8 at epoch 250."""
    return INITIAL_MOMENTUM + (FINAL_MOMENTUM - INITIAL_MOMENTUM) * _ramp(epoch)
