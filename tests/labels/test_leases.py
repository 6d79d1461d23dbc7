"""Pieces of work are given out, and no sample to two people at once, whatever happens in between."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import update

from tb_tsne_plugin.labels import Database, LabelStore, sql
from tb_tsne_plugin.labels.errors import ColumnMissing
from tb_tsne_plugin.labels.leases import LEASE_MS, Ask, Given, Lease, Spot, Tab, give
from tb_tsne_plugin.labels.model import Theirs
from tests.labels.conftest import operation, with_classes

ANN, BEN, CAT = (Tab(name, f"tag-of-{name}", "tab-1") for name in ("ann", "ben", "cat"))


def group(op: str, *choices: str) -> Ask:
    """An ask for one of some groups, each a word whose letters are its samples."""
    return Ask(f"ask-{op}", "group", [list(choice) for choice in choices])


def page(op: str, samples: str, most: int) -> Ask:
    return Ask(f"ask-{op}", "page", [list(samples)], most)


def got(given: Given) -> str:
    return "" if given.lease is None else "".join(given.lease.spot.sample_ids)


def lease(tab: Tab, samples: str, until: int, kind: Any = "group", op: str = "earlier") -> Lease:
    return Lease(tab, f"ask-{op}", Spot(kind, len(samples), None, tuple(samples)), until)


def test_a_group_is_passed_over_for_one_that_is_free_as_a_whole() -> None:
    held = [lease(ANN, "abc", 100)]
    given = give(held, BEN, group("1", "cd", "ef"), 50)
    assert (got(given), given.held_by) == ("ef", ())
    assert given.lease is not None
    assert given.lease.until == 50 + LEASE_MS


def test_where_none_is_free_as_a_whole_the_rest_of_one_is_given_whose_focus_is_free() -> None:
    held = [lease(ANN, "abc", 100)]
    given = give(held, BEN, group("1", "ad", "dab"), 50)
    assert (got(given), given.held_by) == ("d", (Theirs("ann", 2),))


def test_nothing_is_given_where_others_hold_all_of_it_and_it_is_said_who() -> None:
    held = [lease(ANN, "abc", 100), lease(CAT, "d", 100, "page")]
    assert give(held, BEN, group("1", "ad", "dc"), 50) == Given(None, (Theirs("ann", 2), Theirs("cat", 1)))
    assert give(held, BEN, page("2", "abcd", 3), 50) == Given(None, (Theirs("ann", 3), Theirs("cat", 1)))


def test_a_page_is_what_is_free_in_its_order() -> None:
    given = give([lease(ANN, "be", 100)], BEN, page("1", "abcdefg", 3), 50)
    assert (got(given), given.held_by) == ("acd", (Theirs("ann", 2),))


def test_what_ran_out_and_what_is_only_looked_at_is_free() -> None:
    held = [lease(ANN, "ab", 50), lease(CAT, "cd", 100, "view")]
    assert got(give(held, BEN, group("1", "abcd"), 50)) == "abcd"


def test_asked_again_under_the_same_name_it_is_the_same_piece() -> None:
    """A server can end between what it stored and its answer; another one is asked then."""
    first = give([], ANN, group("1", "ab", "cd"), 0)
    assert first.lease is not None
    again = give([first.lease], ANN, group("1", "cd", "ab"), 10)
    assert again.lease == first.lease._replace(until=10 + LEASE_MS)
    other = give([first.lease], ANN, group("2", "cd", "ab"), 10)
    assert got(other) == "cd"
    ran_out = give([first.lease], ANN, group("1", "cd", "ab"), LEASE_MS)
    assert got(ran_out) == "cd"


def test_what_was_said_of_samples_since_they_were_seen_is_given_to_nobody(database: Database) -> None:
    """Somebody takes a group, labels it and gives it back before another page has heard of any of that."""
    store = with_classes(LabelStore(database))
    seen = store.revision()
    store.apply(operation(store), 1, ["a", "d"])
    assert got(store.take(BEN, group("1", "abc", "cde", "de")._replace(seen=seen))) == "ce"
    assert got(store.take(BEN, group("2", "abc")._replace(seen=store.revision()))) == "abc"
    assert got(store.take(BEN, page("3", "abcd", 2)._replace(seen=seen))) == "bc"
    assert store.take(BEN, page("4", "ad", 2)._replace(seen=seen)) == Given(None, ())


def test_two_tabs_of_one_person_are_two() -> None:
    held = [lease(ANN, "ab", 100)]
    assert got(give(held, ANN._replace(tag="tab-2"), group("1", "ab", "cd"), 50)) == "cd"
    assert got(give(held, ANN._replace(author="ann by another name"), group("1", "ab", "cd"), 50)) == "ab"


@pytest.fixture
def stores(database: Database) -> tuple[LabelStore, LabelStore]:
    """Two servers' views of one label column."""
    first = with_classes(LabelStore(database))
    where = database.path or database._engine.url.render_as_string(hide_password=False)
    return first, LabelStore(Database(where))


