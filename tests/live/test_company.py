"""Who looks at a session at the same time."""

from __future__ import annotations

from tb_tsne_plugin.live.company import LEASE_SECONDS, MOST_PEOPLE, SEEN_SECONDS, Company, Onlooker

ANN, BEN = Onlooker("ann", "tag-of-ann"), Onlooker("ben", "tag-of-ben")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_who_asked_a_moment_ago_looks() -> None:
    clock = Clock()
    company = Company(clock)
    company.see(ANN)
    company.see(Onlooker("ann", "tag-of-another-ann"))
    assert company.others(ANN) == ("ann",)
    assert company.others(BEN) == ("ann", "ann")
    company.see(Onlooker("script", ""))
    assert company.others(BEN) == ("ann", "ann")
    clock.now += SEEN_SECONDS
    company.see(BEN)
    assert company.others(ANN) == ("ben",)


def test_a_group_is_looked_at_by_one_until_they_leave_it_or_a_minute_is_over() -> None:
    clock = Clock()
    company = Company(clock)
    assert company.take(ANN, 5, [6, 7]) is None
    assert company.take(BEN, 5, [8]) == "ann"
    assert company.take(BEN, 6, [8]) == "ann"  # its focus is in ann's group
    assert company.take(BEN, 8, [5]) == "ann"  # ann's focus is in it
    assert company.take(BEN, 8, [7]) is None  # one in common is nobody's work twice
    assert (company.taken(ANN), company.taken(BEN)) == ((8,), (5,))
    assert company.take(ANN, 9, []) is None
    assert company.take(BEN, 5, [8]) is None
    clock.now += LEASE_SECONDS
    assert company.taken(ANN) == ()
    assert company.take(ANN, 5, []) is None


def test_what_is_kept_of_people_is_bounded() -> None:
    company = Company(Clock())
    for number in range(2 * MOST_PEOPLE):
        who = Onlooker("crowd", f"tag-{number}")
        company.see(who)
        company.take(who, number, [])
    assert len(company.others(ANN)) == MOST_PEOPLE
    assert company.take(ANN, 2 * MOST_PEOPLE - 1, []) is None


def test_what_somebody_did_last_is_told_as_ones_own_or_as_theirs() -> None:
    company = Company()
    assert company.last_change(ANN) is None
    company.did(BEN, "pause")
    company.did(BEN, "resume")
    told = [company.last_change(who) for who in (ANN, BEN)]
    assert [(each.number, each.author, each.doing, each.own) for each in told if each] == [
        (2, "ben", "resume", False),
        (2, "ben", "resume", True),
    ]
