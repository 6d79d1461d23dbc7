"""Where the job stands: how much was seen, accepted unseen and is open, and how much of what is labelled is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.looks import Look, most_wrong

SURE = 0.95
OVERLOOKED = 0.08
"""Share of the strays met on pages that a person overlooks at most: five in a hundred, and what chance adds."""
DOUBLED = 2.0
"""Wrong labels among those accepted unseen are at most so many times as many as their chances say."""


class Standing(NamedTuple):
    """How far the job is."""

    seen: int
    """Labels given to images that were seen by themselves, or verified since."""
    unseen: int
    """Labels accepted unseen or given to a group."""
    open: int
    """Images without a label."""
    aside: int
    """Images that are unsure or ignored."""
    right: float
    """Share of the labels given that are right, as far as can be told; 1 where there is none."""
    least: float
    """At least that share, and …"""
    most: float
    """… at most that one, in nine of ten cases."""


def standing(
    states: NDArray[np.integer],
    chances: NDArray[np.floating],
    accepted: NDArray[np.bool_] | None = None,
    looks: Sequence[Look] = (),
) -> Standing:
    """Says where the job stands.

    A person who looks makes few mistakes: where a label is doubted by models that do not know it, the person mostly is
    right, and has named a stray. Strays that were overlooked are a small share of those met; among labels accepted
    unseen nobody corrected what the models got wrong, and looks at a sample bound it.

    Args:
      states: (N,) index into the states unlabeled, labeled, seen, verified, unsure, ignored.
      chances: (N,) probability of each label, its own (or its group's) left out; anything where there is no label.
      accepted: (N,) labels that were accepted unseen; None: all in state labeled.
      looks: Random samples of what was accepted.

    Returns:
      The standing.
    """
    states, chances = np.asarray(states), np.asarray(chances, dtype=np.float64)
    labeled, seen, verified = states == 1, states == 2, states == 3
    unseen = labeled if accepted is None else labeled & accepted
    looked = seen | (labeled & ~unseen)
    n_labels = int((labeled | seen | verified).sum())
    strays = float((1.0 - chances[looked]).sum())
    expected = float((1.0 - chances[unseen]).sum())
    likely, most = expected, DOUBLED * expected + 1.0 * bool(unseen.any())
    population = sum(look.population for look in looks)
    if unseen.any() and population:
        bound = sum(most_wrong(*look, sure=SURE) for look in looks) / max(population, 1)
        share = (sum(look.changed for look in looks) + 0.5) / (sum(look.shown for look in looks) + 1.0)
        likely, most = share * unseen.sum(), min(most, bound * unseen.sum())
    counts = (int((seen | verified).sum()), int(labeled.sum()), int((states == 0).sum()), int((states > 3).sum()))
    if not n_labels:
        return Standing(*counts, 1.0, 0.0, 1.0)
    wrong = min(likely, most) + 0.25 * OVERLOOKED * strays
    least = 1.0 - (most + OVERLOOKED * strays) / n_labels
    return Standing(*counts, 1.0 - wrong / n_labels, max(least, 0.0), 1.0)
