"""The label store: every edit is on disk before it is answered, happens once, and can be undone."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from tb_tsne_plugin.labels import lease_rows, sql
from tb_tsne_plugin.labels.database import Database
from tb_tsne_plugin.labels.effort import Effort, Labeling, effort_of
from tb_tsne_plugin.labels.errors import ColumnMissing, InvalidEdit, OtherStore, StoreMissing
from tb_tsne_plugin.labels.failures import translated_failures
from tb_tsne_plugin.labels.givers import givers_of
from tb_tsne_plugin.labels.identity import NOT_YET, Place, add_identity, identity_of, name_of, told
from tb_tsne_plugin.labels.leases import LEASE_MS, Ask, Given, Lease, Spot, Tab, give
from tb_tsne_plugin.labels.model import (
    Change,
    ClassAction,
    Edit,
    Giver,
    Head,
    HistoryEntry,
    Look,
    NewClass,
    Operation,
    Person,
    Selection,
    Snapshot,
    State,
)
from tb_tsne_plugin.labels.ratings import Merge, own_labels
from tb_tsne_plugin.labels.readers import LabelColumn, Reader
from tb_tsne_plugin.labels.rules import checked_name
from tb_tsne_plugin.labels.sql import ColumnState, StoredEdit
from tb_tsne_plugin.labels.transaction import Transaction, edit_of
from tb_tsne_plugin.labels.values import check_classes

MAX_HISTORY = 500
DEFAULT_COLUMN = "label"
METADATA = Operation(sql.FIRST_IMPORT, 0, "metadata")
"""The edit that brings in the labels a run came with."""

Value = TypeVar("Value")


def local_author() -> str:
    """Who edits on this machine: its user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "local"


