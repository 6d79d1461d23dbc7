"""Where the job stands: how much was seen, accepted unseen and is open, and how much of what is labelled is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.guidance.looks import RIGHT_ENOUGH, Look, most_wrong

SURE = 0.95
OVERLOOKED = 0.05
"""Share of the strays met that a person overlooks at most."""
BLIND = 0.3
"""Share of wrong labels among those accepted without a look at a sample, at most (docs/results.md)."""


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
    """At least that share, in nineteen of twenty cases."""


def standing(
    states: NDArray[np.integer],
    chances: NDArray[np.floating],
    n_accepted: int = 0,
    looks: Sequence[Look] = (),
    n_strays: int = 0,
) -> Standing:
    """Says where the job stands.

    A person who looks makes few mistakes. On pages, strays were named, and a small share of all that there were was
    overlooked; where nothing is known of them, as in groups, models that do not know a label tell how many there were:
    where they doubt it the person mostly is right and has named a stray, or dropped one. Of labels accepted unseen,
    looks at a sample bound the wrong ones. A group or a name that is wrong as a whole is not counted: verifying finds
    it.

    Args:
      states: (N,) index into the states unlabeled, labeled, seen, verified, unsure, ignored.
      chances: (N,) probability of each label, its own left out; anything where there is no label.
      n_accepted: How many labels were accepted unseen, and are not seen since.
      looks: Random samples of what was accepted then.
      n_strays: How many images were given something else than the page that they were on.

    Returns:
      The standing.
    """
    from scipy.stats import poisson

    states, chances = np.asarray(states), np.asarray(chances, dtype=np.float64)
    labeled, seen, verified = states == 1, states == 2, states == 3
    counts = (int((seen | verified).sum()), int(labeled.sum()), int((states == 0).sum()), int((states > 3).sum()))
    n_labels = counts[0] + counts[1]
    if not n_labels:
        return Standing(*counts, 1.0, 0.0)
    met = n_strays / (1.0 - OVERLOOKED) * float(seen.sum()) / max(counts[0], 1)  # where verified, they were found
    on_pages, in_groups = (float((1.0 - chances[rows]).sum()) for rows in (seen, labeled))
    strays = OVERLOOKED * (max(on_pages, met) + in_groups)
    likely, most = _wrong_unseen(n_accepted, looks)
    likely, most = likely + strays / 2.0, most + float(poisson.ppf(SURE, strays))
    return Standing(*counts, max(1.0 - likely / n_labels, 0.0), max(1.0 - most / n_labels, 0.0))


def _wrong_unseen(n: int, looks: Sequence[Look]) -> tuple[float, float]:
    """How many of n labels accepted unseen are probably wrong, and at most."""
    likely = most = 0.0
    blind = n
    for look in looks:
        rest = look.population - look.shown
        bound = most_wrong(look.population, look.shown, look.changed, SURE)
        if blind and bound <= (1.0 - RIGHT_ENOUGH) * rest:  # or nothing was accepted then
            likely += rest * (look.changed + 0.5) / (look.shown + 1.0)
            most += bound
            blind = max(blind - rest, 0)
    return min(likely + BLIND / 2.0 * blind, n), min(most + BLIND * blind, n)
