"""Where the job stands: counts that add up, and an interval that looks make narrower."""

from __future__ import annotations

import numpy as np

from tb_tsne_plugin.guidance.looks import Look
from tb_tsne_plugin.guidance.standing import standing

STATES = np.array([0] * 100 + [1] * 200 + [2] * 300 + [3] * 50 + [4] * 20 + [5] * 30)
TWICE = np.where(np.isin(STATES, [1, 2]), 3, STATES)


def test_every_image_is_counted_once() -> None:
    found = standing(STATES, np.ones(700))
    assert (found.seen, found.unseen, found.open, found.aside) == (350, 200, 100, 50)
    assert 0 <= found.least <= found.right <= 1


def test_a_look_narrows_what_was_accepted_unseen() -> None:
    chances = np.full(700, 0.9)
    blind = standing(STATES, chances, 200)
    looked = standing(STATES, chances, 200, looks=[Look(200, 60, 0)])
    assert looked.least > blind.least
    assert looked.right > blind.right
    wrong = standing(STATES, chances, 200, looks=[Look(200, 60, 1)])
    assert wrong.right < looked.right


def test_doubt_and_blindness_cost() -> None:
    sure, doubtful = standing(STATES, np.full(700, 0.99)), standing(STATES, np.full(700, 0.8))
    assert sure.least > doubtful.least > standing(STATES, np.full(700, 0.8), 200).least
    assert standing(TWICE, np.full(700, 0.8)).least == 1.0, "all was looked at twice"


def test_a_look_that_was_declined_says_nothing_of_what_was_accepted() -> None:
    before = standing(STATES, np.ones(700), 200, [Look(200, 60, 0)])
    assert standing(STATES, np.ones(700), 200, [Look(900, 60, 30), Look(200, 60, 0)]) == before


def test_before_any_label_nothing_is_claimed() -> None:
    found = standing(np.zeros(10, int), np.zeros(10))
    assert (found.least, found.right, found.open) == (0.0, 1.0, 10)


def test_the_more_strays_were_named_the_more_were_overlooked() -> None:
    sure = np.full(700, 0.999)
    found = [standing(STATES, sure, n_strays=n) for n in (0, 20, 100)]
    assert found[0].least > found[1].least > found[2].least
    assert found[0].right > found[1].right > found[2].right
    assert standing(TWICE, sure, n_strays=100).least == 1.0, "all was looked at twice"


def test_groups_may_hide_strays_too() -> None:
    doubtful = np.where(STATES == 1, 0.5, 1.0)
    assert standing(STATES, doubtful).least < standing(STATES, np.ones(700)).least