def test_what_one_server_gave_out_no_other_does(stores: tuple[LabelStore, LabelStore]) -> None:
    first, second = stores
    assert got(first.take(ANN, group("1", "ab", "cd"))) == "ab"
    assert got(second.take(BEN, group("2", "ab", "cd"))) == "cd"
    now, leases = second.leases()
    assert {each.tab: each.spot.sample_ids for each in leases} == {ANN: ("a", "b"), BEN: ("c", "d")}
    assert all(0 < each.until - now <= LEASE_MS for each in leases)
    assert got(second.take(ANN, group("1", "cd"))) == "ab"  # her server had ended before it answered
    second.give_back(ANN, "ask-0")
    assert second.take(CAT, group("3", "ab")).lease is None
    second.give_back(ANN, "ask-1")
    assert got(first.take(CAT, group("4", "ab"))) == "ab"


def test_whoever_finds_nothing_free_holds_nothing(stores: tuple[LabelStore, LabelStore]) -> None:
    first, second = stores
    first.take(ANN, group("1", "ab"))
    second.take(BEN, group("2", "cd"))
    assert got(second.take(BEN, group("3", "ab"))) == ""
    assert got(first.take(ANN, group("4", "cd"))) == "cd"


def test_a_lease_that_ran_out_is_not_renewed_and_goes_to_whoever_asks(stores: tuple[LabelStore, LabelStore]) -> None:
    first, second = stores
    first.take(ANN, group("1", "ab"))
    assert first.renew(ANN, "ask-1")
    assert not first.renew(ANN, "ask-2")
    assert not second.renew(BEN, "ask-1")
    run_out(first)
    assert not first.renew(ANN, "ask-1")
    assert got(second.take(BEN, group("2", "ab"))) == "ab"
    assert not first.renew(ANN, "ask-1")
    assert [each.tab for each in first.leases()[1]] == [BEN]


def test_people_at_one_instant_get_different_pieces(stores: tuple[LabelStore, LabelStore]) -> None:
    choices = ["".join(chr(97 + 3 * number + at) for at in range(3)) for number in range(8)]
    barrier, found = threading.Barrier(6), []

    def ask(number: int) -> None:
        barrier.wait()
        found.append(got(stores[number % 2].take(Tab("crowd", f"tag-{number}", "tab"), group(str(number), *choices))))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == choices[:6]


def test_leases_are_no_edits(stores: tuple[LabelStore, LabelStore]) -> None:
    first, _ = stores
    before = first.snapshot(), first.history()
    first.take(ANN, group("1", "ab"))
    first.show(BEN, Spot("view", 0, None, ("c",)), 1_000)
    assert (first.snapshot(), first.history()) == before
    assert [(each.tab, each.holds) for each in first.leases()[1]] == [(ANN, True), (BEN, False)]


def test_where_somebody_looks_does_not_take_the_place_of_what_they_hold(stores: tuple[LabelStore, LabelStore]) -> None:
    first, second = stores
    first.take(ANN, group("1", "ab"))
    second.show(ANN, Spot("view", 0, None, ()), 1_000)
    assert second.take(BEN, group("2", "ab")).lease is None
    assert first.renew(ANN, "ask-1")


