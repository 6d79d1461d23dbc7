"""Who works on a label column, over several servers: where they look, and what they hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from tb_tsne_plugin.labels import Database, LabelStore, sql
from tb_tsne_plugin.labels.errors import LabelsBusy
from tb_tsne_plugin.labels.leases import LEASE_MS, Ask, Given, Spot, Tab
from tb_tsne_plugin.workspace.crew import MOST_PEOPLE, READ_SECONDS, SEEN_SECONDS, SHOW_SECONDS, Crew
from tests.labels.conftest import with_classes
from tests.labels.postgres_server import PostgresServer
from tests.read_only import read_only

ANN, BEN = (Tab(name, f"tag-of-{name}", "tab-1") for name in ("ann", "ben"))
VIEW = Spot("view", 0, None, ())
NEAR = Spot("view", 0, None, ("a",))


class Clock:
    now = 1e6

    def __call__(self) -> float:
        return self.now


def group(op: str, *choices: str) -> Ask:
    return Ask(f"ask-{op}", "group", [list(choice) for choice in choices])


def got(given: Given) -> str:
    return "" if given.lease is None else "".join(given.lease.spot.sample_ids)


def told(crew: Crew, store: LabelStore, tab: Tab, spot: Spot = VIEW) -> list[tuple[str, str, str, bool]]:
    """Who else is here, what they are at, and whether they hold it."""
    _, others = crew.here(store, tab, spot)
    return [(each.tab.author, each.spot.kind, "".join(each.spot.sample_ids), each.holds) for each in others]


@pytest.fixture
def store(tmp_path: Path) -> LabelStore:
    return with_classes(LabelStore(tmp_path / "labels.sqlite"))


def test_people_of_one_server_see_where_the_others_look_and_what_they_hold(store: LabelStore) -> None:
    crew = Crew()
    assert told(crew, store, ANN, NEAR) == []
    assert told(crew, store, BEN) == [("ann", "view", "a", False)]
    assert got(crew.take(store, BEN, group("1", "bc"))) == "bc"
    assert told(crew, store, ANN) == [("ben", "group", "bc", True)]
    assert crew.here(store, BEN, VIEW, "ask-1")[0]
    assert not crew.here(store, BEN, VIEW, "ask-0")[0]
    assert told(crew, store, ANN) == [("ben", "group", "bc", True)]
    crew.here(store, BEN, NEAR, None, "ask-0")  # what was done before is not what is held now
    assert told(crew, store, ANN) == [("ben", "group", "bc", True)]
    crew.here(store, BEN, NEAR, None, "ask-1")
    assert told(crew, store, ANN) == [("ben", "view", "a", False)]
    crew.leave(store, BEN)
    assert told(crew, store, ANN) == []


def test_whoever_says_nothing_for_a_while_is_gone(store: LabelStore) -> None:
    clock = Clock()
    crew = Crew(clock)
    told(crew, store, ANN)
    clock.now += SEEN_SECONDS
    assert told(crew, store, BEN) == []


def test_a_closed_tab_gives_back_what_it_held(store: LabelStore) -> None:
    crew = Crew()
    crew.take(store, ANN, group("1", "ab"))
    crew.leave(store, ANN._replace(tag="tab-2"))
    assert got(crew.take(store, BEN, group("2", "ab"))) == ""
    crew.leave(store, ANN)
    assert got(crew.take(store, BEN, group("3", "ab"))) == "ab"


def test_two_servers_on_one_file_know_of_what_is_held(store: LabelStore) -> None:
    assert store.database.path is not None
    here, there = Crew(), Crew()
    other = LabelStore(store.database.path)
    told(there, other, BEN)
    here.take(store, ANN, group("1", "ab"))
    assert got(there.take(other, BEN, group("2", "ab", "cd"))) == "cd"
    assert told(here, store, ANN) == [("ben", "group", "cd", True)]
    assert told(there, other, BEN) == [("ann", "group", "ab", True)]


def test_what_was_taken_at_one_server_is_known_at_the_other_at_once(store: LabelStore) -> None:
    assert store.database.path is not None
    here, there = Crew(), Crew()
    other = LabelStore(store.database.path)
    told(there, other, ANN)
    here.take(store, ANN, group("1", "ab"))
    assert there.here(other, ANN, VIEW, "ask-1")[0]


def test_where_people_look_is_never_written_to_a_file(store: LabelStore) -> None:
    assert store.database.path is not None
    clock, before = Clock(), store.database.path.read_bytes()
    crew = Crew(clock)
    for _ in range(10):
        clock.now += SHOW_SECONDS
        told(crew, store, ANN, NEAR)
        told(crew, store, BEN, VIEW)
    assert store.database.path.read_bytes() == before


def test_what_is_still_looked_at_is_renewed_once_half_of_its_time_is_over(store: LabelStore) -> None:
    crew = Crew()
    crew.take(store, ANN, group("1", "ab"))
    (first,) = store.leases()[1]
    assert crew.here(store, ANN, VIEW, "ask-1")[0]
    assert store.leases()[1] == [first]
    with store.database.write() as connection:
        connection.execute(update(sql.leases).values(until=first.until - LEASE_MS // 2))
    assert Crew().here(store, ANN, VIEW, "ask-1")[0]
    assert store.leases()[1][0].until >= first.until


def test_a_servers_own_clock_is_nothing_to_a_lease(store: LabelStore) -> None:
    crew = Crew(lambda: 1e6)
    crew.take(store, ANN, group("1", "ab"))
    before = store.leases()[1]
    assert crew.here(store, ANN, VIEW, "ask-1")[0]
    assert got(crew.take(store, BEN, group("2", "ab"))) == ""
    assert store.leases()[1] == before


@pytest.mark.parametrize("crews", [1, 2])
def test_a_store_that_cannot_be_written_refuses_nothing_and_this_server_gives_out(
    crews: int, tmp_path: Path, store: LabelStore
) -> None:
    with read_only(tmp_path):
        assert store.database.path is not None
        here, there = (Crew(),) * 2 if crews == 1 else (Crew(), Crew())
        assert got(here.take(store, ANN, group("1", "ab", "cd"))) == "ab"
        assert got(there.take(store, BEN, group("2", "ab", "cd"))) == ("cd" if crews == 1 else "ab")
        assert here.here(store, ANN, VIEW, "ask-1")[0]
        if crews == 1:
            assert told(here, store, BEN) == [("ann", "group", "ab", True)]
            here.here(store, ANN, VIEW, None, "ask-1")
            assert got(here.take(store, BEN, group("3", "ab"))) == "ab"


def test_without_a_store_work_is_given_out_too(tmp_path: Path) -> None:
    crew, store = Crew(), LabelStore(tmp_path / "labels.sqlite")
    assert got(crew.take(store, ANN, group("1", "ab"))) == "ab"
    assert got(crew.take(store, BEN, group("2", "ab"))) == ""
    assert list(tmp_path.iterdir()) == []


def test_what_is_kept_of_people_is_bounded(store: LabelStore) -> None:
    crew = Crew()
    for number in range(MOST_PEOPLE + 5):
        crew.here(store, Tab("crowd", f"tag-{number}", "tab"), VIEW)
    assert len(told(crew, store, ANN)) == MOST_PEOPLE - 1


@pytest.mark.postgresql
def test_servers_on_one_database_see_each_others_people_and_wait_for_it_where_it_is_away(
    postgres: PostgresServer,
) -> None:
    address = postgres.new_database()
    first, second = with_classes(LabelStore(Database(address))), LabelStore(Database(address))
    clock = Clock()
    here, there = Crew(clock), Crew(clock)
    told(here, first, ANN, NEAR)
    assert told(there, second, BEN) == [("ann", "view", "a", False)]
    told(here, first, ANN, VIEW)
    clock.now += READ_SECONDS
    assert told(there, second, BEN) == [("ann", "view", "a", False)]  # not told that often
    clock.now += SHOW_SECONDS
    assert told(here, first, ANN, VIEW) == [("ben", "view", "", False)]
    clock.now += READ_SECONDS
    assert told(there, second, BEN) == [("ann", "view", "", False)]
    assert got(here.take(first, ANN, group("1", "bc", "de"))) == "bc"
    clock.now += READ_SECONDS
    assert told(there, second, BEN) == [("ann", "group", "bc", True)]
    postgres.stop()
    try:
        with pytest.raises(LabelsBusy):
            there.take(second, BEN, group("2", "bc", "de"))
        assert here.here(first, ANN, VIEW, "ask-1")[0]  # nobody else can have it meanwhile
    finally:
        postgres.start()
    clock.now += READ_SECONDS
    assert got(there.take(second, BEN, group("2", "bc", "de"))) == "de"
    assert told(there, second, BEN) == [("ann", "group", "bc", True)]
    assert here.here(first, ANN, VIEW, "ask-1")[0]
