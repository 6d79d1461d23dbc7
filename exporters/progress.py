"""Shows training while it goes on: a progress bar on the terminal, scalars in TensorBoard."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from tqdm import tqdm

from exporters.features.training import History, TrainingOptions
from exporters.run.events import EventWriter, Scalar


def scalars_of(stage: str, history: History, first: int = 0) -> list[Scalar]:
    """Loss and accuracy of a stage's epochs from number `first` on, as steps counted from 1."""
    return [
        Scalar(f"{stage}/{curve}", step, value, epoch.wall_time)
        for step, epoch in enumerate(history[first:], first + 1)
        for curve, value in (("loss", epoch.loss), ("exemplar_accuracy", epoch.accuracy))
    ]


class TrainingWatch:
    """One stage's training, as a context.

    Args:
        stage: Its name.
        images: How many images an epoch shows.
        options: How it is trained.
        events: An event file, open for writing, that gets scalars as they come; it is closed at the end.
        is_shown: Whether there is a bar; it names images a second, the time left, loss and accuracy.
    """

    def __init__(self, stage: str, images: int, options: TrainingOptions, events: BinaryIO, is_shown: bool):
        self._stage = stage
        self._images = images
        self._written = 0
        self._events = EventWriter(events)
        self._bar = tqdm(
            total=options.epochs * images, desc=stage, unit="image", disable=None if is_shown else True, leave=True
        )

    def __enter__(self) -> TrainingWatch:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()
        self._events.close()

    def __call__(self, history: History) -> Callable[[int], None]:
        """Takes note of the epochs so far; what it returns is called with the images of each step."""
        self._events.write_scalars(scalars_of(self._stage, history, self._written))
        self._written = len(history)
        if history:
            self._bar.set_postfix(loss=f"{history[-1].loss:.3f}", accuracy=f"{history[-1].accuracy:.0%}")
        if self._bar.n == 0 and history:
            self._bar.initial = self._images * len(history)  # Not seen in this session: no part of its speed.
        self._bar.n = self._images * len(history)
        self._bar.refresh()
        end = self._bar.n + self._images
        return lambda images: self._advance(images, end)

    def _advance(self, images: int, end: int) -> None:
        self._bar.update(min(images, end - self._bar.n))
