"""Wrong tokens are counted by place and in all, and nobody is shut out for what others tried."""

from __future__ import annotations

import itertools

from tb_tsne_plugin.access.tries import MOST_IN_ALL, MOST_OF_A_PLACE, MOST_PLACES, WINDOW_SECONDS, Tries


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_place_has_its_tries_and_gets_them_again_after_a_minute() -> None:
    clock = Clock()
    tries = Tries(clock)
    for number in range(MOST_OF_A_PLACE):
        assert not tries.are_too_many("here")
        tries.note("here", str(number))
    assert tries.are_too_many("here")
    assert not tries.are_too_many("there")
    clock.now = WINDOW_SECONDS + 1
    assert not tries.are_too_many("here")


def test_the_same_wrong_token_again_is_no_further_guess() -> None:
    tries = Tries(Clock())
    for _ in range(1000):
        tries.note("here", "old")
    assert not tries.are_too_many("here")


def test_many_places_together_have_a_limit_and_a_new_one_still_has_its_first_try() -> None:
    tries = Tries(Clock())
    for number in range(MOST_IN_ALL):
        tries.note(f"place {number}", "wrong")
    assert tries.are_too_many("place 0")
    assert not tries.are_too_many("new")


def test_a_place_that_only_a_header_names_has_no_try_beyond_the_limit_of_all() -> None:
    tries = Tries(Clock())
    for number in range(MOST_IN_ALL):
        assert not tries.are_too_many(f"forged {number}", is_claimed=True)
        tries.note(f"forged {number}", str(number))
    assert tries.are_too_many("forged next", is_claimed=True)
    assert not tries.are_too_many("new")


def test_what_is_remembered_has_a_bound() -> None:
    tries = Tries(Clock())
    for number, each in itertools.product(range(MOST_PLACES + 100), range(2)):
        tries.note(f"place {number}", str(each))
    assert len(tries._places) == MOST_PLACES
