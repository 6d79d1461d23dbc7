"""What training is asked to do, and what became of it, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from exporters.errors import ExportUsageError
from exporters.features.devices import AUTO, PRECISIONS

REFLECT = "reflect"
FILL_MODES = (REFLECT, "nearest", "wrap", "constant")


class Epoch(NamedTuple):
    """One epoch of exemplar training.

    Attributes:
        loss: Mean cross-entropy over the images.
        accuracy: Share of images that were told from all others.
        wall_time: When it ended, in seconds since 1970.
    """

    loss: float
    accuracy: float
    wall_time: float


History: TypeAlias = "list[Epoch]"


@dataclass(frozen=True)
class TrainingOptions:
    """How `rn`, `tf` and `tr` are trained.

    Attributes:
        epochs: At most so many; 0 takes the network as it begins.
        batch_size: Images a step.
        learning_rate: Adam's, for the new layers.
        network_learning_rate: Adam's, for the network's own layers; None is 0.00001 for a pretrained network and 0.001
            for one with random weights.
        patience: Training stops when the loss has not fallen by 1 % for so many epochs; 0 never stops early.
        fill_mode: What the corners of a turned image show.
        rotations: In so many rotations `tf` sees every image, each of which the frozen network computes only once;
            0 turns every image anew in each epoch.
    """

    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 1e-4
    network_learning_rate: float | None = None
    patience: int = 3
    fill_mode: str = REFLECT
    rotations: int = 0

    def check(self) -> None:
        """Refuses what cannot be trained with.

        Raises:
            ExportUsageError: In one sentence.
        """
        counts = (
            ("--epochs", self.epochs, 0),
            ("--batch-size", self.batch_size, 1),
            ("--patience", self.patience, 0),
            ("--rotations", self.rotations, 0),
        )
        for option, count, least in counts:
            if count < least:
                raise ExportUsageError(f"{option} must be {least} or more.")
        rates = (
            ("--learning-rate", self.learning_rate),
            ("--network-learning-rate", self.network_learning_rate),
        )
        for option, rate in rates:
            if rate is not None and not 0 < rate < float("inf"):
                raise ExportUsageError(f"{option} must be a number above 0.")
        if self.fill_mode not in FILL_MODES:
            raise ExportUsageError(f"--fill-mode must be {', '.join(FILL_MODES[:-1])} or {FILL_MODES[-1]}.")


def is_over(history: Sequence[Epoch], options: TrainingOptions) -> bool:
    """Whether training ends here: all epochs are done, or the loss has stayed on a plateau."""
    if len(history) >= options.epochs:
        return True
    if not options.patience or len(history) <= options.patience:
        return False
    before = min(epoch.loss for epoch in history[: -options.patience])
    return min(epoch.loss for epoch in history[-options.patience :]) > 0.99 * before


def check_precision(precision: str) -> None:
    """Refuses an unknown precision.

    Raises:
        ExportUsageError: In that case.
    """
    if precision not in PRECISIONS:
        raise ExportUsageError(f"--precision must be {AUTO}, {PRECISIONS[1]} or {PRECISIONS[2]}.")
