"""What the worker shows of a t-SNE: frames, how far it is, and checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.live.checkpoint import Checkpoint, CheckpointFile, CheckpointHeader
from tb_tsne_plugin.live.frames import Frame, FrameBuffer
from tb_tsne_plugin.live.pace import Speedometer
from tb_tsne_plugin.live.protocol import Event, FrameWritten, Progress, Status
from tb_tsne_plugin.tsne.embedding import Embedding
from tb_tsne_plugin.tsne.finite_rows import FiniteRows

NOT_KEPT = (
    "Where the t-SNE stands cannot be kept (the folder of the labels cannot be written, or its disk is full): it "
    "starts anew each time."
)


class Moment(NamedTuple):
    """What tells one picture of a t-SNE from another."""

    epoch: int
    column: str
    """The label column."""
    revision: int
    """Of its labels."""
    jumps: int
    """How often positions have changed without an epoch."""


class Publisher:
    """Says what it is given, unless it has said it already."""

    def __init__(
        self,
        emit: Callable[[Event], None],
        frames: FrameBuffer,
        rows: FiniteRows,
        *,
        first_frame: int = 0,
        checkpoint: CheckpointFile | None = None,
    ) -> None:
        """Starts with nothing shown.

        Args:
          emit: Sends an event.
          frames: Where frames are written.
          rows: Which samples are embedded at first.
          first_frame: Frames are numbered from the next one on.
          checkpoint: Where checkpoints are written, if anywhere.
        """
        self._emit = emit
        self._frames = frames
        self.rows = rows
        """Which samples are embedded now."""
        self._number = first_frame
        self._shown: Moment | None = None
        self._checkpoint = checkpoint
        self._saved: tuple[CheckpointHeader, Moment] | None = None
        self._cannot_save = False
        self._speedometer = Speedometer()

    def frame(self, moment: Moment, positions: NDArray[np.float32]) -> None:
        """Writes (d, n) positions as a new frame and announces it."""
        if moment == self._shown:
            return
        self._shown = moment
        self._number += 1
        self._frames.write(Frame(self._number, moment.epoch, moment.revision, self.rows.spread(positions)))
        self._emit(FrameWritten(number=self._number))

    def progress(
        self,
        status: Status,
        moment: Moment,
        cost_curve: tuple[tuple[int, float], ...] = (),
        note: str | None = None,
    ) -> None:
        """Tells how far it is.

        Args:
          status: What it does.
          moment: Where it stands.
          cost_curve: Points of the cost.
          note: A sentence for the user about the affinities.
        """
        notes = (self.rows.note, note, NOT_KEPT if self._cannot_save else None)
        speed = 0.0
        if status == "running":
            speed = self._speedometer.at(moment.epoch)
        else:
            self._speedometer.stop()
        self._emit(
            Progress(
                status=status,
                epoch=moment.epoch,
                epochs_per_second=round(speed, 1),
                cost=cost_curve[-1][1] if cost_curve else None,
                cost_curve=cost_curve,
                revision=moment.revision,
                notes=tuple(note for note in notes if note is not None),
            )
        )

    def checkpoint(
        self, header: CheckpointHeader, moment: Moment, embedding: Embedding, labels: NDArray[np.int32]
    ) -> None:
        """Writes where the t-SNE stands into the checkpoint's file, if it has one.

        Args:
          header: Everything but the arrays.
          moment: Where it stands.
          embedding: The t-SNE.
          labels: (N,) class ids.
        """
        if self._checkpoint is None or (header, moment) == self._saved:
            return
        self._saved = (header, moment)
        try:
            Checkpoint(header, self.rows.is_embedded, *embedding.momentum_state(), labels).save(self._checkpoint)
        except OSError:  # a read-only folder, a full disk: the t-SNE runs all the same, and later there may be room
            self._cannot_save = True
        else:
            self._cannot_save = False
