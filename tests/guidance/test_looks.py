"""What a look at a sample says of the rest: exact, and never more than it may."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import hypergeom

from tb_tsne_plugin.guidance.looks import look_at, most_wrong, surest_part


@pytest.mark.parametrize(("population", "shown", "wrong"), [(812, 60, 0), (812, 60, 3), (100, 50, 0), (61, 60, 1)])
def test_the_bound_is_the_largest_number_that_would_not_be_a_surprise(population: int, shown: int, wrong: int) -> None:
    bound = most_wrong(population, shown, wrong)
    assert hypergeom.cdf(wrong, population, wrong + bound, shown) > 0.05
    if bound < population - shown:
        assert hypergeom.cdf(wrong, population, wrong + bound + 1, shown) <= 0.05


def test_sixty_right_of_sixty_leave_five_percent() -> None:
    assert 0.04 < most_wrong(812, 60, 0) / 812 < 0.05


def test_what_was_all_seen_leaves_nothing() -> None:
    assert most_wrong(60, 60, 5) == 0
    assert most_wrong(0, 0, 0) == 0


def test_however_many_are_wrong_the_bound_holds_with_95_percent() -> None:
    population, shown = 400, 60
    bounds = np.array([most_wrong(population, shown, wrong) for wrong in range(shown + 1)])
    found = np.arange(shown + 1)
    for wrong in range(population + 1):
        chances = hypergeom.pmf(found, population, wrong, shown)
        assert chances[wrong - found <= bounds].sum() >= 0.95 - 1e-9


def test_the_bound_holds_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    held = []
    for _ in range(300):
        wrong = np.zeros(300, bool)
        wrong[: random.integers(0, 100)] = True
        shown = random.permutation(300)[:40]
        unseen = np.delete(wrong, shown)
        held.append(unseen.sum() <= most_wrong(300, 40, int(wrong[shown].sum())))
    assert np.mean(held) >= 0.93


def test_the_same_seed_draws_the_same_look() -> None:
    np.testing.assert_array_equal(look_at(500, 3), look_at(500, 3))
    assert len(look_at(500, 3)) == 60
    assert len(np.unique(look_at(500, 3))) == 60
    np.testing.assert_array_equal(look_at(7, 0), np.arange(7))


def test_the_surest_part_leaves_out_where_mistakes_begin() -> None:
    confidence = np.linspace(1.0, 0.5, 1000)
    shown = np.arange(0, 1000, 10)
    part = surest_part(confidence, shown, shown >= 700)
    assert 600 < part.size <= 800
    assert part.most_wrong <= 0.1 * part.size
    assert surest_part(confidence, shown, np.zeros(100, bool)).size == 1000


def test_where_mistakes_are_everywhere_nothing_is_accepted() -> None:
    shown = np.arange(0, 600, 10)
    assert surest_part(np.linspace(1.0, 0.5, 600), shown, shown % 20 == 0).size == 0
    assert surest_part(np.zeros(0), np.zeros(0, int), np.zeros(0, bool)).size == 0


@pytest.mark.parametrize("rate", [0.11, 0.13])
def test_what_is_accepted_is_right_enough_as_often_as_it_says(rate: float) -> None:
    random = np.random.default_rng(0)
    n, draws, misled = 130, 600, 0
    confidence = np.linspace(1.0, 0.9, n)
    for _ in range(draws):
        wrong = random.random(n) < rate
        shown = np.sort(random.permutation(n)[:60])
        part = surest_part(confidence, shown, wrong[shown])
        unseen = np.setdiff1d(np.arange(part.size), shown)
        misled += bool(len(unseen)) and bool(wrong[unseen].mean() > 0.1)
    assert misled <= 0.05 * draws
