"""What an emulated annotator did: queries, each with the actions it cost and the labels it gave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.tsne import UNLABELED


class Action(NamedTuple):
    """One thing that a person does: a click, or setting a slider.

    Attributes:
      epoch: When.
      kind: "focus" (select a sample and name its class), "size" (set the size of the group) or "deselect".
      focus: The row that was selected.
      k: The size of the group: nearest neighbours of the focus; 0 for the focus alone.
      rows: The rows that the action labels; for "deselect" the one that it leaves out.
    """

    epoch: int
    kind: str
    focus: int
    k: int
    rows: tuple[int, ...]


class Query(NamedTuple):
    """A focus with the group that was labelled through it.

    Attributes:
      epoch: Gradient steps made when it was labelled.
      focus: The row that was selected; unlabelled until then.
      label: The focus' true class, given to all.
      k: How many nearest neighbours were selected; 0 for the focus alone.
      rows: Neighbours labelled, nearest first; the focus is not among them.
      deselected: Neighbours of other classes, left out one by one, nearest first.
    """

    epoch: int
    focus: int
    label: int
    k: int
    rows: NDArray[np.int64]
    deselected: NDArray[np.int64]

    @property
    def n_actions(self) -> int:
        """One for the focus, one for the size of a group, one for each deselected sample."""
        return 1 + (self.k > 0) + len(self.deselected)

    @property
    def n_labels(self) -> int:
        """Samples labelled."""
        return 1 + len(self.rows)

    @property
    def labeled(self) -> NDArray[np.int64]:
        """All rows labelled, the focus first."""
        return np.concatenate([[self.focus], self.rows])

    def actions(self) -> Iterator[Action]:
        """The query's actions, as many as `n_actions`."""
        yield Action(self.epoch, "focus", self.focus, 0, (self.focus,))
        if self.k > 0:
            yield Action(self.epoch, "size", self.focus, self.k, tuple(map(int, self.rows)))
        for row in self.deselected:
            yield Action(self.epoch, "deselect", self.focus, self.k, (int(row),))


@dataclass(frozen=True)
class Annotation:
    """The whole record of one emulated annotator.

    Attributes:
      n_samples: N.
      queries: In order.
    """

    n_samples: int
    queries: list[Query]

    @property
    def actions(self) -> list[Action]:
        """Every action, in order."""
        return [action for query in self.queries for action in query.actions()]

    @property
    def spent(self) -> NDArray[np.int64]:
        """Actions made by the end of each query."""
        return np.cumsum([query.n_actions for query in self.queries], dtype=np.int64)

    @property
    def gained(self) -> NDArray[np.int64]:
        """Labels given by the end of each query."""
        return np.cumsum([query.n_labels for query in self.queries], dtype=np.int64)

    def labels(self, n_queries: int | None = None) -> NDArray[np.int32]:
        """The labels after some queries, replayed from the record.

        Args:
          n_queries: How many of them; None for all.

        Returns:
          (N,) labels, `UNLABELED` where there is none.
        """
        labels = np.full(self.n_samples, UNLABELED, dtype=np.int32)
        for query in self.queries[:n_queries]:
            labels[query.labeled] = query.label
        return labels
