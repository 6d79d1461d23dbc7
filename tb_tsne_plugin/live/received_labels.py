"""The labels that a worker has been told."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.states import SampleState
from tb_tsne_plugin.live.protocol import SetLabels
from tb_tsne_plugin.tsne.parameters import UNLABELED


class ReceivedLabels:
    """Labels of one column. Arrays are replaced and never written: other threads may be looking at the old ones."""

    def __init__(self, n_samples: int, column: str, ignored: Sequence[int] = ()) -> None:
        """Starts without labels.

        Args:
          n_samples: N.
          column: The label column.
          ignored: Rows that are ignored.
        """
        self.column = column
        self.revision = 0
        self.values = np.full(n_samples, UNLABELED, dtype=np.int32)
        """(N,) class ids, -1 where there is no label."""
        self.states = np.zeros(n_samples, dtype=np.uint8)
        """(N,) what became of each sample (`guidance.states`)."""
        self.states[np.asarray(ignored, dtype=np.int64)] = SampleState.IGNORED
        self.batches = np.full(n_samples, -1, dtype=np.int32)
        """(N,) the revision that gave each label; -1 where that is not known."""

    @property
    def labeled(self) -> NDArray[np.int64]:
        """Rows with a label."""
        return np.flatnonzero(self.values != UNLABELED)

    @property
    def is_ignored(self) -> NDArray[np.bool_]:
        """(N,) which samples are ignored."""
        return np.equal(self.states, SampleState.IGNORED)

    def restore(self, values: NDArray[np.int32], revision: int) -> None:
        """Takes (N,) labels from a checkpoint of the same column; their states come with the first command."""
        self.values, self.revision = values.copy(), revision
        self.states = np.where(values == UNLABELED, self.states, SampleState.LABELED).astype(np.uint8)

    def take(self, command: SetLabels) -> NDArray[np.int64]:
        """Takes what a command says.

        Returns:
          Rows whose label is another one now: what a checkpoint had already is no news.
        """
        before = self.values
        after = np.full_like(before, UNLABELED) if command.reset else before.copy()
        after[np.asarray(command.rows, dtype=np.int64)] = command.labels
        states = np.zeros_like(self.states) if command.reset else self.states.copy()
        states[np.asarray(command.rows, dtype=np.int64)] = command.states
        self.values, self.states = after, states
        self.revision, self.column = command.revision, command.column
        changed = np.flatnonzero(before != after)
        if command.batches:
            self.batches = np.full_like(self.batches, -1)
            self.batches[np.asarray(command.rows, dtype=np.int64)] = command.batches
        elif len(changed):
            self.batches = self.batches.copy()
            self.batches[changed] = command.revision
        return changed
