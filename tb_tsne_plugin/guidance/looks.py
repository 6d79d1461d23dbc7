"""Looks at a sample: what some images drawn at random say of all that would be accepted unseen."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SURE = 0.95
SHOWN = 60
"""Images of a look: all of them right, at most 5 % of any number are wrong."""
RIGHT_ENOUGH = 0.9


class Look(NamedTuple):
    """Images drawn at random from some that have a label or a suggestion, and shown to a person."""

    population: int
    """How many they were drawn from, themselves too."""
    shown: int
    changed: int
    """How many of those shown got another class."""


class Part(NamedTuple):
    """The surest of what would be accepted."""

    size: int
    """How many of the surest, those that were shown too; 0 where no part is right enough."""
    most_wrong: int
    """Of those not shown, with the sureness asked for."""


def most_wrong(population: int, shown: int, wrong: int, sure: float = SURE) -> int:
    """How many of the images that were not shown are wrong at most.

    The exact bound of Clopper and Pearson, drawn without replacement: more wrong ones would have shown more than these
    with a probability of `sure` at least.

    Args:
      population: How many there are.
      shown: How many of them, drawn at random, were looked at.
      wrong: How many of those were wrong.
      sure: The confidence of the bound, one-sided.

    Returns:
      From 0 to `population - shown`.
    """
    from scipy.stats import hypergeom

    least, most = 0, population - shown
    while least < most:  # the chance to see so few wrong ones falls with how many there are
        middle = (least + most + 1) // 2
        if hypergeom.cdf(wrong, population, wrong + middle, shown) > 1.0 - sure:
            least = middle
        else:
            most = middle - 1
    return least


def look_at(n: int, random_state: int, shown: int = SHOWN) -> NDArray[np.intp]:
    """Places of a look, drawn at random.

    Args:
      n: How many would be accepted.
      random_state: Seed.
      shown: How many to draw; all where there are no more.

    Returns:
      Ascending places from 0 to n - 1.
    """
    return np.sort(np.random.default_rng(random_state).permutation(n)[:shown])


def surest_part(
    confidence: NDArray[np.floating],
    shown: NDArray[np.integer],
    wrong: NDArray[np.bool_],
    right_enough: float = RIGHT_ENOUGH,
    sure: float = SURE,
) -> Part:
    """The largest part, the surest first, of which a look says that it is right enough.

    A part's own images that were shown are a random draw from it, so the exact bound holds for each part. That the
    largest of several is taken does not show: parts are nested, and of 400 draws from sets of 130 to 1,000 with 11 and
    13 % wrong, everywhere alike or more among the less sure, at most 5 % misled. Sharing the risk among the parts would
    accept next to nothing (in .003 of the draws instead of .1).

    Args:
      confidence: (n,) of what would be accepted.
      shown: (m,) places of those that were looked at.
      wrong: (m,) whether each was wrong.
      right_enough: Share of right labels asked for among those that would be accepted unseen.
      sure: Of the bound.

    Returns:
      The part.
    """
    rank = np.empty(len(confidence), dtype=np.int64)
    rank[np.argsort(-np.asarray(confidence), kind="stable")] = np.arange(len(confidence))
    # Only a part that ends before an image found wrong, or with everything, can be the largest.
    ends = np.concatenate([np.sort(rank[shown[wrong]])[::-1], np.zeros(0, np.int64)])
    for size in (len(confidence), *ends.tolist()):
        among = rank[shown] < size
        seen, found = int(among.sum()), int((wrong & among).sum())
        unseen = size - seen
        if not unseen:
            break
        bound = most_wrong(size, seen, found, sure)
        if bound <= (1.0 - right_enough) * unseen:
            return Part(size, bound)
    return Part(0, 0)