class LabelStore:
    """One label column of one run. Safe from several threads, processes and machines.

    Everything that reads or edits labels raises `OtherRunsLabels` where they are those of another run.
    """

    def __init__(
        self,
        database: Database | Path,
        run: str = "",
        column: str = DEFAULT_COLUMN,
        place: Place | None = None,
        reader: Reader | None = None,
    ) -> None:
        """Names the column; nothing is opened or written yet.

        Args:
          database: Where it is kept; a path is an SQLite file.
          run: The run, in a database that holds several.
          column: Its name.
          place: Where the run's folder is; None where nobody else can have labels here under its name.
          reader: For whom; of a column that they cannot read, everything is as if it were not there. None for whoever
            can read the database itself.
        """
        self.database = Database(database) if isinstance(database, Path) else database
        self.run = run
        self.column = column
        self.place = place
        self.reader = reader

    def sibling(self, column: str, reader: Reader | None) -> LabelStore:
        """Another column of the same run, or the same one for another reader."""
        return LabelStore(self.database, self.run, column, self.place, reader)

    @property
    def exists(self) -> bool:
        """Whether the column was created."""
        return self._read(lambda _connection, _column: True, False)

    @property
    def identity(self) -> str:
        """What tells the run's labels from those of every other store; empty where it has none yet.

        A store of an early schema gets one when it is migrated, by whoever edits or creates it first.

        Raises:
          LabelsBusy, LabelsNotStored: If the store cannot be read.
        """
        try:
            with translated_failures(), self.database.read() as connection:
                return self._told(identity_of(connection, self.run, self.place))
        except StoreMissing:
            return ""

    def create(self, labels: Mapping[str, str], states: Mapping[str, State] | None = None, *, owner: str = "") -> None:
        """Makes the column if there is none, with the labels that a run came with as its first entry.

        Args:
          labels: Class name by sample id.
          states: State by sample id, of those whose state is said.
          owner: Whose column it is to be, a blind one; empty for one that all can read.

        Raises:
          InvalidEdit: If the column's name cannot be one, or is that of another's.
          LabelsBusy, LabelsNotStored: If it cannot be made.
        """
        checked_name(self.column)
        if owner and self.column == DEFAULT_COLUMN:
            raise InvalidEdit(f"The first label column is called {DEFAULT_COLUMN!r}, and is never blind.")
        if not owner and self.head().store and self.database.is_current:  # it is there, and has its identity
            self.database.check_rights()
            return
        self.database.create()
        with translated_failures(), self.database.write() as connection:
            self.database.lock_creation(connection)  # another process may have been first
            if identity_of(connection, self.run, self.place, writes=True) is None:
                add_identity(connection, self.run, self.place)
            there = sql.read_state(connection, self.run, self.column)
            if there is None:
                column = sql.add_column(connection, self.run, self.column, owner)
                Transaction(connection, column, METADATA).import_first(labels, states or {})
            elif not self._can_read(there.column) or (owner and there.column[1:] != (owner, True)):
                raise InvalidEdit("There is a label column of this name already: choose another one.")

    def open_to_all(self) -> None:
        """Lets everybody read a blind column, for good; nothing happens to one that all can read.

        Raises:
          ColumnMissing: If there is no such column, for this reader.
          LabelsBusy, LabelsNotStored: If that cannot be stored.
        """
        with self._leasing() as (connection, column):
            sql.open_column(connection, column.id)

    def columns(self) -> list[str]:
        """The names of the run's label columns, oldest first; none where there is no store."""
        return [each.name for each in self.label_columns()]

    def label_columns(self) -> list[LabelColumn]:
        """The run's label columns that are there for the reader, oldest first; none where there is no store."""
        try:
            with translated_failures(), self.database.read() as connection:
                identity_of(connection, self.run, self.place)
                return self._columns(connection)
        except StoreMissing:
            return []

    def snapshot(self, person: Person | None = None, *, givers: bool = False) -> Snapshot:
        """The labels now; empty where there is no store.

        Args:
          person: Whose edits `can_undo` and `can_redo` are about; None for anybody's.
          givers: Also who gave them, which takes about as long again.

        Returns:
          Labels and classes.

        Raises:
          LabelsBusy, LabelsNotStored: If the store cannot be read.
        """

        def read(connection: Connection, column: ColumnState) -> Snapshot:
            marks = sql.read_all_marks(connection, column.id)
            classes = sql.read_classes(connection, column.id)
            check_classes(marks.values(), classes)
            undo, redo = sql.what_turns(connection, column.id, person)
            columns = self._columns(connection)
            found = _givers(connection, column.id) if givers else None
            return Snapshot(column.revision, marks, classes, undo, redo, self._told_of(column), columns, found)

        return self._read(read, Snapshot(0, {}, [], False, False, givers={} if givers else None))

    def head(self) -> Head:
        """What tells the labels from those at any other time, which is read sooner than they are."""

        def read(connection: Connection, column: ColumnState) -> Head:
            return Head(self._told_of(column), column.revision, self._columns(connection))

        return self._read(read, Head())

    def revision(self) -> int:
        """The number of edits so far."""
        return self._read(lambda _connection, column: column.revision, 0)

    def label_revisions(self) -> dict[str, int]:
        """The edit that gave each labeled sample its label: samples of one edit were labeled together."""
        return self._read(lambda connection, column: sql.read_label_revisions(connection, column.id), {})

    def changes_since(self, revision: int, person: Person | None = None) -> Edit:
        """What changed since a revision, as one edit.

        Args:
          revision: A revision of this store.
          person: As for `snapshot`.

        Returns:
          Mark now of every sample that changed since, and all classes.
        """

        def read(connection: Connection, column: ColumnState) -> Edit:
            # A revision from the future belongs to another store: only everything will do.
            since = revision if revision <= column.revision else 0
            changed = sql.marks_changed_since(connection, column.id, since)
            edit = edit_of(connection, column, person, "changes", changed)
            check_classes(changed.values(), edit.classes)
            return replace(edit, store=self._told_of(column))

        return self._read(read, Edit(0, False, "changes", None, None, {}, [], False, False))

    def history(
        self, limit: int = 50, before: int | None = None, person: Person | None = None, *, author: str | None = None
    ) -> list[HistoryEntry]:
        """The newest entries of the history, newest first.

        Args:
          limit: At most so many.
          before: Only entries before this revision.
          person: Who asks, to be told what is their own.
          author: Only entries of this name.

        Returns:
          The entries.
        """

        def read(connection: Connection, column: ColumnState) -> list[HistoryEntry]:
            stored = sql.read_edits(connection, column.id, min(limit, MAX_HISTORY), before, author)
            undone = sql.undone_among(connection, column.id, [edit.revision for edit in stored])
            return [_entry(edit, edit.revision in undone, person) for edit in stored]

        return self._read(read, [])

    def own_labels(self) -> dict[str, dict[str, str]]:
        """The label that each person gave to each sample last themselves: class name by sample id, by person."""

        def read(connection: Connection, column: ColumnState) -> dict[str, dict[str, str]]:
            names = {info.id: info.name for info in sql.read_classes(connection, column.id)}
            merges = [Merge(*each) for each in sql.read_merges(connection, column.id)]
            makers, undone = sql.read_makers(connection, column.id), sql.undone_among(connection, column.id)
            return own_labels(sql.read_past(connection, column.id), makers, undone, merges, names)

        return self._read(read, {})

    def effort(self, before: int | None = None) -> Effort:
        """What labeling cost so far; with `before`, until that revision."""

        def read(connection: Connection, column: ColumnState) -> Effort:
            return effort_of(sql.read_labelings(connection, column.id, before))

        return self._read(read, Effort())

    def looks(self) -> list[Look]:
        """The pages drawn at random that were stored and are not undone, oldest first."""
        return self._read(lambda connection, column: sql.read_looks(connection, column.id), [])

    def strays_named(self) -> int:
        """How many images were given something else than the page that they were on."""
        return self._read(lambda connection, column: sql.count_strays(connection, column.id), 0)

    def accepted_unseen(self) -> int:
        """How many labels were accepted as suggested, of samples that nobody has seen since."""
        return self._read(lambda connection, column: sql.count_accepted(connection, column.id), 0)

    def planned_import(
        self,
        names: Mapping[str, str | None],
        states: Mapping[str, State] | None = None,
        *,
        only_unlabeled: bool = True,
    ) -> Change:
        """What `import_labels` would change now."""

        def read(connection: Connection, column: ColumnState) -> Change:
            transaction = Transaction(connection, column, METADATA)
            return transaction.planned_import(names, states or {}, only_unlabeled)

        return self._read(read, Change())

    def apply(
        self,
        operation: Operation,
        to: int | NewClass | None,
        sample_ids: Sequence[str],
        *,
        state: State = "labeled",
        only_unlabeled: bool = True,
        selection: Selection | None = None,
    ) -> Edit:
        """Gives samples a class, or none, or sets them aside.

        Args:
          operation: Its name, base and author.
          to: The class's id, or a class to add; None clears, or where they are set aside leaves the class as it is.
          sample_ids: The samples.
          state: `labeled`, `seen` or `verified` with a class; `unsure` or `ignored` without one. A class that a sample
            has already never makes its state less.
          only_unlabeled: Leave alone whatever is anything but unlabeled.
          selection: How they were selected, for the history.

        Returns:
          The edit.

        Raises:
          Conflict: If one of the samples, or the class, changed since `base_revision`.
          ClassExists, InvalidEdit: If there is no such class, a new one cannot have that name, or class and state do
            not go together.
          LabelsBusy, LabelsNotStored: If it cannot be stored; then nothing is.
        """
        return self._edit(operation, lambda edit: edit.apply(to, sample_ids, state, only_unlabeled, selection))

    def change_classes(self, operation: Operation, action: ClassAction) -> Edit:
        """Adds, renames, recolours, moves, merges or deletes a class.

        Args:
          operation: Its name, base and author.
          action: What to do.

        Returns:
          The edit.

        Raises:
          Conflict: If the class changed since `base_revision`.
          ClassExists, InvalidEdit: If the action cannot be done.
          LabelsBusy, LabelsNotStored: If it cannot be stored; then nothing is.
        """
        return self._edit(operation, lambda edit: edit.change_classes(action))

    def undo(self, operation: Operation, revision: int | None = None) -> Edit:
        """Takes back an edit. Samples that others gave something since stay, and are told as `stayed`.

        Args:
          operation: Its name, base and author.
          revision: The edit, whoever made it; None for the author's own last one that is not undone.

        Returns:
          The edit, a new entry of the history.

        Raises:
          Conflict: If there are own edits since `base_revision`, and the last own one is meant.
          InvalidEdit: If there is no such revision, or it is an undo or redo itself, or what the run came with.
          NothingToUndo: If nothing is left, or it is undone already.
          LabelsBusy, LabelsNotStored: If it cannot be stored; then nothing is.
        """
        return self._edit(operation, lambda edit: edit.undo(revision))

    def redo(self, operation: Operation, revision: int | None = None) -> Edit:
        """Makes an edit again that was undone: the one that the author undid last, or another; else as `undo`."""
        return self._edit(operation, lambda edit: edit.redo(revision))

    def restore(self, operation: Operation, revision: int) -> Edit:
        """Makes labels and classes as they were at a revision; otherwise as `undo`, and can itself be undone.

        Args:
          operation: Its name, base (which must be the current revision) and author.
          revision: An earlier revision.

        Returns:
          The edit.

        Raises:
          Conflict: If there are edits since `base_revision`.
          InvalidEdit: If there is no such revision.
          LabelsBusy, LabelsNotStored: If it cannot be stored; then nothing is.
        """
        return self._edit(operation, lambda edit: edit.restore(revision))

    def import_labels(
        self,
        operation: Operation,
        names: Mapping[str, str | None],
        states: Mapping[str, State] | None = None,
        *,
        only_unlabeled: bool = True,
        many_classes: bool = False,
        source: str,
    ) -> Edit:
        """Brings in labels by class name, as one edit; names that are new become classes.

        Args:
          operation: Its name, base (which must be the current revision) and author.
          names: Class name by sample id; None clears.
          states: State by sample id, of those whose state is said.
          only_unlabeled: Leave alone whatever is anything but unlabeled.
          many_classes: Whether very many new classes are meant.
          source: What they come from, for the history.

        Returns:
          The edit.

        Raises:
          Conflict: If there are edits since `base_revision`.
          ManyClasses: If it would make very many classes, and that is not said to be meant.
          LabelsBusy, LabelsNotStored: If it cannot be stored; then nothing is.
        """
        return self._edit(
            operation, lambda edit: edit.import_labels(names, states or {}, only_unlabeled, many_classes, source)
        )

    def leases(self) -> tuple[int, list[Lease]]:
        """What everybody is at, and the time by the clock that it is timed by; nothing where there is no store."""

        def read(connection: Connection, column: ColumnState) -> tuple[int, list[Lease]]:
            now = lease_rows.now(connection)
            return now, lease_rows.read_leases(connection, column.id, now)

        nobody: list[Lease] = []
        return self._read(read, (0, nobody))

    def take(self, tab: Tab, ask: Ask) -> Given:
        """Gives out a piece of work, if others hold none of it; in place of what the tab had before.

        Args:
          tab: Who asks.
          ask: What for; of what changed since they saw it, nothing is given.

        Raises:
          LabelsBusy, LabelsNotStored: If it cannot be stored; then nothing is given.
        """
        with self._leasing() as (connection, column):
            if ask.seen is not None and ask.seen < column.revision:
                # Somebody did some of it, and gave it back, before whoever asks could hear of that.
                ask = ask.without(sql.marks_changed_since(connection, column.id, ask.seen))
            now = lease_rows.now(connection)  # under the lock: whoever waited for it is not behind
            given = give(lease_rows.read_leases(connection, column.id, now), tab, ask, now)
            if given.lease is None:
                lease_rows.end_lease(connection, column.id, tab)
            else:
                lease_rows.write_lease(connection, column.id, given.lease, now)
            return given

    def renew(self, tab: Tab, op_id: str) -> bool:
        """Holds on to what was given under a name; False where it ran out, or was given back."""
        with self._leasing() as (connection, column):
            now = lease_rows.now(connection)
            return lease_rows.renew_lease(connection, column.id, tab, op_id, now, now + LEASE_MS)

    def give_back(self, tab: Tab, op_id: str | None = None) -> None:
        """Ends what a tab has; with a name, only what was given under it."""
        with self._leasing() as (connection, column):
            lease_rows.end_lease(connection, column.id, tab, op_id)

    def show(self, tab: Tab, spot: Spot, milliseconds: int) -> None:
        """Lets other servers know where somebody looks who holds nothing; what they took just now stays theirs."""
        with self._leasing() as (connection, column):
            now = lease_rows.now(connection)
            living = lease_rows.read_leases(connection, column.id, now)
            if not any(each.holds and each.tab.key == tab.key for each in living):
                lease_rows.write_lease(connection, column.id, Lease(tab, "", spot, now + milliseconds), now)

    @contextmanager
    def _leasing(self) -> Iterator[tuple[Connection, ColumnState]]:
        """A transaction that holds the column's write lock; to work on a run's labels claims no place for it."""
        with translated_failures(), self.database.write() as connection:
            column = self._state(connection, lock=True)
            identity_of(connection, self.run, self.place, column)
            if column is None:
                raise ColumnMissing
            yield connection, column

    def _edit(self, operation: Operation, make: Callable[[Transaction], Edit]) -> Edit:
        try:
            with translated_failures(), self.database.write() as connection:
                column = self._state(connection, lock=True)
                identity = self._told(identity_of(connection, self.run, self.place, column, writes=True))
                if operation.store is not None and (not identity or operation.store != identity):
                    raise OtherStore
                if column is None:
                    raise ColumnMissing
                transaction = Transaction(connection, column, operation)
                edit = transaction.repeated()
                if edit is None:
                    transaction.must_have_been_seen()
                    edit = make(transaction)
                return replace(edit, store=identity)
        except StoreMissing:
            raise ColumnMissing if operation.store is None else OtherStore from None

    def _read(self, read: Callable[[Connection, ColumnState], Value], empty: Value) -> Value:
        try:
            with translated_failures(), self.database.read() as connection:
                column = self._state(connection)
                identity_of(connection, self.run, self.place, column)
                return empty if column is None else read(connection, column)
        except StoreMissing:
            return empty

    def _told_of(self, column: ColumnState) -> str:
        return self._told(None if column.run is None else column.run.identity)

    def _told(self, identity: str | None) -> str:
        return "" if identity in (None, NOT_YET) else told(identity, self.database.path)

    def _state(self, connection: Connection, *, lock: bool = False) -> ColumnState | None:
        found = sql.read_state(connection, self.run, self.column, name_of(self.place), lock=lock)
        return found if found is not None and self._can_read(found.column) else None

    def _columns(self, connection: Connection) -> list[LabelColumn]:
        return [each for each in sql.read_columns(connection, self.run) if self._can_read(each)]

    def _can_read(self, column: LabelColumn) -> bool:
        return self.reader is None or self.reader.can_read(column.owner, is_blind=column.is_blind)


def _givers(connection: Connection, column_id: int) -> dict[str, Giver]:
    newest = sql.read_label_revisions(connection, column_id) | sql.read_aside_revisions(connection, column_id)
    makers, undone = sql.read_makers(connection, column_id), sql.undone_among(connection, column_id)
    return givers_of(newest, makers, undone, lambda: sql.read_past(connection, column_id))


def _entry(edit: StoredEdit, undone: bool, person: Person | None) -> HistoryEntry:
    labeling = Labeling(edit.selection, edit.count, edit.class_id)
    cost = (labeling.actions, labeling.labels) if edit.kind == "apply" else (0, 0)
    return HistoryEntry(
        edit.revision,
        edit.kind,
        edit.time,
        edit.author,
        edit.summary,
        edit.class_id,
        edit.count,
        edit.target,
        undone,
        edit.selection,
        *cost,
        own=person is not None and person.made(edit.author, edit.client),
        yours=sum(count for whose, count in edit.touched if person is not None and person.made(*whose)),
    )
