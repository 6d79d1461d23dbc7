"""The label store: every edit is on disk before it is answered, happens once, and can be undone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, inspect, select

from tb_tsne_plugin.labels import tables
from tb_tsne_plugin.labels.class_actions import ACTIONS, Before
from tb_tsne_plugin.labels.edits import Change, Edit, HistoryEntry, LabelChange, Snapshot
from tb_tsne_plugin.labels.errors import Conflict, InvalidEdit, LabelsNotStored, NothingToUndo
from tb_tsne_plugin.labels.failures import translated_failures
from tb_tsne_plugin.labels.imports import import_change
from tb_tsne_plugin.labels.schema import SCHEMA_VERSION, about, edits, metadata, sqlite_engine

STORE_NAME = "labels.sqlite"
MAX_HISTORY = 500


class Operation(NamedTuple):
    """What every edit carries.

    Attributes:
      op_id: Its name; the same name twice acts once.
      base_revision: The revision that its author had seen.
      author: Who.
    """

    op_id: str
    base_revision: int
    author: str


class LabelStore:
    """The labels of one run, in one SQLite file. Safe from several threads, processes and machines."""

    def __init__(self, path: Path) -> None:
        """Names the file; nothing is opened or written yet.

        Args:
          path: The database file.
        """
        self.path = path
        self._engine = sqlite_engine(path)

    def create(self, labels: Mapping[str, str]) -> None:
        """Makes the store if there is none, with the labels that a run came with as its first entry.

        Args:
          labels: Class name by sample id.

        Raises:
          LabelsBusy, LabelsNotStored: If it cannot be made.
        """
        if self._exists():
            return
        with translated_failures():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._write() as connection:
                # Another process may have been first: the write lock decides.
                if inspect(connection).has_table(about.name):
                    return
                metadata.create_all(connection)
                connection.execute(insert(about).values(key="schema_version", value=str(SCHEMA_VERSION)))
                if labels:
                    _append_import(connection, labels)

    def snapshot(self) -> Snapshot:
        """The labels now; empty where there is no store.

        Raises:
          LabelsBusy, LabelsNotStored: If the store cannot be read.
        """
        with self._read() as connection:
            if connection is None:
                return Snapshot(0, {}, [], False, False)
            state = tables.read_undo_state(connection)
            return Snapshot(
                tables.current_revision(connection),
                tables.read_all_labels(connection),
                tables.read_classes(connection),
                bool(state.undoable),
                bool(state.redoable),
            )

    def revision(self) -> int:
        """The number of edits so far."""
        with self._read() as connection:
            return 0 if connection is None else tables.current_revision(connection)

    def changes_since(self, revision: int) -> Edit:
        """What changed since a revision, as one edit.

        Args:
          revision: A revision of this store.

        Returns:
          Class now of every sample that changed since, and all classes.
        """
        with self._read() as connection:
            if connection is None:
                return Edit(0, False, "changes", None, {}, [], False, False)
            now = tables.current_revision(connection)
            # A revision from the future belongs to another store: only everything will do.
            since = revision if revision <= now else -1
            return _edit(connection, now, "changes", None, tables.labels_changed_since(connection, since))

    def history(self, limit: int = 50, before: int | None = None) -> list[HistoryEntry]:
        """The newest entries of the history, newest first.

        Args:
          limit: At most so many.
          before: Only entries before this revision.

        Returns:
          The entries.
        """
        with self._read() as connection:
            if connection is None:
                return []
            undone = tables.read_undo_state(connection).undone
            query = select(edits).order_by(edits.c.revision.desc()).limit(min(limit, MAX_HISTORY))
            if before is not None:
                query = query.where(edits.c.revision < before)
            return [_entry(row, row.revision in undone) for row in connection.execute(query)]

    def apply(
        self,
        operation: Operation,
        class_id: int | None,
        sample_ids: Sequence[str],
        *,
        only_unlabeled: bool = True,
        selection: dict[str, Any] | None = None,
    ) -> Edit:
        """Gives samples a class, or none.

        Args:
          operation: Its name, base and author.
          class_id: The class; None clears.
          sample_ids: The samples.
          only_unlabeled: Leave labelled samples as they are.
          selection: How they were selected, for the history.

        Returns:
          The edit.

        Raises:
          Conflict: If one of the samples changed since `base_revision`.
          InvalidEdit: If there is no such class.
          LabelsBusy, LabelsNotStored: If it cannot be stored; then nothing is.
        """
        with self._edit(operation) as (connection, repeated):
            if repeated is not None:
                return repeated
            name = _class_name(connection, class_id, operation.base_revision)
            known = tables.read_labels_of(connection, sample_ids)
            late = {key: now for key, (now, revision) in known.items() if revision > operation.base_revision}
            if late:
                raise _conflict(connection, operation.base_revision, f"{_images(len(late))} changed", late)
            changes = []
            for sample_id in dict.fromkeys(sample_ids):
                before = known.get(sample_id, (None, 0))[0]
                if before != class_id and not (only_unlabeled and before is not None):
                    changes.append(LabelChange(sample_id, before, class_id))
            if not changes:  # nothing to keep, nothing to undo
                return _edit(connection, tables.current_revision(connection), "apply", None, {})
            summary = f"{_images(len(changes))} " + ("cleared" if name is None else f"labelled {name}")
            entry = {"kind": "apply", "summary": summary, "class_id": class_id, "selection": selection}
            return _store(connection, operation, Change(tuple(changes)), entry)

    def change_classes(self, operation: Operation, action: str, arguments: dict[str, Any]) -> Edit:
        """Adds, renames, recolours, moves, merges or deletes a class.

        Args:
          operation: Its name, base and author.
          action: One of `ACTIONS`.
          arguments: What the action needs (docs/http_api.md).

        Returns:
          The edit.

        Raises:
          Conflict: If the class changed since `base_revision`.
          ClassExists, InvalidEdit: If the action cannot be done.
          LabelsBusy, LabelsNotStored: If it cannot be stored; then nothing is.
        """
        if action not in ACTIONS:
            raise InvalidEdit(f"There is no class action {action!r}; there are {', '.join(ACTIONS)}.")
        with self._edit(operation) as (connection, repeated):
            if repeated is not None:
                return repeated
            present = tables.read_classes(connection)
            before = Before(
                present,
                tables.next_class_id(connection),
                lambda class_id: tables.samples_of_class(connection, class_id),
            )
            done = ACTIONS[action](before, arguments)
            for class_id in {change.class_id for change in done.change.classes if change.before is not None}:
                _class_name(connection, class_id, operation.base_revision)
            entry = {"kind": action, "summary": done.summary, "class_id": done.class_id}
            return _store(connection, operation, done.change, entry)

    def undo(self, operation: Operation) -> Edit:
        """Takes back the last edit that is not undone.

        Args:
          operation: Its name, base (which must be the current revision) and author.

        Returns:
          The edit, a new entry of the history.

        Raises:
          Conflict: If there are edits since `base_revision`.
          NothingToUndo: If nothing is left.
          LabelsBusy, LabelsNotStored: If it cannot be stored; then nothing is.
        """
        return self._undo_or_redo(operation, "undo")

    def redo(self, operation: Operation) -> Edit:
        """Makes the edit that was undone last again; otherwise as `undo`."""
        return self._undo_or_redo(operation, "redo")

    def _undo_or_redo(self, operation: Operation, kind: str) -> Edit:
        with self._edit(operation) as (connection, repeated):
            if repeated is not None:
                return repeated
            if tables.current_revision(connection) != operation.base_revision:
                raise _conflict(connection, operation.base_revision, "The labels changed")
            state = tables.read_undo_state(connection)
            targets = state.undoable if kind == "undo" else state.redoable
            if not targets:
                raise NothingToUndo(kind)
            target = targets[-1]
            change = tables.read_change(connection, target)
            about_edit = connection.execute(select(edits).where(edits.c.revision == target)).one()
            entry = {
                "kind": kind,
                "target": target,
                "summary": f"{'undone' if kind == 'undo' else 'redone'}: {about_edit.summary}",
                "class_id": about_edit.class_id,
            }
            return _store(connection, operation, change.inverse() if kind == "undo" else change, entry)

    @contextmanager
    def _edit(self, operation: Operation) -> Iterator[tuple[Connection, Edit | None]]:
        """A transaction with the write lock, and the edit itself where it was stored before."""
        if not self._exists():
            raise LabelsNotStored("The label store is gone; reload the page.")
        with translated_failures(), self._write() as connection:
            stored = tables.find_op(connection, operation.op_id)
            repeated = None
            if stored is not None:
                after = tables.read_change(connection, stored.revision).after
                repeated = _edit(connection, stored.revision, stored.kind, stored.target, after, repeated=True)
            yield connection, repeated

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._engine.connect().execution_options(write=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def _read(self) -> Iterator[Connection | None]:
        if not self._exists():  # connecting would make an empty file
            yield None
            return
        with translated_failures(), self._engine.connect() as connection, connection.begin():
            yield connection

    def _exists(self) -> bool:
        return self.path.exists() and self.path.stat().st_size > 0


def _store(connection: Connection, operation: Operation, change: Change, entry: dict[str, Any]) -> Edit:
    revision = tables.current_revision(connection) + 1
    selection = entry.get("selection")
    columns = {
        "target": None,
        **entry,
        "selection": None if selection is None else json.dumps(selection),
        "op_id": operation.op_id,
        "author": operation.author,
        "time": datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    tables.append(connection, revision, change, columns)
    return _edit(connection, revision, columns["kind"], columns["target"], change.after)


def _edit(
    connection: Connection,
    revision: int,
    kind: str,
    target: int | None,
    changes: dict[str, int | None],
    *,
    repeated: bool = False,
) -> Edit:
    state = tables.read_undo_state(connection)
    present = tables.read_classes(connection)
    return Edit(revision, repeated, kind, target, changes, present, bool(state.undoable), bool(state.redoable))


def _entry(row: Any, undone: bool) -> HistoryEntry:
    selection = None if row.selection is None else json.loads(row.selection)
    return HistoryEntry(
        row.revision,
        row.kind,
        row.time,
        row.author,
        row.summary,
        row.class_id,
        row.count,
        row.target,
        undone,
        selection,
    )


def _class_name(connection: Connection, class_id: int | None, base_revision: int) -> str | None:
    """The name of a class that must be as its author saw it."""
    if class_id is None:
        return None
    name = next((info.name for info in tables.read_classes(connection) if info.id == class_id), None)
    if name is None:
        if class_id < tables.next_class_id(connection):
            raise _conflict(connection, base_revision, "The class was deleted")
        raise InvalidEdit(f"There is no class with the id {class_id!r}.")
    if tables.class_revision(connection, class_id) > base_revision:
        raise _conflict(connection, base_revision, f"The class {name} changed")
    return name


def _conflict(
    connection: Connection, base_revision: int, what: str, changes: Mapping[str, int | None] | None = None
) -> Conflict:
    revision = tables.current_revision(connection)
    details = {"revision": revision, "changes": [] if changes is None else [list(item) for item in changes.items()]}
    return Conflict(f"{what} elsewhere since revision {base_revision}; look at the new state and try again.", details)


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count:,} images"


def _append_import(connection: Connection, labels: Mapping[str, str]) -> None:
    """The labels a run came with, as the first entry."""
    change = import_change(labels)
    operation = Operation("import-metadata", 0, "metadata")
    summary = f"{_images(len(change.labels))} labelled in the metadata"
    _store(connection, operation, change, {"kind": "import", "summary": summary, "class_id": None})
