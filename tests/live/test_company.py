"""Who looks at a session at the same time."""

from __future__ import annotations

from tb_tsne_plugin.live.company import MOST_PEOPLE, SEEN_SECONDS, Company, Onlooker

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


def test_what_is_kept_of_people_is_bounded() -> None:
    company = Company(Clock())
    for number in range(2 * MOST_PEOPLE):
        company.see(Onlooker("crowd", f"tag-{number}"))
    assert len(company.others(ANN)) == MOST_PEOPLE


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
