"""Who works on a label column: where they look, and what they hold, over all servers that share the labels.

What is given out is kept with the labels, so that every server knows of it. Where people look is kept in this server's
memory, and told to others only where the labels are on a database server: a commit to a file costs milliseconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple, TypeAlias

from tb_tsne_plugin.labels import Database, LabelError, LabelStore
from tb_tsne_plugin.labels.errors import ColumnMissing, LabelsNotStored
from tb_tsne_plugin.labels.leases import LEASE_MS, Ask, Given, Lease, Spot, Tab, give

SEEN_SECONDS = 12.0
"""Since somebody said where they look: pages that are seen say it every three seconds."""
MOST_PEOPLE = 1_000
"""Of a label column."""
READ_SECONDS = 1.0
"""For how long what was read of the store's leases will do."""
SHOW_SECONDS = 5.0
"""Other servers are told where somebody looks no more often than this, and where that stays the same, four times as
seldom."""

_Key: TypeAlias = tuple[str, str]


class Colleague(NamedTuple):
    """Somebody else who works on a label column.

    Attributes:
      tab: Who.
      spot: What they look at.
      holds: Whether its samples are given to nobody else.
    """

    tab: Tab
    spot: Spot
    holds: bool


@dataclass
class _Seen:
    """Where a tab of this server looks, and when it said so, and when others were told."""

    tab: Tab
    spot: Spot
    at: float
    shown: Spot | None = None
    shown_at: float = 0.0


@dataclass
class _Column:
    """What this server knows of one label column."""

    seen: dict[_Key, _Seen] = field(default_factory=dict)
    own: dict[_Key, Lease] = field(default_factory=dict)
    """Leases of a store that cannot be written."""
    leases: tuple[Lease, ...] = ()
    is_known: bool = True
    """Whether these are what the store had when it was last asked; while it cannot be reached, nobody knows."""
    read_at: float = float("-inf")
    ahead: float = 0.0
    """Milliseconds by which the store's clock is ahead of ours."""


