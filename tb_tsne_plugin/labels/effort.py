"""What labeling cost, counted as in the paper's Algorithm 1: the meter of the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from tb_tsne_plugin.labels.model import ClusterSelection, PageSelection, Selection, SingleSelection, SuggestionSelection

MOST_POINTS = 100
"""So many points of the curve are kept: more would not be seen."""


class Labeling(NamedTuple):
    """An edit that gave labels, took them or looked at them again, by hand.

    Attributes:
      selection: How the samples were selected, if that is known.
      n_samples: How many there were.
      class_id: The class that they have after it; None where it took their label.
    """

    selection: Selection | None
    n_samples: int
    class_id: int | None

    @property
    def actions(self) -> int:
        """What it cost: one action for the first sample, one more for the size of a group, one for each dropped.

        Samples picked one by one cost an action each. A page that was looked through costs one, and so does accepting
        what was suggested: nobody sets a size.
        """
        selection = self.selection
        match selection:
            case PageSelection():
                return 1
            case SingleSelection():
                return 1 + (selection.k or 0) + (selection.dropped or 0)
            case ClusterSelection() | SuggestionSelection():
                return 1 + (selection.dropped or 0)
        dropped = (selection.dropped or 0) if selection else 0
        return (1 if self.n_samples == 1 else 2) + dropped

    @property
    def labels(self) -> int:
        """How many labels it gave: none where they were there and somebody looked at them again."""
        is_second_look = isinstance(self.selection, PageSelection) and self.selection.of in ("labeled", "verified")
        return 0 if self.class_id is None or is_second_look else self.n_samples


@dataclass(frozen=True)
class Effort:
    """A curve: actions and labels up to some of the edits, oldest first, and up to the last.

    What was undone, and what was imported, costs and counts nothing.

    Attributes:
      actions: How many were made; empty where none was.
      labels: How many samples they labeled.
    """

    actions: list[int] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)


def effort_of(labelings: Iterable[Labeling]) -> Effort:
    """The effort of some edits, which come oldest first."""
    actions: list[int] = []
    labels: list[int] = []
    for labeling in labelings:
        actions.append(labeling.actions + (actions[-1] if actions else 0))
        labels.append(labeling.labels + (labels[-1] if labels else 0))
    return Effort(_thinned(actions), _thinned(labels))


def _thinned(curve: list[int]) -> list[int]:
    step = -(-len(curve) // MOST_POINTS) or 1
    return curve[::-1][::step][::-1]
