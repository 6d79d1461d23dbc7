"""What labeling cost, counted as in the paper's Algorithm 1: the meter of the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from tb_tsne_plugin.labels.model import Selection, SingleSelection

MOST_POINTS = 100
"""So many points of the curve are kept: more would not be seen."""


class Labeling(NamedTuple):
    """An edit that gave labels, or cleared them, by hand.

    Attributes:
      selection: How the samples were selected, if that is known.
      n_samples: How many there were.
      clears: Whether they have no label after it.
    """

    selection: Selection | None
    n_samples: int
    clears: bool


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


def actions_of(selection: Selection | None, n_samples: int) -> int:
    """The actions of labeling some samples: one for the first, one more for the size of a group, one for each dropped.

    Args:
      selection: How they were selected, if that is known. Samples picked one by one cost an action each.
      n_samples: How many got the label.

    Returns:
      How many actions.
    """
    dropped = (selection.dropped or 0) if selection else 0
    if isinstance(selection, SingleSelection):
        return 1 + (selection.k or 0) + dropped
    return (1 if n_samples == 1 else 2) + dropped


def effort_of(labelings: Iterable[Labeling]) -> Effort:
    """The effort of some edits, which come oldest first."""
    actions: list[int] = []
    labels: list[int] = []
    for selection, n_samples, clears in labelings:
        actions.append(actions_of(selection, n_samples) + (actions[-1] if actions else 0))
        labels.append((0 if clears else n_samples) + (labels[-1] if labels else 0))
    return Effort(_thinned(actions), _thinned(labels))


def _thinned(curve: list[int]) -> list[int]:
    step = -(-len(curve) // MOST_POINTS) or 1
    return curve[::-1][::step][::-1]