class Crew:
    """Everybody who works on the label columns of a log dir. Safe from several threads."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """Begins with nobody.

        Args:
          clock: Seconds since 1970.
        """
        self._clock = clock
        self._lock = Lock()
        self._columns: dict[tuple[Database, str, str], _Column] = {}

    def take(self, store: LabelStore, tab: Tab, ask: Ask) -> Given:
        """Gives out a piece of work.

        A store that cannot be written gives out nothing; then this server does, to those who are here.

        Raises:
          LabelsBusy: If the store cannot be reached, or others write for too long: ask again, under the same name.
        """
        column = self._column(store)
        try:
            given = store.take(tab, ask)
        except LabelsNotStored as error:
            if store.database.path is None and not isinstance(error, ColumnMissing):
                raise  # what is on a server is given out by all servers, or by none
            now = self._now()
            with self._lock:
                given = give([*column.own.values(), *column.leases], tab, ask, now)
                column.own = {key: each for key, each in column.own.items() if each.until > now and key != tab.key}
                if given.lease is not None and len(column.own) < MOST_PEOPLE:
                    column.own[tab.key] = given.lease
            return given
        with self._lock:
            others = [each for each in column.leases if each.tab.key != tab.key]
            column.leases = (*others, *([] if given.lease is None else [given.lease]))
            column.read_at = float("-inf")
        return given

    def here(
        self, store: LabelStore, tab: Tab, spot: Spot, op_id: str | None = None, done: str | None = None
    ) -> tuple[bool, list[Colleague]]:
        """Hears where somebody looks, and tells who else works here.

        Args:
          store: The label column.
          tab: Who.
          spot: What they look at.
          op_id: The name under which they took it; None where they took nothing.
          done: The name of what they give back. What they took since stays theirs, whichever request comes first.

        Returns:
          Whether what they took is still theirs, and everybody else.
        """
        column, now = self._column(store), self._clock()
        with self._lock:
            before = column.seen.pop(tab.key, None)
            seen = column.seen[tab.key] = before or _Seen(tab, spot, now)
            seen.tab, seen.spot, seen.at = tab, spot, now
            column.seen = {key: each for key, each in column.seen.items() if each.at > now - SEEN_SECONDS}
            if len(column.seen) > MOST_PEOPLE:  # whoever was heard of longest ago
                del column.seen[next(iter(column.seen))]
        if done is not None:
            self._quietly(lambda: self._end(store, column, tab, done))
        leases = self._leases(store, column)
        mine = _held_by(leases, tab)
        if op_id is not None and (mine is None or mine.op_id != op_id):  # it may have been taken at another server
            leases = self._leases(store, column, afresh=True)
            mine = _held_by(leases, tab)
        holds = op_id is not None and ((mine is not None and mine.op_id == op_id) or not column.is_known)
        if holds and mine is not None and mine.until - self._now(column) < LEASE_MS / 2:
            holds = self._renewed(store, column, mine)
        elif mine is None and op_id is None and store.database.path is None:
            self._quietly(lambda: self._show(store, seen, now))
        return holds, self._others(column, leases, tab)

    def leave(self, store: LabelStore, tab: Tab) -> None:
        """Somebody has gone: what they held is free."""
        column = self._column(store)
        with self._lock:
            column.seen.pop(tab.key, None)
        self._quietly(lambda: self._end(store, column, tab))

    def _column(self, store: LabelStore) -> _Column:
        with self._lock:
            return self._columns.setdefault((store.database, store.run, store.column), _Column())

    def _now(self, column: _Column | None = None) -> int:
        return int(1000 * self._clock() + (0 if column is None else column.ahead))

    def _leases(self, store: LabelStore, column: _Column, *, afresh: bool = False) -> list[Lease]:
        """What is held now: as the store has it, and of one that cannot be written, as we do."""
        if afresh or not 0 <= self._clock() - column.read_at < READ_SECONDS:
            try:
                asked = self._clock()
                now, leases = store.leases()
            except LabelError:
                column.is_known = False
            else:
                with self._lock:
                    column.leases, column.read_at, column.is_known = tuple(leases), asked, True
                    column.ahead = now - 1000 * asked if now else 0.0
        now = self._now(column)
        with self._lock:
            return [each for each in (*column.leases, *column.own.values()) if each.until > now]

    def _renewed(self, store: LabelStore, column: _Column, mine: Lease) -> bool:
        with self._lock:
            if mine.tab.key in column.own:
                column.own[mine.tab.key] = mine._replace(until=self._now() + LEASE_MS)
                return True
        try:
            return store.renew(mine.tab, mine.op_id)
        except LabelError:
            return True  # asked again in three seconds
        finally:
            column.read_at = float("-inf")

    def _end(self, store: LabelStore, column: _Column, tab: Tab, op_id: str | None = None) -> None:
        def is_meant(lease: Lease) -> bool:
            return lease.tab.key == tab.key and op_id in (None, lease.op_id)

        with self._lock:
            column.own = {key: each for key, each in column.own.items() if not is_meant(each)}
            column.read_at = float("-inf")
        if any(is_meant(each) for each in self._leases(store, column)):
            column.read_at = float("-inf")
            store.give_back(tab, op_id)

    def _show(self, store: LabelStore, seen: _Seen, now: float) -> None:
        every = 4 * SHOW_SECONDS if seen.spot == seen.shown else SHOW_SECONDS
        if now - seen.shown_at >= every:
            seen.shown, seen.shown_at = seen.spot, now
            store.show(seen.tab, seen.spot, int(1000 * (4 * SHOW_SECONDS + 2 * SEEN_SECONDS)))

    def _others(self, column: _Column, leases: list[Lease], tab: Tab) -> list[Colleague]:
        """One for each tab: what it holds, else where it was heard of here, else what another server told."""
        found: dict[_Key, Colleague] = {each.tab.key: Colleague(each.tab, each.spot, each.holds) for each in leases}
        with self._lock:
            for key, seen in column.seen.items():
                if key not in found or not found[key].holds:
                    found[key] = Colleague(seen.tab, seen.spot, holds=False)
        found.pop(tab.key, None)
        return sorted(found.values(), key=lambda each: (each.tab.author, each.tab.key))

    @staticmethod
    def _quietly(do: Callable[[], None]) -> None:
        """What cannot be told the store ends by itself."""
        try:
            do()
        except LabelError:
            return


def _held_by(leases: Iterable[Lease], tab: Tab) -> Lease | None:
    return next((each for each in leases if each.tab.key == tab.key and each.holds), None)
