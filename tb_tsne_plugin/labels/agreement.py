"""How far those agree who labeled the same samples: kappas, and agreement on each class.

Cohen's kappa is that of Cohen (1960), doi:10.1177/001316446002000104. Fleiss' is that of Fleiss (1971),
doi:10.1037/h0031619: every sample has the same number of raters, so it is about the samples that all of them rated.
Agreement on a class is the proportion of specific agreement of Spitzer and Fleiss (1974), doi:10.1192/bjp.125.4.341,
over all pairs of raters: of those who gave a sample the class, the share of others that gave it too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple, TypeAlias

Ratings: TypeAlias = Mapping[str, Mapping[str, str]]
"""Class name by sample id, by rater: a person, or a label column."""


class Agreement(NamedTuple):
    """How far some raters agree.

    Attributes:
      raters: They, two or more.
      samples: How many samples all of them rated.
      agreement: The share of their pairs of ratings of a sample that are the same; None where there is no such sample.
      kappa: Cohen's of two raters, Fleiss' of more; None where it is undefined: there is no such sample, or they gave
        all of them one class.
    """

    raters: tuple[str, ...]
    samples: int
    agreement: float | None
    kappa: float | None


class OfClass(NamedTuple):
    """How far raters agree on a class.

    Attributes:
      name: The class.
      samples: The samples with two raters or more of whom one gave it.
      agreement: The share of others that gave it too.
    """

    name: str
    samples: int
    agreement: float


def pairs_of(ratings: Ratings) -> list[Agreement]:
    """How far each two raters agree, those with most samples in common first."""
    found = [_agreement(ratings, pair) for pair in combinations(ratings, 2)]
    return sorted(found, key=lambda each: -each.samples)


def of_all(ratings: Ratings) -> Agreement | None:
    """How far all raters agree; None where there are fewer than three."""
    return _agreement(ratings, tuple(ratings)) if len(ratings) > 2 else None


def classes_of(ratings: Ratings) -> list[OfClass]:
    """How far raters agree on each class, over all samples with two raters or more; in the classes' order."""
    samples: Counter[str] = Counter()
    same: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for given in given_by_several(ratings).values():
        counts = Counter(given.values())
        for name, count in counts.items():
            samples[name] += 1
            same[name] += count * (count - 1)
            others[name] += count * (len(given) - 1)
    return [OfClass(name, samples[name], same[name] / others[name]) for name in sorted(samples)]


def given_by_several(ratings: Ratings) -> dict[str, dict[str, str]]:
    """The class that each rater gave, of the samples with two raters or more; by sample."""
    found: dict[str, dict[str, str]] = {}
    for rater, classes in ratings.items():
        for sample_id, name in classes.items():
            found.setdefault(sample_id, {})[rater] = name
    return {sample_id: given for sample_id, given in found.items() if len(given) > 1}


def disagreements(ratings: Ratings) -> dict[str, dict[str, str]]:
    """The same of the samples that were given several classes."""
    several = given_by_several(ratings)
    return {sample_id: given for sample_id, given in several.items() if len(set(given.values())) > 1}


def cohen_kappa(pairs: Collection[tuple[str, str]]) -> float | None:
    """Cohen's kappa of two raters.

    Args:
      pairs: The classes that the two gave to each sample.

    Returns:
      (p_o - p_e) / (1 - p_e); None where p_e is 1, or there is no sample.
    """
    first, second = (Counter(pair[place] for pair in pairs) for place in (0, 1))
    same = sum(one == other for one, other in pairs)
    by_chance = sum(first[name] * second[name] for name in first)
    return _beyond_chance(same * len(pairs), by_chance, len(pairs) ** 2)


def fleiss_kappa(given: Sequence[Sequence[str]]) -> float | None:
    """Fleiss' kappa.

    Args:
      given: The classes that the raters gave to each sample; as many of each.

    Returns:
      (P - P_e) / (1 - P_e); None where P_e is 1, or there is no sample.
    """
    if not given:
        return None
    raters = len(given[0])
    shares = Counter(name for names in given for name in names)
    ratings = len(given) * raters
    # All over one denominator, so that what is undefined is told by whole numbers.
    by_chance = sum(count**2 for count in shares.values()) * (raters - 1)
    return _beyond_chance(_same(given) * ratings, by_chance, ratings**2 * (raters - 1))


def _agreement(ratings: Ratings, raters: tuple[str, ...]) -> Agreement:
    first, *others = (ratings[rater] for rater in raters)
    common = [key for key in first if all(key in other for other in others)]
    given = [tuple(ratings[rater][key] for rater in raters) for key in common]
    most = len(given) * len(raters) * (len(raters) - 1)
    kappa = cohen_kappa([(one, other) for one, other in given]) if len(raters) == 2 else fleiss_kappa(given)
    return Agreement(raters, len(given), _same(given) / most if most else None, kappa)


def _same(given: Iterable[Sequence[str]]) -> int:
    """How many ordered pairs of ratings of a sample are the same."""
    return sum(count * (count - 1) for names in given for count in Counter(names).values())


def _beyond_chance(observed: int, expected: int, most: int) -> float | None:
    return None if expected == most else (observed - expected) / (most - expected)