def test_without_a_column_nothing_is_given_and_nothing_made(database: Database) -> None:
    store = LabelStore(database)
    assert store.leases() == (0, [])
    with pytest.raises(ColumnMissing):
        store.take(ANN, group("1", "ab"))
    assert not database.exists


@pytest.mark.parametrize(
    "planted",
    [
        {"sample_ids": "[1]"},
        {"sample_ids": "[" * 100_000},
        {"sample_ids": '["' + 1_000 * "a" + '"]'},
        {"kind": "all"},
        {"author": "\x1b[31m"},
        {"author": ""},
        {"count": -1},
        {"class_id": "one"},
        {"until": 1e300},
    ],
)
def test_a_lease_that_we_cannot_have_written_is_passed_over(planted: dict[str, Any], sqlite_store: LabelStore) -> None:
    sqlite_store.take(ANN, group("1", "ab"))
    with sqlite_store.database.write() as connection:
        connection.execute(update(sql.leases).values(**planted))
    assert sqlite_store.leases()[1] == []
    assert got(sqlite_store.take(BEN, group("2", "ab"))) == "ab"


def run_out(store: LabelStore) -> None:
    """Lets all leases of a store run out."""
    with store.database.write() as connection:
        connection.execute(update(sql.leases).values(until=1))


class LeaseMachine(RuleBasedStateMachine):
    """People at servers that end at any moment, over one list of leases, against what each was told to have."""

    TABS = st.sampled_from([ANN, BEN, CAT, ANN._replace(tag="tab-2")])
    SAMPLES = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=4, unique=True)

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.leases: list[Lease] = []
        self.has: dict[Tab, Lease] = {}
        self.last: dict[Tab, Ask] = {}
        self.numbers = itertools.count()

    def ask(self, tab: Tab, ask: Ask, *, told: bool) -> None:
        given = give(self.leases, tab, ask, self.now)
        self.last[tab] = ask
        self.leases = [each for each in self.leases if each.tab.key != tab.key and each.until > self.now]
        if given.lease is not None:
            self.leases.append(given.lease)
        self.has.pop(tab, None)
        if told and given.lease is not None:
            self.has[tab] = given.lease
        if given.lease is None:
            assert {sample for choice in ask.choices for sample in choice} & self.held_by_others(tab)

    def held_by_others(self, tab: Tab) -> set[str]:
        living = [each for each in self.leases if each.until > self.now and each.tab.key != tab.key]
        return {sample for each in living for sample in each.spot.sample_ids}

    @rule(tab=TABS, choices=st.lists(SAMPLES, min_size=1, max_size=3), told=st.booleans())
    def take_a_group(self, tab: Tab, choices: list[list[str]], told: bool) -> None:
        self.ask(tab, Ask(f"ask-{next(self.numbers)}", "group", choices), told=told)

    @rule(tab=TABS, samples=SAMPLES, most=st.integers(1, 4), told=st.booleans())
    def take_a_page(self, tab: Tab, samples: list[str], most: int, told: bool) -> None:
        self.ask(tab, Ask(f"ask-{next(self.numbers)}", "page", [samples], most), told=told)

    @rule(tab=TABS)
    def ask_again(self, tab: Tab) -> None:
        if tab in self.last:
            before = next((each for each in self.leases if each.tab.key == tab.key and each.until > self.now), None)
            self.ask(tab, self.last[tab], told=True)
            if before is not None and before.op_id == self.last[tab].op_id:
                assert self.has[tab].spot == before.spot

    @rule(milliseconds=st.integers(0, 2 * LEASE_MS))
    def wait(self, milliseconds: int) -> None:
        self.now += milliseconds

    @invariant()
    def no_sample_is_held_by_two(self) -> None:
        held = [sample for each in self.has.values() if each.until > self.now for sample in each.spot.sample_ids]
        assert len(held) == len(set(held))


TestLeaseMachine = LeaseMachine.TestCase
TestLeaseMachine.settings = settings(max_examples=60)
